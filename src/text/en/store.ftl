# The database and its files.

bad-address = a path to an SQLite file, or postgres://user@host/database
database-too-new = The database has migrations that this version does not know ({ $version }); use a newer one.
database-damaged = The file is no database of this program, or it is damaged.
database-failed = The database did not do what was asked.
backup-refused_own-file = A database cannot be its own backup; choose another file.
backup-refused_in-use = { $log } shows that the target is a database in use; choose another file.
not-a-backup = { $file } is no backup.
path-not-utf-8 = { $path }: the path is not UTF-8; choose another.
