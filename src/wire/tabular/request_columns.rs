//! The columns of files of requests.

use super::columns::{Column, Form, column, labels};
use crate::domain::requests::{Contact, Kind, Reason};

const NO_HINT: (&str, &str) = ("", "");

const REQUESTS: &[Column] = &[
    column(
        "/reference",
        ("文号", "Reference"),
        Form::Text,
        false,
        (
            "本部门的文号，如 清市监检〔2026〕1号：同一文号重复报送只受理一次",
            "The department's own number: sent again, it is filed once",
        ),
    ),
    column("/department", ("部门", "Department"), Form::Text, true, NO_HINT),
    column("/enterprise", ("统一社会信用代码", "Enterprise"), Form::Text, true, NO_HINT),
    column("/item", ("检查事项", "Item"), Form::Text, true, NO_HINT),
    column("/kind", ("检查类型", "Kind"), Form::Choice(labels::<Kind>), true, NO_HINT),
    column("/contact", ("入企性质", "Contact"), Form::Choice(labels::<Contact>), false, NO_HINT),
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
    column(
        "/reason",
        ("不计入频次的理由", "Reason"),
        Form::Choice(labels::<Reason>),
        false,
        NO_HINT,
    ),
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
