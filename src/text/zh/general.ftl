# 各项操作都可能给出的答复。

invalid = 提交的内容有 { $defects } 处错误。
refused-by-rules = 不符合当地规则（{ $pack }）；每条结论都写明所依据的规则，以及怎样才能通过。
finding = { $what }（{ $rule }：{ $document }，{ $place }）。
if-match-missing = 请说明要修改哪个版本：把它的 ETag 放在 If-Match 里一并发送。
version-changed = 您读取之后已有人修改，现在是第 { $current } 版。请重新读取。
taken = 这个编号已经有了，请换一个。
broken-reference = 引用的对象不存在，或者还有别的对象引用它。
storage-full = 服务器存储空间已满。什么都没有改动；腾出空间后请再试。
database-unavailable = 数据库暂时不可用。什么都没有改动，请稍后再试。
outcome-unknown = 数据库在最后一刻断开，是否已保存尚不清楚：请查看一下，或者用同一个幂等键或引用号再次发送，只会办理一次。
file-unfinished = 文件已接收，但数据库暂时不可用。其余部分在数据库恢复后立即办理；再次发送时，有引用号的行不会重复办理。
internal = 服务器内部出错，详情见服务器日志。
calendar-year-unknown = { $year } 年的节假日安排未知；请把期间的结束日提前，或者用 --calendar FILE 启动服务器。

out-of-range_limit = “limit”是 { $found }，须为 1 至 { $most }。
bad-cursor = “cursor”须为上一页的“next”。

file-unreadable = { $path }：无法读取：{ $cause }
file-unwritable = { $path }：无法写入：{ $cause }
file-defective = { $path }：有 { $defects } 处错误；用“{ $command }”列出。
file-cause_not-found = 没有这个文件或文件夹
file-cause_no-permission = 没有权限
file-cause_folder = 这是一个文件夹
file-cause_no-folder = 路径中有一段不是文件夹
file-cause_full = 磁盘空间已满
file-cause_read-only = 文件系统是只读的
too-large_text-file = 文件有 { $found } 字节，最多 { $most } 字节。
