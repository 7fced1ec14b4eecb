# The register and what is filed: areas, departments, people, enterprises, items, scenarios, requests, users.

not-found_area = There is no area "{ $id }".
not-found_department = There is no department "{ $id }".
not-found_pool = There is no pool "{ $id }".
not-found_scenario = There is no scenario "{ $id }".
unknown-area = There is no area "{ $id }" in the register; add it first, or mend the id.
unknown-department = There is no department "{ $id }" in the register; add it first, or mend the id.
unknown-body = There is no body "{ $id }" in the register; add it first, or mend the id.
unknown-pool = There is no pool "{ $id }" in the register; add it first, or mend the id.
unknown-inspector = There is no inspector "{ $id }" in the register; add it first, or mend the id.
unknown-enterprise = There is no enterprise "{ $id }" in the register; add it first, or mend the id.
unknown-item = There is no item "{ $id }" in the register; add it first, or mend the id.
unknown-lead = The lead "{ $lead }" is none of the departments.

taken_pool = A pool with this id, or another of this department for this area, exists already.
taken_scenario = Another scenario has the id "{ $id }"; give this one an id of its own.
taken_just-now = Somebody changed it just now; try again.
defective-records = { $kind }, line { $line }: { $what }
duplicate-row_register = The same is on line { $line }; keep one of the rows.
duplicate-id_department = The department "{ $id }" is here twice; keep one.
duplicate-id_item = The item "{ $id }" is here twice; keep one.
item-differs = The item "{ $id }" is in the register as { $zh } ({ $en }) of { $department }, { $minutes } minutes, { $inspectors } inspectors; make it the same, or give this one an id of its own.
immutable_pool = A pool keeps its department and its area; add another pool.
immutable_item = An item keeps its department ("{ $department }"), for requests name both; add another.

level-not-below = An area lies in one of a higher level; mend the level or the parent.
child-not-below = The area "{ $child }" lies in it and is not of a lower level.
one-pool-an-area = The pool "{ $pool }" is that department's for that area.
foreign-pool = The pool is another department's than the body, which is of "{ $department }".
coordinator-cannot-inspect = The body "{ $body }" is a coordinator: it may convene, not inspect (R01).
outside-jurisdiction_authority = The area "{ $area }" does not lie in that of the body "{ $body }" ("{ $body_area }").
self-delegation = The body "{ $body }" does not delegate to itself; name who hands the item down.
not-a-delegation = Only a delegation has a delegator; remove it.
no-qualified-inspectors = The pool "{ $pool }" has { $count } certified inspectors qualified for "{ $qualification }" who are not recused from this enterprise; { $crew } are needed.
no-qualified-inspectors_certified = The pool "{ $pool }" has { $count } certified inspectors who are not recused from this enterprise; { $crew } are needed.

bad-industry = "{ $found }" is no class of GB/T 4754: four digits, the first two 01 to 97.
bad-weekdays = "{ $found }" names no days of the week: digits 1 (Monday) to 7, ascending.
bad-qualifications = A person has at most { $most } qualifications, not { $count }.
bad-qualifications_name = "{ $found }" should be 1 to { $most } letters or digits of any script, brackets, "-", "_", ".", "·", "/" or ":", without blanks.
days-reversed = The last day ({ $last }) is before the first ({ $first }).
days-reversed_of-month = The last day ({ $last }) is before the first ({ $first }).
one-of-two = Quiet days are those of an enterprise or of an area: name one of them.
out-of-range_items = "items" names { $count } items; it should name 1 to { $most }.

empty-list = The department "{ $department }" takes part with at least one item.
one-department = A scenario joins two or more departments.
out-of-range_ratio = "{ $field }" is { $value }; it should be 0 to 1.

window-reversed = The window ends ({ $latest }) before it begins ({ $earliest }).
window-too-long = The window from { $earliest } to { $latest } has more than { $most } days; shorten it.
solo-in-group = A solo request shares no visit, so it cannot be in a group.
out-of-range_empty-batch = A batch has at least one request.
out-of-range_merged = Name 1 to { $most } other requests, not { $count }.

empty_roles = A user has at least one role.
department-needed = Filer, head and member act for a department; name at least one.
empty_scopes = A token has at least one scope.
