# The front doors: HTTP and the command line.

no-such-route = There is nothing at this address; see /docs/.
method-not-allowed = This address does not take this method; see /docs/.
bad-request = The request cannot be read.
error = The request was not answered.

bad-query = The query cannot be read: "{ $parameter }" cannot be "{ $value }"; /docs/ says what it takes.
bad-query_unknown = The query cannot be read: there is no parameter "{ $parameter }" here, but these: { $known }.
bad-query_missing = The query cannot be read: the parameter "{ $parameter }" is missing; /docs/ says what it takes.
bad-query_twice = The query cannot be read: the parameter "{ $parameter }" is there twice; send it once.
bad-idempotency-key = "Idempotency-Key" should be 1 to { $most } visible ASCII characters, like a UUID.
bad-if-match = "If-Match" is "{ $found }"; it should be one ETag as it was sent, like "v3" in its quotes.
id-differs = The id in the body, "{ $body }", is not the one in the address, "{ $address }"; send the same.
not-found_policy = There is no version "{ $version }" of the policy.
not-found_kind = There is no kind "{ $kind }" in the register; /docs/ names them.
too-large_body = The body is too large: it has at most { $most } here; send less at once.
too-many-bodies = The server holds as many bodies of requests as it can. Nothing was changed; try again soon.
body-too-slow = The body came too slowly. Nothing was changed; send it again, or less at once.
bad-request_cut-short = The body ended before its length, or is not sent as HTTP has it; send it again.
packed-body = A body is taken as it is, not packed: send it without "Content-Encoding".
