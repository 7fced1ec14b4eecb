# 接口和命令行。

no-such-route = 这个地址没有内容；请查看 /docs/。
method-not-allowed = 这个地址不支持这种方法；请查看 /docs/。
bad-request = 请求无法读取。
error = 请求没有得到答复。

bad-query = 查询参数“{ $parameter }”不能是“{ $value }”；可用的取值见 /docs/。
bad-query_unknown = 这个地址没有查询参数“{ $parameter }”；可用的参数：{ $known }。
bad-query_missing = 缺少查询参数“{ $parameter }”；其取值见 /docs/。
bad-query_twice = 查询参数“{ $parameter }”写了两次；请只写一次。
bad-idempotency-key = Idempotency-Key 须为 1 至 { $most } 个可见的 ASCII 字符，例如 UUID。
bad-if-match = If-Match 是“{ $found }”；须为一个原样的 ETag，连同引号，例如 "v3"。
id-differs = 正文中的编号“{ $body }”与地址中的“{ $address }”不同；请改为一致。
not-found_policy = 没有第“{ $version }”版政策。
not-found_kind = 名录中没有“{ $kind }”这一类；各类的名称见 /docs/。
too-large_body = 正文太大：这里最多 { $most }；请一次少发一些。
too-many-bodies = 服务器正在接收的正文已达上限。什么都没有改动，请稍后再试。
body-too-slow = 正文传得太慢。什么都没有改动；请再次发送，或者一次少发一些。
bad-request_cut-short = 正文没有传完就断了，或者不符合 HTTP 的格式；请再次发送。
packed-body = 正文须原样发送，不要压缩：请不带 Content-Encoding 发送。
