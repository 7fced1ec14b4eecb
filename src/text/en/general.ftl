# What any use case may answer.

invalid = { $defects ->
    [one] The input has { $defects } defect.
   *[other] The input has { $defects } defects.
}
refused-by-rules = The law of the place ({ $pack }) refuses it; each finding names its rule and what would do.
finding = { $what } ({ $rule }: { $document }, { $place }).
if-match-missing = Say which version you change: send its ETag as If-Match.
version-changed = Somebody changed it since you read it: it is now version { $current }. Read it again.
taken = Something with this id exists already; choose another.
broken-reference = It names something that does not exist, or something else still names it.
storage-full = The server's storage is full. Nothing was changed; try again when there is room.
database-unavailable = The database is not available at the moment. Nothing was changed; try again soon.
outcome-unknown = The database went away at the last moment. Whether it has kept this is not known: look, or send it again under the same key or reference, which does it once.
file-unfinished = The file was accepted, but the database is not available at the moment. What is missing of it is filed as soon as the database is back; sent again, it changes nothing where its rows have references.
internal = Something went wrong inside the server; its log says more.
calendar-year-unknown = The holidays of { $year } are not known; end the horizon earlier, or start the server with --calendar FILE.

out-of-range_limit = "limit" is { $found }; it should be 1 to { $most }.
bad-cursor = "cursor" should be the last page's "next".

file-unreadable = { $path }: cannot be read: { $cause }
file-unwritable = { $path }: cannot be written: { $cause }
file-defective = { $defects ->
    [one] { $path }: { $defects } defect; `{ $command }` lists it.
   *[other] { $path }: { $defects } defects; `{ $command }` lists them.
}
file-cause_not-found = No such file or folder
file-cause_no-permission = Permission denied
file-cause_folder = Is a folder
file-cause_no-folder = A part of the path is no folder
file-cause_full = No space left
file-cause_read-only = The file system is read-only
too-large_text-file = The file has { $found } bytes; it has at most { $most }.
