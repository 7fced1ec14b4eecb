# Requests: filing, judging, advice.

enterprise-closed = The enterprise is closed.
no-pool = No pool of inspectors serves the area.
no-inspectors_no-time = The pool { $pool } offers no time.
no-inspectors_too-few = Fewer than { $crew } inspectors of { $pool } may hold it.

remedied = { $finding } { $remedy }
remedy_begin-earlier = A window that begins { $day } or earlier.
remedy_end-later = A window that ends { $day } or later.
remedy_next-year = The cap frees on { $from }. A window that ends { $day } or later.
remedy_shared-day = A window that shares a day with { $first } to { $last }, so that one visit serves both.
remedy_use-that-result = Use that result, or inspect from { $year } on.

not-tried = This row was not tried; send it again. { $why }
storage-full_not-tried = The server's storage is full. This request was not tried; send it again when there is room.
batch-goes-on_not-tried = The same batch was sent again and goes on; this request was not tried here.
outcome-unknown_filing = The database went away at the last moment. Whether this request was filed is not known: look, or send the batch again under its key.
database-unavailable_not-tried = The database was not available. This request was not tried; send it again.
too-many-kept-answers = Too many answers are kept for this caller's keys; they go after a week.

request-state_approval-pending = waiting for approval
request-state_accepted = accepted
request-state_refused = refused
request-state_off-site = in the off-site queue
request-state_settled = settled
request-state_recognised = served by another result
request-state_withdrawn = withdrawn
request-state_cancelled = cancelled
request-state_expired = expired

not-found_request = There is no request "{ $request }".
not-found_item = There is no item "{ $item }".
not-found_enterprise = There is no enterprise "{ $enterprise }".
out-of-range_weeks = "weeks" is { $found }; it should be 1 to { $most }.
out-of-range_year = There is no year { $year }; write a calendar year, such as 2026.
advice_none = No day of these weeks will do. { $why }
advice_no-workday = These weeks have no working day.
advice_alone = { $from } to { $to } will do; nobody else goes there then, so it costs a visit of its own.
advice_join = File for { $from } to { $to } and you join { $en }; alone it costs one more visit (burden { $saves }).

unknown-department_of-request = There is no department "{ $department }" in the register; add it first, or mend the id.
unknown-enterprise_of-request = There is no enterprise "{ $enterprise }" in the register; add it first, or mend the id.
unknown-item_of-request = There is no item "{ $item }" in the register; add it first, or mend the id.
foreign-item_of-request = The item "{ $item }" belongs to "{ $owner }", not to "{ $department }"; have "{ $owner }" file it, or enter first that it was delegated.
unknown-plan = There is no inspection plan "{ $plan }"; mend the id.
no-pool_of-department = { $en } has no pool of inspectors for the area "{ $area }"; add one first.
too-many-open = { $most } requests wait at this enterprise already; withdraw some, or wait until they are held.
past_window = The window ends on { $latest }, which is past; today is { $today }. End it today or later.
no-working-day = No working day lies between { $earliest } and { $latest }; widen the window.
exempt-without-reason = Nothing spares this kind of inspection from caps (R07): name the "reason" that does, or leave "exempt" out.
exempt-without-reason_quiet = Nothing spares this kind of inspection from quiet days (R22): name the "reason" that does, or leave "quiet_exempt" out.
too-many-rows_requests = The file has { $found } rows; a file of requests has at most { $most }. Split it.
withdrawn = "{ $department }" has withdrawn its request under the reference "{ $reference }" ({ $request }); choose another reference.
reference-taken = "{ $department }" has a request under the reference "{ $reference }" ({ $request }) that says something else; choose another reference.
reference-taken_over = "{ $department }" has a request under the reference "{ $reference }" ({ $request }) that is { $state }; choose another reference.

changed = Somebody else changed the request "{ $request }" meanwhile; read it again.
not-pending = The request is { $state }. Only one that is { $allowed }, or an urgent one whose approval is due, is approved or refused.
not-open = The request is { $state }; this is done only to those that are: { $allowed }.
not-open_over = The request is { $state } already, and cannot be cancelled any more.
not-accepted = The request is { $state } already, and cannot be withdrawn any more.
not-off-site = The request is { $state }; this is done only to those that are: { $allowed }.
not-off-site_method = The method of the item "{ $item }" does not allow papers or data to settle it; have it inspected on site.
not-off-site_no-more = The request is in the off-site queue no more; read it again.
unknown-user_acts = No user "{ $name }" acts for "{ $department }", or the user is shut out; name one of its users.
past_deadline = The deadline { $deadline } is past; today is { $today }. Set it to today or later.
duplicate-id_merge = The request "{ $request }" is named twice; leave one out.
other-enterprise = The request "{ $request }" is at the enterprise "{ $found }", not at "{ $wanted }"; only requests at one enterprise are merged.
solo_merge = An undercover request shares no visit.
no-common-day = Their windows have no day in common: one begins on { $begins }, one ends on { $ends }; move them first.
no-common-scenario = No inspect-once scenario has all of their items, so they share no visit.
no-common-scenario_opt-out = The enterprise "{ $enterprise }" wants no joint visits.

idempotency-key-reused = Another call was made under the Idempotency-Key "{ $key }"; choose a new key for a new call.
idempotency-key-running = The first call under the Idempotency-Key "{ $key }" is still running; ask again soon.
idempotency-key-running_elsewhere = The same call came again under the Idempotency-Key "{ $key }" and goes on there; ask again soon.
