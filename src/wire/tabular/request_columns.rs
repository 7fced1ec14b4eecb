//! The columns of files of requests.

use super::columns::{Column, Form, Label, column, label};

const KINDS: &[Label] = &[
    label("daily", "日常检查", "daily"),
    label("special", "专项检查", "special campaign"),
    label("random_draw", "双随机抽查", "random draw"),
    label("case", "个案检查", "case-based"),
    label("clue", "线索核查", "clue verification"),
    label("immediate", "即时检查", "immediate"),
    label("follow_up", "整改复查", "follow-up"),
];

const REASONS: &[Label] = &[
    label("complaint", "投诉举报", "complaint or tip"),
    label("assigned", "上级交办、移送", "assigned by a higher body"),
    label("joins_higher_body", "配合上级检查", "joins a higher body"),
    label("enforcement_audit", "执法稽查", "audit of enforcement"),
    label("monitoring_clue", "监测数据线索", "clue from monitoring"),
    label("media_exposure", "媒体曝光", "media exposure"),
    label("follow_up", "整改复查", "follow-up"),
    label("own_request", "企业申请", "own request"),
    label("licence", "许可现场核查", "step of a licence"),
    label("emergency", "其他法定紧急情形", "legal emergency"),
    label("government_deployment", "政府部署", "deployed by government"),
    label("safety_event", "公共安全事件", "safety event"),
    label("statutory_recheck", "法定期限复查", "statutory re-check"),
    label("tax_evasion", "涉税违法检查", "tax evasion"),
    label("undercover", "暗访", "undercover"),
];

const CONTACTS: &[Label] = &[
    label("inspection", "行政检查", "inspection"),
    label("guidance", "督导", "guidance"),
    label("research", "观摩调研", "research"),
    label("publicity", "宣传", "publicity"),
    label("service", "服务", "service"),
];

const NO_HINT: (&str, &str) = ("", "");

const REQUESTS: &[Column] = &[
    column(
        "/reference",
        ("文号", "Reference"),
        Form::Text,
        false,
        (
            "本部门的编号：同一编号重复报送只受理一次",
            "The department's own number: sent again, it is filed once",
        ),
    ),
    column("/department", ("部门", "Department"), Form::Text, true, NO_HINT),
    column("/enterprise", ("统一社会信用代码", "Enterprise"), Form::Text, true, NO_HINT),
    column("/item", ("检查事项", "Item"), Form::Text, true, NO_HINT),
    column("/kind", ("检查类型", "Kind"), Form::Choice(KINDS), true, NO_HINT),
    column("/contact", ("入企性质", "Contact"), Form::Choice(CONTACTS), false, NO_HINT),
    column("/earliest", ("最早日期", "Earliest"), Form::Day, true, NO_HINT),
    column("/latest", ("最晚日期", "Latest"), Form::Day, true, NO_HINT),
    column("/due", ("期望完成日期", "Due"), Form::Day, false, NO_HINT),
    column(
        "/minutes",
        ("现场分钟", "Minutes"),
        Form::Whole,
        false,
        ("不填则按事项", "Left out: as the item has it"),
    ),
    column(
        "/inspectors",
        ("执法人员数", "Inspectors"),
        Form::Whole,
        false,
        ("不填则按事项", "Left out: as the item has it"),
    ),
    column("/reason", ("不计入频次的理由", "Reason"), Form::Choice(REASONS), false, NO_HINT),
    column("/plan", ("年度计划或专项", "Plan"), Form::Text, false, NO_HINT),
    column("/draw", ("双随机抽查号", "Draw"), Form::Text, false, NO_HINT),
    column("/on_site_reason", ("须现场检查的理由", "On-site reason"), Form::Text, false, NO_HINT),
    column("/agreement", ("异地协助协议号", "Agreement"), Form::Text, false, NO_HINT),
    column("/together", ("合并标记", "Together"), Form::Text, false, NO_HINT),
    column("/solo", ("单独检查", "Solo"), Form::Truth, false, NO_HINT),
    column("/note", ("备注", "Note"), Form::Text, false, NO_HINT),
];

/// The columns of files of requests, in the order in which files are written.
pub fn request_columns() -> Vec<Column> {
    REQUESTS.to_vec()
}
