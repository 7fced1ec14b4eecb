# 策略、排程运行和计划。

run-begun-too-often = 这次排程运行多次开始都没有结束，排程进程中途退出了。
run-ended = 这次排程运行已经结束；请另行提交。
nothing-to-plan = { $first } 至 { $last } 之间没有可排的已批准需求；请另选排程期。
past_horizon = { $start } 已经过去；请从 { $today } 或更晚开始。
span-reversed_horizon = 排程期的末日（{ $last }）早于首日（{ $first }），请对调。
out-of-range_seconds = “seconds”是 { $found }；应为 0.1 至 { $most }。
out-of-range_gap = “gap”是 { $found }；应不小于 0 且小于 1。
no-pool_any-more = 部门 { $department } 已没有执法力量负责区域 { $area }（需求 { $request }）；请增设执法力量，或者撤回该需求。
not-found_run = 没有编号为“{ $id }”的排程运行。
not-found_problem = 没有编号为“{ $id }”的问题。
not-found_request-of-problem = 问题中没有编号为“{ $id }”的需求。

not-found_plan = 没有编号为“{ $id }”的计划。
not-a-draft_published = 这份计划已经发布。
not-a-draft_superseded = 这份计划已被后来的计划取代；请发布草案。
parent-superseded = 自构建问题以来已发布另一份计划。请重新排程后再发布。
plan-outdated_withdrawn = 计划形成之后，其中的需求 { $request } 已经撤回。请重新排程后再发布。
plan-outdated_moved = 计划要改动 { $enterprise } 在 { $day } 的检查，而该检查此后已经进行或已经固定。请重新排程后再发布。
plan-outdated_past = 计划要改动 { $enterprise } 在 { $day } 的检查，而这一天已经过去。请重新排程后再发布。

not-found_policy-version = 策略没有第 { $version } 版。
not-found_target = 没有编号为“{ $id }”的目标。
unknown-department_target = 登记库中没有编号为“{ $id }”的部门，请更正。
unknown-scenario_target = 登记库中没有编号为“{ $id }”的检查场景，请更正。
unknown-area_target = 登记库中没有编号为“{ $id }”的区域，请更正。
duplicate-id_target = 目标“{ $id }”出现了两次，请只保留一个。
out-of-range_share = 比例是 { $found }；应为 0 至 1。
note_standard-policy = 标准策略。
note_target-set = 设定目标 { $id }。
note_target-removed = 删除目标 { $id }。

# 需求未排入的原因，写在件数之后。
no-open-day_left-out = 时间段内没有可安排的日期
only-quiet-days_left-out = 时间段内只有安静日
too-soon-after-last-visit_left-out = 距企业上一次检查太近
cap-is-zero_left-out = 次数上限已经用完
pool-too-small_left-out = 所需时间超过任何一天的可用时间
solo-in-group_left-out = 既须单独进行，又属于同去的组
group-too-long_left-out = 所在的组时间太长，一次检查排不下
costs-more-than-its-penalty_left-out = 排入的成本高于未排入成本
pools-full_left-out = 执法力量的时间已经排满
not-searched_left-out = 所在企业需求过多，未能查明原因
no-visit-fits_left-out = 与企业的其他检查排不到一起

# 问题中各个数的来源。
origin_policy = 策略 v{ $version }：{ $path } = { $value }
origin_penalty = 策略 v{ $version }：penalty.kinds.{ $kind } { $base } × risk_percent.{ $level } { $risk }% × credit_percent.{ $grade } { $credit }% ×（100% + 逾期 { $overdue } 天加 { $more }%），向下取整 = { $value }
origin_released = 策略 v{ $version }：keep_cost = { $value }；原检查本应固定不变，但已不再可行。{ $why }
origin_gap-before = 策略 v{ $version }：limits.min_gap_days，排程期之后 { $next } 已有检查，此前须留出间隔
origin_law = 规则包 { $pack }：{ $what }（{ $rule }，{ $document }）
law_officers = 至少 { $officers } 名执法人员
law_visit-minutes = 一次检查最长 { $minutes } 分钟
origin_list = { $enterprise } 自 { $from } 起列入名单 { $list }
origin_filed = 需求 { $request }：按报送的 { $field }
origin_filed-item = 需求 { $request }：按报送的 { $field }（事项 { $item }：{ $usual }）
origin_filed-item-assumed = 需求 { $request }：按报送的 { $field }（事项 { $item }：{ $usual }，假定值）
origin_not-published = 无人可派：事项 { $item } 在时间段内任何一天都未公布，或者来不及提前告知
origin_too-few-inspectors = 无人可派：“{ $pool }”可以承担的人员在时间段内任何一天都不足
origin_nobody = 无人可派：这支执法力量只用于无人可以承担的需求
origin_pool = 执法力量 { $pool } v{ $version }：{ $field }
origin_pool-staff-away = 执法力量 { $pool } v{ $version }：{ $usual }，{ $away } 名人员不在岗或没有有效证件，减 { $lacking }
origin_scenario = 检查场景 { $scenario }：limits.{ $field }
origin_scenario-assumed = 检查场景 { $scenario }：limits.{ $field }（假定值）
