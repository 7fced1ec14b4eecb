# 检查申请：申报、审核、建议。

enterprise-closed = 企业当天不营业。
no-pool = 没有执法力量负责该区域。
no-inspectors_no-time = 执法力量“{ $pool }”没有可用时间。
no-inspectors_too-few = “{ $pool }”可以承担这次检查的人员不足 { $crew } 人。

remedied = { $finding }{ $remedy }
remedy_begin-earlier = 把期间的开始日定在 { $day } 或更早。
remedy_end-later = 把期间的结束日定在 { $day } 或更晚。
remedy_next-year = 次数上限自 { $from } 起重新计算；把期间的结束日定在 { $day } 或更晚。
remedy_shared-day = 让期间与 { $first } 至 { $last } 有一天重合，一次上门即可同时办理。
remedy_use-that-result = 采用该结果，或者从 { $year } 年起再检查。

not-tried = 这一行没有办理，请再次发送。{ $why }
storage-full_not-tried = 服务器存储空间已满。这条申请没有办理；腾出空间后请再次发送。
batch-goes-on_not-tried = 同一批申请已再次发送并正在继续办理；这条申请没有在这次调用中办理。
outcome-unknown_filing = 数据库在最后一刻断开，这条申请是否已登记尚不清楚：请查看一下，或者用同一个幂等键再次发送这一批。
database-unavailable_not-tried = 数据库不可用。这条申请没有办理，请再次发送。
too-many-kept-answers = 为这个调用方的幂等键保存的答复过多；一周后自动清除。

request-state_approval-pending = 待审批
request-state_accepted = 已受理
request-state_refused = 未获批准
request-state_off-site = 在非现场检查
request-state_settled = 已非现场办结
request-state_recognised = 已采用其他结果
request-state_withdrawn = 已撤回
request-state_cancelled = 已取消
request-state_expired = 已过期

not-found_request = 没有检查申请“{ $request }”。
not-found_item = 没有检查事项“{ $item }”。
not-found_enterprise = 没有企业“{ $enterprise }”。
out-of-range_weeks = “weeks”是 { $found }，须为 1 至 { $most }。
out-of-range_year = 没有 { $year } 年；请写公历年份，例如 2026。
advice_none = 这些周内没有可以检查的日子。{ $why }
advice_no-workday = 这些周内没有工作日。
advice_alone = { $from }至{ $to }可以检查；届时没有其他部门前往，须单独入企一次。
advice_join = 请报{ $from }至{ $to }：可与{ $zh }合并入企；单独检查则多入企一次（负担{ $saves }）。

unknown-department_of-request = 名录中没有部门“{ $department }”；请先登记，或者改正编号。
unknown-enterprise_of-request = 名录中没有企业“{ $enterprise }”；请先登记，或者改正统一社会信用代码。
unknown-item_of-request = 名录中没有检查事项“{ $item }”；请先登记，或者改正编号。
foreign-item_of-request = 检查事项“{ $item }”属于“{ $owner }”，不属于“{ $department }”；请由“{ $owner }”申报，或者先登记赋权。
unknown-plan = 没有检查计划“{ $plan }”；请改正编号。
no-pool_of-department = { $zh }在区域“{ $area }”没有执法力量；请先登记。
too-many-open = 这家企业已有 { $most } 件申请在等待；请撤回一些，或者等它们办完。
past_window = 期间的结束日 { $latest } 已经过去，今天是 { $today }；请把结束日定在今天或以后。
no-working-day = { $earliest } 至 { $latest } 没有工作日；请放宽期间。
exempt-without-reason = 这类检查不豁免次数上限（R07）：请在“reason”中写明豁免的理由，或者不写“exempt”。
exempt-without-reason_quiet = 这类检查不豁免企业安静期（R22）：请在“reason”中写明豁免的理由，或者不写“quiet_exempt”。
too-many-rows_requests = 文件有 { $found } 行；检查申请的文件最多 { $most } 行，请分成几个。
withdrawn = “{ $department }”以引用号“{ $reference }”申报的检查申请（{ $request }）已撤回；请换一个引用号。
reference-taken = “{ $department }”已用引用号“{ $reference }”申报了内容不同的检查申请（{ $request }）；请换一个引用号。
reference-taken_over = “{ $department }”已用引用号“{ $reference }”申报过检查申请（{ $request }），该申请{ $state }；请换一个引用号。

changed = 检查申请“{ $request }”刚刚被别人改动；请重新读取。
not-pending = 检查申请的状态是“{ $state }”；只有状态为“{ $allowed }”的，以及须补办审批的紧急申请，才能批准或不批准。
not-open = 检查申请的状态是“{ $state }”；只有下列状态的才能这样办理：{ $allowed }。
not-open_over = 检查申请的状态是“{ $state }”，不能再取消。
not-accepted = 检查申请的状态是“{ $state }”，不能再撤回。
not-off-site = 检查申请的状态是“{ $state }”；只有下列状态的才能这样办理：{ $allowed }。
not-off-site_method = 检查事项“{ $item }”的检查方式不允许凭材料或数据办结；请安排入企检查。
not-off-site_no-more = 这件申请已不在非现场检查之列；请重新读取。
unknown-user_acts = 没有代表“{ $department }”的用户“{ $name }”，或者该用户已被停用；请写该部门的用户名。
past_deadline = 办结期限 { $deadline } 已经过去，今天是 { $today }；请定在今天或以后。
duplicate-id_merge = 检查申请“{ $request }”写了两次；请删去一个。
other-enterprise = 检查申请“{ $request }”属于企业“{ $found }”，不属于“{ $wanted }”；只能合并同一家企业的申请。
solo_merge = 暗访等须单独进行的检查不与其他检查合并。
no-common-day = 这些申请的期间没有共同的日子：一个从 { $begins } 开始，一个到 { $ends } 结束；请先改期。
no-common-scenario = 没有一个检查场景包含它们的全部检查事项，因此不能合并。
no-common-scenario_opt-out = 企业“{ $enterprise }”不接受联合检查。

idempotency-key-reused = 幂等键“{ $key }”已用于另一次调用；新的调用请用新的幂等键。
idempotency-key-running = 以幂等键“{ $key }”发出的第一次调用还在办理；请稍后再问。
idempotency-key-running_elsewhere = 同一调用已以幂等键“{ $key }”再次发出，正在那里继续办理；请稍后再问。
