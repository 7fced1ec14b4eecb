# Policies, runs and plans.

run-begun-too-often = The run was begun too often without an end; its planners died.
run-ended = This run has ended already; submit another.
nothing-to-plan = No accepted request has a day between { $first } and { $last }; choose another horizon.
past_horizon = { $start } is past; begin on { $today } or later.
span-reversed_horizon = The horizon ends ({ $last }) before it begins ({ $first }); swap the two days.
out-of-range_seconds = "seconds" is { $found }; write 0.1 to { $most }.
out-of-range_gap = "gap" is { $found }; write at least 0 and less than 1.
no-pool_any-more = No pool of { $department } serves the area { $area } of request { $request } any more; add one, or withdraw the request.
not-found_run = There is no run "{ $id }".
not-found_problem = There is no problem "{ $id }".
not-found_request-of-problem = The problem has no request "{ $id }".

not-found_plan = There is no plan "{ $id }".
not-a-draft_published = This plan is published already.
not-a-draft_superseded = A later plan took this one's place; publish a draft.
parent-superseded = Another plan was published since this one's problem was built. Plan again, then publish.
plan-outdated_withdrawn = Its request { $request } was withdrawn since it was made. Plan again, then publish.
plan-outdated_moved = It moves the visit of { $enterprise } on { $day }, which was held or became fixed since it was made. Plan again, then publish.
plan-outdated_past = It changes the visit of { $enterprise } on { $day }, a day that is over. Plan again, then publish.

not-found_policy-version = There is no version { $version } of the policy.
not-found_target = There is no target "{ $id }".
unknown-department_target = There is no department "{ $id }" in the register; correct it.
unknown-scenario_target = There is no scenario "{ $id }" in the register; correct it.
unknown-area_target = There is no area "{ $id }" in the register; correct it.
duplicate-id_target = The target "{ $id }" is there twice; keep one.
out-of-range_share = The share is { $found }; write 0 to 1.
note_standard-policy = The standard policy.
note_target-set = Target { $id } set.
note_target-removed = Target { $id } removed.

# Why requests are left out, to follow their number.
no-open-day_left-out = { $requests ->
    [one] has no open day in its window
   *[other] have no open day in their window
}
only-quiet-days_left-out = { $requests ->
    [one] has only quiet days in its window
   *[other] have only quiet days in their window
}
too-soon-after-last-visit_left-out = { $requests ->
    [one] comes too soon after the enterprise's last visit
   *[other] come too soon after the enterprise's last visit
}
cap-is-zero_left-out = { $requests ->
    [one] is under a cap with nothing left
   *[other] are under a cap with nothing left
}
pool-too-small_left-out = { $requests ->
    [one] needs more minutes than any day offers
   *[other] need more minutes than any day offers
}
solo-in-group_left-out = { $requests ->
    [one] is solo and in a group
   *[other] are solo and in a group
}
group-too-long_left-out = { $requests ->
    [one] is in a group too long for any visit
   *[other] are in a group too long for any visit
}
costs-more-than-its-penalty_left-out = { $requests ->
    [one] would cost more than its penalty
   *[other] would cost more than their penalty
}
pools-full_left-out = { $requests ->
    [one] finds its inspectors' days full
   *[other] find their inspectors' days full
}
not-searched_left-out = { $requests ->
    [one] is at an enterprise with too many requests to say
   *[other] are at enterprises with too many requests to say
}
no-visit-fits_left-out = { $requests ->
    [one] fits into no visit beside the enterprise's others
   *[other] fit into no visit beside the enterprise's others
}

# Where the numbers of a problem come from.
origin_policy = policy v{ $version }: { $path } = { $value }
origin_penalty = policy v{ $version }: penalty.kinds.{ $kind } { $base } × risk_percent.{ $level } { $risk }% × credit_percent.{ $grade } { $credit }% × (100% + { $more }% for { $overdue ->
    [one] { $overdue } overdue day
   *[other] { $overdue } overdue days
}), rounded down = { $value }
origin_released = policy v{ $version }: keep_cost = { $value }; its visit would be fixed, but no longer fits. { $why }
origin_gap-before = policy v{ $version }: limits.min_gap_days before the visit of { $next }, on the schedule after the horizon
origin_law = pack { $pack }: { $what } ({ $rule }, { $document })
law_officers = at least { $officers } officers
law_visit-minutes = visits of at most { $minutes } minutes
origin_list = { $list } of { $enterprise } from { $from }
origin_filed = request { $request }: { $field } as filed
origin_filed-item = request { $request }: { $field } as filed (item { $item }: { $usual })
origin_filed-item-assumed = request { $request }: { $field } as filed (item { $item }: { $usual }, assumed)
origin_not-published = nobody, for the item { $item } is not published on any day of it, or notice of it comes too late
origin_too-few-inspectors = nobody, for too few inspectors of { $pool } may hold it on any day of it
origin_nobody = nobody: this pool is for requests that nobody may hold
origin_pool = pool { $pool } v{ $version }: { $field }
origin_pool-staff-away = pool { $pool } v{ $version }: { $usual } less { $lacking } of { $away ->
    [one] { $away } inspector who is away or without a valid certificate
   *[other] { $away } inspectors who are away or without a valid certificate
}
origin_scenario = scenario { $scenario }: limits.{ $field }
origin_scenario-assumed = scenario { $scenario }: limits.{ $field } (assumed)
