# 名录与申报：区域、部门、人员、企业、事项、场景、检查申请、用户。

not-found_area = 没有区域“{ $id }”。
not-found_department = 没有部门“{ $id }”。
not-found_pool = 没有执法力量“{ $id }”。
not-found_scenario = 没有检查场景“{ $id }”。
unknown-area = 名录中没有区域“{ $id }”；请先登记，或者改正编号。
unknown-department = 名录中没有部门“{ $id }”；请先登记，或者改正编号。
unknown-body = 名录中没有执法主体“{ $id }”；请先登记，或者改正编号。
unknown-pool = 名录中没有执法力量“{ $id }”；请先登记，或者改正编号。
unknown-inspector = 名录中没有执法人员“{ $id }”；请先登记，或者改正编号。
unknown-enterprise = 名录中没有企业“{ $id }”；请先登记，或者改正统一社会信用代码。
unknown-item = 名录中没有检查事项“{ $id }”；请先登记，或者改正编号。
unknown-lead = 牵头部门“{ $lead }”不在参加部门之中。

taken_pool = 这个编号的执法力量已经有了，或者该部门在该区域已有执法力量。
taken_scenario = 编号“{ $id }”已用于另一个检查场景；请换一个编号。
taken_just-now = 刚才有人作了修改，请再试一次。
defective-records = { $kind } 第 { $line } 行：{ $what }
duplicate-row_register = 与第 { $line } 行重复，请只保留一行。
duplicate-id_department = 部门“{ $id }”出现两次，请只保留一个。
duplicate-id_item = 检查事项“{ $id }”出现两次，请只保留一个。
item-differs = 检查事项“{ $id }”在名录中是{ $zh }（{ $en }），属于 { $department }，{ $minutes } 分钟，{ $inspectors } 人；请改成一致，或者另用一个编号。
immutable_pool = 执法力量的部门和区域不能改；请另建一个。
immutable_item = 检查事项的部门（“{ $department }”）不能改，因为申请同时写明两者；请另建一个事项。

level-not-below = 上级区域的层级须高于本区域；请改正层级或上级区域。
child-not-below = 下级区域“{ $child }”的层级不低于本区域。
one-pool-an-area = 该部门在该区域已有执法力量“{ $pool }”。
foreign-pool = 该执法力量与执法主体不属于同一部门；执法主体属于“{ $department }”。
coordinator-cannot-inspect = “{ $body }”是统筹机构，只能召集，不能检查（R01）。
outside-jurisdiction_authority = 区域“{ $area }”不在执法主体“{ $body }”的辖区（“{ $body_area }”）之内。
self-delegation = 执法主体“{ $body }”不能赋权给自己；请写明由谁赋权。
not-a-delegation = 只有赋权才填写赋权主体；请删除。
no-qualified-inspectors = 执法力量“{ $pool }”中持证有效、具有“{ $qualification }”资格且无须回避该企业的人员有 { $count } 人，需要 { $crew } 人。
no-qualified-inspectors_certified = 执法力量“{ $pool }”中持证有效且无须回避该企业的人员有 { $count } 人，需要 { $crew } 人。

bad-industry = “{ $found }”不是 GB/T 4754 小类；应为四位数字，前两位 01 至 97。
bad-weekdays = “{ $found }”不是营业日；请用数字 1（周一）至 7，由小到大。
bad-qualifications = 每人最多 { $most } 项资格，现有 { $count } 项。
bad-qualifications_name = “{ $found }”不能作为资格；应为 1 至 { $most } 个字符，可用文字、数字、括号和 - _ . · / :，不能有空格。
days-reversed = 结束日（{ $last }）早于开始日（{ $first }）。
days-reversed_of-month = 每月终止日（{ $last } 日）早于起始日（{ $first } 日）。
one-of-two = 企业安静期属于一家企业或者一个区域，二者填写其一。
out-of-range_items = “items”列出 { $count } 个事项；应为 1 至 { $most } 个。

empty-list = 部门“{ $department }”至少要有一个检查事项。
one-department = 一个检查场景至少由两个部门参加。
out-of-range_ratio = “{ $field }”是 { $value }；应为 0 至 1。

window-reversed = 期间的结束日（{ $latest }）早于开始日（{ $earliest }）。
window-too-long = { $earliest } 至 { $latest } 的期间超过 { $most } 天，请缩短。
solo-in-group = 单独检查的申请不与其他申请合并，因此不能有合并标记。
out-of-range_empty-batch = 一批至少要有一条申请。
out-of-range_merged = 请列出 1 至 { $most } 条其他申请，现有 { $count } 条。

empty_roles = 用户至少要有一个角色。
department-needed = 申报人、部门负责人和检查人员须属于部门；请至少写明一个部门。
empty_scopes = 令牌至少要有一个权限范围。
