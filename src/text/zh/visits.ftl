# 入企检查和对日程的查看。

not-found_visit = 没有入企检查“{ $id }”。
out-of-range_span = { $first } 至 { $last } 的跨度应当在 0 至 { $most } 天之间。
