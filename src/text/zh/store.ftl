# 数据库及其文件。

bad-address = 应为 SQLite 文件的路径，或 postgres://user@host/database
database-too-new = 数据库由更新版本的程序建立（含有本版本不认识的升级步骤 { $version }）；请使用更新的版本
database-damaged = 文件不是本程序的数据库，或者已经损坏
database-failed = 数据库没有完成所要求的操作
backup-refused_own-file = 数据库不能备份到自己的文件；请另选一个文件
backup-refused_in-use = { $log } 表明目标是正在使用的数据库；请另选一个文件
not-a-backup = { $file } 不是备份
path-not-utf-8 = { $path }：路径不是 UTF-8，请改名
