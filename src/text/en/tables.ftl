# JSON, CSV and Excel: what cannot be read, and the fields and cells of what can.

not-json = This is not JSON: { $error }.
too-deep = This is nested too deeply (line { $line }, column { $column }).
too-many-values = This is too much at once, send it in parts: more than { $most } values by line { $line }, column { $column }.
not-utf-8 = This is not UTF-8 from byte { $byte } on; save it as UTF-8.
not-toml = This is not TOML: { $error } (line { $line }).

wrong-type = "{ $field }" should be { $wanted }, not { $found }.
wrong-type_here = This should be { $wanted }, not { $found }.
value_null = null
value_truth = a truth value
value_whole = a whole number
value_decimal = a decimal
value_number = a number
value_text = a text
value_list = a list
value_object = an object
value_true-or-false = true or false
value_day = a day (YYYY-MM-DD)
value_degrees = decimal degrees, such as 118.123456
value_one-of = one of { $known }
value_quoted = "{ $text }"

missing-field = The field "{ $field }" is required.
missing-field_beside = "{ $other }" needs "{ $field }" beside it.
duplicate-field = The field "{ $field }" is here twice; keep one.
unknown-field = No field is called "{ $field }" here; remove or rename it.
unknown-value = "{ $found }" is none of: { $known }.
duplicate = "{ $found }" is here twice; keep one.
too-many = "{ $field }" has { $count } elements; at most { $most } are taken.
blank = "{ $field }" is blank; write something.
too-long = "{ $field }" is longer than { $most } characters; shorten it.
bad-text = "{ $field }" has control characters; remove them.
bad-text_nul = "{ $field }" has a NUL; remove it.
bad-text_here = This text is longer than { $most } characters, or has a NUL.
bad-id = "{ $field }" is "{ $found }"; it should be 1 to { $most } letters (a to z), digits, "-", "_", "." or ":".
bad-id_reference = "{ $field }" is "{ $found }"; it should be 1 to { $most } letters or digits of any script, brackets, "-", "_", ".", "·", "/" or ":", without blanks.
bad-id_qualification = "{ $field }" is "{ $found }"; it should be 1 to { $most } letters or digits of any script, brackets, "-", "_", ".", "·", "/" or ":", without blanks.
out-of-range = "{ $field }" is { $value }; it should be { $least } to { $most }.
out-of-range_above = { $value } is more than { $most }.
negative = { $value } is below 0.
not-a-whole-number = { $value } is not written as a whole number in range.
share-too-fine = { $value } has more than four decimals; round it.
not-a-date = "{ $found }" is not a day of the form YYYY-MM-DD.
day-out-of-range = { $day } should be a day from { $first } to { $last }.

file-too-large = The file is larger than { $most } MiB; split it.
empty-file = The file is empty; start from a template.
bad-encoding = The file is neither UTF-8 nor GB18030; save it as "CSV UTF-8".
not-csv = This is not CSV: { $error }.
old-workbook = This is a workbook of the old form (.xls), or one with a password; save it as .xlsx without a password.
not-a-workbook = The workbook cannot be read ({ $error }); open it in Excel and save it anew.
not-a-workbook_contradictory = The workbook cannot be read: its parts contradict each other. Open it in Excel and save it anew.
not-a-workbook_no-sheet = The workbook cannot be read: it has no sheet. Open it in Excel and save it anew.
not-a-workbook_out-of-order = The workbook cannot be read: its rows are out of order. Open it in Excel and save it anew.
not-a-workbook_not-utf-8 = The workbook cannot be read: its texts are not in UTF-8. Open it in Excel and save it anew.
too-many-parts = The workbook has more than { $most } parts; save its first sheet alone.
too-many-texts = The workbook has more than { $most } different texts, or says so; split it, or save it as CSV.
unpacks-too-large = The workbook unpacks to more than { $most } MiB, or to far more than it is, or one of its parts to more than { $part_most } MiB; split it, or save it as CSV.
too-many-columns = Line { $line } has more than { $most } columns.
too-many-rows = The file has more than { $most } rows; split it.
cell-too-long = Line { $line }, column { $column }: the cell is longer than { $most } bytes; shorten it. In a CSV file a quote may be open.
table-too-large = Up to line { $line } the file has more than { $cells } cells, or more than { $mebibytes } MiB of text; split it.
table-too-large_empty-cells = The workbook has very many cells, most of them empty; remove those, split it, or save it as CSV.

unknown-column = No column of "{ $what }" is called "{ $found }"; remove or rename it. There are: { $known }.
duplicate-column = The column "{ $found }" is in the file twice; keep one.
missing-column = The column "{ $zh }" ({ $en }) is missing; add it.
too-many-cells = The row has { $count } cells, the header { $columns }; there may be a comma in a text without quotes.
mend = { $column }: { $what } [{ $code }]
mend_row = { $what } [{ $code }]

column = { $need }: { $form }
column_required = Required
column_optional = Optional
column_text = text
column_whole = whole number
column_degrees = decimal number
column_day = day, like 2026-03-02
column_truth = yes or no
column_choice = choose from the list
column_list = several values, separated by semicolons
column_day-minutes = day=minutes, separated by semicolons
drop-down = Choose from the list
drop-down_only = This column takes the values of its list only.
