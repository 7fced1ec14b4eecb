# JSON、CSV 和 Excel：读不了的内容，以及各字段、各单元格的缺陷。

not-json = 这不是 JSON：第 { $line } 行第 { $column } 列有误。
too-deep = 嵌套层数过多（第 { $line } 行第 { $column } 列）。
too-many-values = 一次提交的内容过多，请分批提交：到第 { $line } 行第 { $column } 列已超过 { $most } 个值。
not-utf-8 = 从第 { $byte } 个字节起不是 UTF-8；请保存为 UTF-8。
not-toml = 这不是 TOML：第 { $line } 行有误（{ $error }）。

wrong-type = “{ $field }”应为{ $wanted }，而不是{ $found }。
wrong-type_here = 这里应为{ $wanted }，而不是{ $found }。
value_null = 空值（null）
value_truth = 逻辑值
value_whole = 整数
value_decimal = 小数
value_number = 数字
value_text = 文本
value_list = 列表
value_object = 对象
value_true-or-false = 逻辑值（true 或 false）
value_day = 日期（YYYY-MM-DD）
value_degrees = 十进制度数，如 118.123456
value_one-of = 下列之一：{ $known }
value_quoted = “{ $text }”

missing-field = “{ $field }”为必填项。
missing-field_beside = 填写“{ $other }”时，须同时填写“{ $field }”。
duplicate-field = 字段“{ $field }”出现两次，请只保留一个。
unknown-field = 这里没有名为“{ $field }”的字段；请删除或改名。
unknown-value = “{ $found }”不在可填的值之中；可填：{ $known }。
duplicate = “{ $found }”出现两次，请只保留一个。
too-many = “{ $field }”有 { $count } 项，最多 { $most } 项。
blank = “{ $field }”是空白，请填写内容。
too-long = “{ $field }”超过 { $most } 个字符，请缩短。
bad-text = “{ $field }”含有控制字符，请删除。
bad-text_nul = “{ $field }”含有空字符（NUL），请删除。
bad-text_here = 这段文本超过 { $most } 个字符，或者含有空字符（NUL）。
bad-id = “{ $field }”是“{ $found }”；应为 1 至 { $most } 个字符，只能用英文字母、数字和 - _ . :。
bad-id_reference = “{ $field }”是“{ $found }”；应为 1 至 { $most } 个字符，可用文字、数字、括号和 - _ . · 、/ :，不能有空格。
bad-id_qualification = “{ $field }”是“{ $found }”；应为 1 至 { $most } 个字符，可用文字、数字、括号和 - _ . · / :，不能有空格。
out-of-range = “{ $field }”是 { $value }；应为 { $least } 至 { $most }。
out-of-range_above = { $value } 超过上限 { $most }。
negative = { $value } 小于 0。
not-a-whole-number = { $value } 不是范围内的整数；请写成整数。
share-too-fine = { $value } 的小数超过四位，请四舍五入。
not-a-date = “{ $found }”不是日期；请写成 YYYY-MM-DD，如 2026-03-02。
day-out-of-range = { $day } 超出范围；日期应为 { $first } 至 { $last }。

file-too-large = 文件超过 { $most } MiB，请拆分。
empty-file = 文件是空的；请从模板开始填写。
bad-encoding = 文件既不是 UTF-8 也不是 GB18030；请另存为“CSV UTF-8”。
not-csv = 这不是 CSV：{ $error }。
old-workbook = 这是旧格式的工作簿（.xls），或者带有密码；请不带密码另存为 .xlsx。
not-a-workbook = 工作簿无法读取（{ $error }）；请用 Excel 打开后重新保存。
not-a-workbook_contradictory = 工作簿无法读取：各部分互相矛盾。请用 Excel 打开后重新保存。
not-a-workbook_no-sheet = 工作簿无法读取：没有工作表。请用 Excel 打开后重新保存。
not-a-workbook_out-of-order = 工作簿无法读取：各行次序错乱。请用 Excel 打开后重新保存。
not-a-workbook_not-utf-8 = 工作簿无法读取：其中的文本不是 UTF-8。请用 Excel 打开后重新保存。
too-many-parts = 工作簿的组成部分超过 { $most } 个；请只保存第一张工作表。
too-many-texts = 工作簿中不同的文本超过 { $most } 个，或者如此声称；请拆分，或者另存为 CSV。
unpacks-too-large = 工作簿解压后超过 { $most } MiB，或者远大于文件本身，或者其中一部分超过 { $part_most } MiB；请拆分，或者另存为 CSV。
too-many-columns = 第 { $line } 行超过 { $most } 列。
too-many-rows = 文件超过 { $most } 行，请拆分。
cell-too-long = 第 { $line } 行第 { $column } 列：单元格超过 { $most } 个字节，请缩短。CSV 文件中可能有未闭合的引号。
table-too-large = 到第 { $line } 行，文件已超过 { $cells } 个单元格，或者文本超过 { $mebibytes } MiB；请拆分。
table-too-large_empty-cells = 工作簿的单元格过多，大多是空的；请删除空单元格、拆分，或者另存为 CSV。

unknown-column = 没有名为“{ $found }”的列；请删除或改名。可用的列：{ $known }。
duplicate-column = 列“{ $found }”在文件中出现两次，请只保留一列。
missing-column = 缺少列“{ $zh }”（{ $en }），请补上。
too-many-cells = 这一行有 { $count } 个单元格，表头只有 { $columns } 个；可能有文本含逗号而没有加引号。
mend = { $column }：{ $what }[{ $code }]
mend_row = { $what }[{ $code }]

column = { $need }：{ $form }
column_required = 必填
column_optional = 选填
column_text = 文本
column_whole = 整数
column_degrees = 小数
column_day = 日期，如 2026-03-02
column_truth = 是或否
column_choice = 从列表中选择
column_list = 多个值以分号分隔
column_day-minutes = 日期=分钟，以分号分隔
drop-down = 请从列表中选择
drop-down_only = 该列只接受下拉列表中的值。
