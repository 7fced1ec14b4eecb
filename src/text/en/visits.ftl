# Visits and what is looked at over the schedule.

not-found_visit = There is no visit "{ $id }".
out-of-range_span = { $first } to { $last } should be 0 to { $most } days.
