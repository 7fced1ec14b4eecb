//! The columns of each kind, in Chinese and English.

use crate::domain::Language;
use crate::domain::words::Worded;
use crate::message;
use crate::text::say_in;
use crate::wire::json::Node;
use crate::wire::register::{
    Act, BodyRole, Grade, Kind, Level, List, Method, SafetyLevel, Subject,
};
use std::borrow::Cow;
use strum::EnumProperty;

/// A value of a closed list, with what people call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// As JSON has it.
    pub value: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
    /// What else people write for it, with `|` between the words.
    pub also: &'static str,
}

impl Label {
    /// In a language.
    pub fn text(&self, lang: Language) -> &'static str {
        match lang {
            Language::Zh => self.zh,
            Language::En => self.en,
        }
    }

    /// Whether a cell means it.
    pub(super) fn is_called(&self, cell: &str) -> bool {
        let own = [self.value, self.zh, self.en];
        own.into_iter().chain(self.also.split('|')).any(|word| is_alike(word, cell))
    }
}

/// Whether two words differ in nothing that people see as a difference: full and half width of letters,
/// digits and brackets, capital and small letters, blanks.
fn is_alike(one: &str, other: &str) -> bool {
    folded(one).eq(folded(other))
}

fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().map(half_width).filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase)
}

/// The half-width form of a character that has one.
pub(super) fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        // each lies so far above its half-width form
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Text, or an id.
    Text,
    /// A whole number.
    Whole,
    /// Decimal degrees, kept as millionths.
    Degrees,
    /// A day.
    Day,
    /// Yes or no.
    Truth,
    /// One of these.
    Choice(fn() -> Vec<Label>),
    /// Texts separated by semicolons.
    List,
    /// Days with minutes, like `2026-03-20=0; 2026-03-21=240`.
    DayMinutes,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The field that it fills, as a JSON pointer.
    pub pointer: &'static str,
    /// Its title in Chinese.
    pub zh: &'static str,
    /// Its title in English.
    pub en: &'static str,
    /// What its cells hold.
    pub form: Form,
    /// No file does without it.
    pub is_required: bool,
    hints: (&'static str, &'static str),
}

impl Column {
    /// Its title in a language.
    pub fn title(&self, lang: Language) -> String {
        match lang {
            Language::Zh => self.zh.to_owned(),
            Language::En => self.en.to_owned(),
        }
    }

    /// What belongs into it, in a language.
    pub fn comment(&self, lang: Language) -> String {
        let need = if self.is_required {
            message!("column_required")
        } else {
            message!("column_optional")
        };
        let form = match self.form {
            Form::Text => message!("column_text"),
            Form::Whole => message!("column_whole"),
            Form::Degrees => message!("column_degrees"),
            Form::Day => message!("column_day"),
            Form::Truth => message!("column_truth"),
            Form::Choice(_) => message!("column_choice"),
            Form::List => message!("column_list"),
            Form::DayMinutes => message!("column_day-minutes"),
        };
        let comment = say_in(lang, &message!("column", need = need, form = form));
        let hint = match lang {
            Language::Zh => self.hints.0,
            Language::En => self.hints.1,
        };
        if hint.is_empty() { comment } else { format!("{comment}\n{hint}") }
    }

    /// The values that its cells may have, where these are few.
    pub(super) fn labels(&self) -> Option<Vec<Label>> {
        match self.form {
            Form::Truth => Some(TRUTHS.to_vec()),
            Form::Choice(labels) => Some(labels()),
            _ => None,
        }
    }

    /// Whether a header means this column: its title in either language, or the field's name with
    /// `_` between its parts. Case, width and marks of required columns do not count.
    pub fn is_called(&self, title: &str) -> bool {
        let title = title.trim_end_matches(['*', '＊']);
        let field = self.pointer[1..].replace('/', "_");
        [self.zh, self.en, &field].iter().any(|known| is_alike(known, title))
    }

    /// Whether it holds the English form of the column before it.
    pub(super) fn is_english_name(&self) -> bool {
        self.pointer.ends_with("/en")
    }

    /// Whether it marks a number that is in `fields` as assumed; without a mark it is not.
    pub(super) fn is_mark_beside(&self, fields: &[(Cow<'_, str>, Node<'_>)]) -> bool {
        let number = self.pointer.strip_suffix("/assumed").map(|parent| &parent[1..]);
        number.is_some_and(|number| fields.iter().any(|(name, _)| name == number))
    }
}

pub(super) const fn column(
    pointer: &'static str,
    (zh, en): (&'static str, &'static str),
    form: Form,
    is_required: bool,
    hints: (&'static str, &'static str),
) -> Column {
    Column { pointer, zh, en, form, is_required, hints }
}

const fn label(
    value: &'static str,
    (zh, en): (&'static str, &'static str),
    also: &'static str,
) -> Label {
    Label { value, zh, en, also }
}

/// What people call the values of an enumeration: its properties `zh`, `en` and `also`; a value without
/// them is called by its word.
pub(super) fn labels<T: Worded + EnumProperty>() -> Vec<Label> {
    let of = |value: &T| {
        let word = value.as_str();
        let called = |property| value.get_str(property).unwrap_or(word);
        label(word, (called("zh"), called("en")), called("also"))
    };
    T::ALL.iter().map(of).collect()
}

/// Yes and no.
pub(super) const TRUTHS: [Label; 2] = [
    label("true", ("是", "yes"), "有|y|1|√|✓|对"),
    label("false", ("否", "no"), "无|没有|不|n|0|×|✗|x"),
];

/// The columns of a kind, in the order in which files are written.
pub fn columns(kind: Kind) -> Vec<Column> {
    let list: &[Column] = match kind {
        Kind::Areas => AREAS,
        Kind::Departments => DEPARTMENTS,
        Kind::Bodies => BODIES,
        Kind::Pools => POOLS,
        Kind::Inspectors => INSPECTORS,
        Kind::Absences => ABSENCES,
        Kind::Enterprises => ENTERPRISES,
        Kind::Recusals => RECUSALS,
        Kind::Grades => GRADES,
        Kind::Listings => LISTINGS,
        Kind::QuietPeriods => QUIET_PERIODS,
        Kind::Closures => CLOSURES,
        Kind::Items => ITEMS,
        Kind::Checks => CHECKS,
        Kind::Authorities => AUTHORITIES,
    };
    list.to_vec()
}

const AREAS: &[Column] = &[
    column(
        "/id",
        ("编号", "Id"),
        Form::Text,
        true,
        ("字母、数字、- _ . :，最多 64 个", "Letters, digits, - _ . :, at most 64"),
    ),
    column("/name/zh", ("名称", "Name"), Form::Text, true, ("", "")),
    column(
        "/name/en",
        ("英文名称", "English name"),
        Form::Text,
        false,
        ("可留空，默认同名称", "May stay empty: as the name"),
    ),
    column(
        "/level",
        ("层级", "Level"),
        Form::Choice(labels::<Level>),
        false,
        ("留空为乡镇（街道）", "Empty: town"),
    ),
    column(
        "/parent",
        ("上级区域编号", "Parent area id"),
        Form::Text,
        false,
        ("须高于本级", "Of a higher level"),
    ),
];

const DEPARTMENTS: &[Column] = &[
    column("/id", ("编号", "Id"), Form::Text, true, ("", "")),
    column("/name/zh", ("名称", "Name"), Form::Text, true, ("", "")),
    column(
        "/name/en",
        ("英文名称", "English name"),
        Form::Text,
        false,
        ("可留空，默认同名称", "May stay empty: as the name"),
    ),
    column("/level", ("层级", "Level"), Form::Choice(labels::<Level>), false, ("", "")),
    column("/area", ("区域编号", "Area id"), Form::Text, false, ("", "")),
];

const BODIES: &[Column] = &[
    column("/id", ("编号", "Id"), Form::Text, true, ("", "")),
    column("/name/zh", ("名称", "Name"), Form::Text, true, ("", "")),
    column(
        "/name/en",
        ("英文名称", "English name"),
        Form::Text,
        false,
        ("可留空，默认同名称", "May stay empty: as the name"),
    ),
    column(
        "/department",
        ("部门编号", "Department id"),
        Form::Text,
        true,
        ("所属条线", "The department whose line it belongs to"),
    ),
    column("/area", ("区域编号", "Area id"), Form::Text, true, ("", "")),
    column(
        "/role",
        ("职责", "Role"),
        Form::Choice(labels::<BodyRole>),
        true,
        ("统筹机构只能召集，不能检查", "A coordinator may convene, not inspect"),
    ),
];

const POOLS: &[Column] = &[
    column("/id", ("编号", "Id"), Form::Text, true, ("", "")),
    column("/department", ("部门编号", "Department id"), Form::Text, true, ("", "")),
    column(
        "/area",
        ("区域编号", "Area id"),
        Form::Text,
        false,
        ("留空为该部门的通用力量", "Empty: wherever its department has no other pool"),
    ),
    column("/minutes", ("每日人分钟", "Person-minutes a day"), Form::Whole, true, ("", "")),
    column(
        "/attendance_minutes",
        ("每次往返人分钟", "Person-minutes a visit"),
        Form::Whole,
        true,
        ("往返路程", "The way there and back"),
    ),
    column(
        "/overtime_minutes",
        ("每日加班人分钟", "Overtime person-minutes a day"),
        Form::Whole,
        false,
        ("", ""),
    ),
    column(
        "/days",
        ("特殊日期", "Particular days"),
        Form::DayMinutes,
        false,
        ("如 2026-03-20=0; 2026-03-21=240", "Like 2026-03-20=0; 2026-03-21=240"),
    ),
];

const INSPECTORS: &[Column] = &[
    column("/id", ("编号", "Id"), Form::Text, true, ("", "")),
    column("/name", ("姓名", "Name"), Form::Text, true, ("个人信息", "Personal data")),
    column("/body", ("执法主体编号", "Body id"), Form::Text, true, ("", "")),
    column(
        "/pool",
        ("力量编号", "Pool id"),
        Form::Text,
        false,
        ("计入哪一力量", "The pool that counts the minutes"),
    ),
    column("/certificate", ("执法证号", "Certificate number"), Form::Text, true, ("", "")),
    column("/certificate_from", ("证件生效日", "Certificate from"), Form::Day, true, ("", "")),
    column("/certificate_to", ("证件到期日", "Certificate to"), Form::Day, true, ("", "")),
    column(
        "/qualifications",
        ("专业资格", "Qualifications"),
        Form::List,
        false,
        (
            "以分号分隔，如 特种设备；法律职业资格",
            "Separated by semicolons; law_licence for the law licence",
        ),
    ),
    column(
        "/minutes",
        ("每日分钟", "Minutes a day"),
        Form::Whole,
        false,
        ("留空为 360", "Empty: 360"),
    ),
];

const ABSENCES: &[Column] = &[
    column("/inspector", ("执法人员编号", "Inspector id"), Form::Text, true, ("", "")),
    column("/from", ("开始日", "From"), Form::Day, true, ("", "")),
    column("/to", ("结束日", "To"), Form::Day, true, ("", "")),
    column("/reason", ("原因", "Reason"), Form::Text, false, ("", "")),
];

const ENTERPRISES: &[Column] = &[
    column(
        "/id",
        ("统一社会信用代码", "Credit code"),
        Form::Text,
        true,
        ("18 位，末位为校验码", "18 characters, the last a check character"),
    ),
    column("/name/zh", ("名称", "Name"), Form::Text, true, ("", "")),
    column(
        "/name/en",
        ("英文名称", "English name"),
        Form::Text,
        false,
        ("可留空，默认同名称", "May stay empty: as the name"),
    ),
    column("/area", ("区域编号", "Area id"), Form::Text, true, ("", "")),
    column(
        "/industry",
        ("行业代码", "Industry code"),
        Form::Text,
        true,
        ("GB/T 4754 四位小类", "Class of GB/T 4754, four digits"),
    ),
    column("/risk", ("风险等级", "Risk level"), Form::Choice(labels::<Grade>), true, ("", "")),
    column(
        "/credit_grade",
        ("信用等级", "Credit grade"),
        Form::Choice(labels::<Grade>),
        true,
        ("", ""),
    ),
    column(
        "/last_counted",
        ("最近一次计次检查日", "Last counted visit"),
        Form::Day,
        false,
        ("", ""),
    ),
    column(
        "/subject",
        ("主体类型", "Subject type"),
        Form::Choice(labels::<Subject>),
        false,
        ("留空为企业", "Empty: company"),
    ),
    column(
        "/longitude_microdegrees",
        ("经度", "Longitude"),
        Form::Degrees,
        false,
        ("十进制度，如 118.123456", "Decimal degrees, like 118.123456"),
    ),
    column(
        "/latitude_microdegrees",
        ("纬度", "Latitude"),
        Form::Degrees,
        false,
        ("十进制度，如 24.123456", "Decimal degrees, like 24.123456"),
    ),
    column("/joint_opt_out", ("不参加联合检查", "Joint opt-out"), Form::Truth, false, ("", "")),
    column(
        "/open_weekdays",
        ("营业日", "Open weekdays"),
        Form::Text,
        false,
        ("1（周一）至 7，如 12345", "1 (Monday) to 7, like 12345"),
    ),
    column(
        "/safety_level",
        ("安全生产标准化等级", "Safety level"),
        Form::Choice(labels::<SafetyLevel>),
        false,
        ("", ""),
    ),
    column(
        "/designated",
        ("规模以上或点名企业", "Designated"),
        Form::Truth,
        false,
        ("当地宁静日适用的企业", "Of whom the quiet days of the place speak"),
    ),
];

const RECUSALS: &[Column] = &[
    column("/inspector", ("执法人员编号", "Inspector id"), Form::Text, true, ("", "")),
    column("/enterprise", ("统一社会信用代码", "Credit code"), Form::Text, true, ("", "")),
    column("/reason", ("原因", "Reason"), Form::Text, false, ("", "")),
];

const GRADES: &[Column] = &[
    column("/enterprise", ("统一社会信用代码", "Credit code"), Form::Text, true, ("", "")),
    column("/from", ("生效日", "From"), Form::Day, true, ("", "")),
    column("/risk", ("风险等级", "Risk level"), Form::Choice(labels::<Grade>), true, ("", "")),
    column(
        "/credit_grade",
        ("信用等级", "Credit grade"),
        Form::Choice(labels::<Grade>),
        true,
        ("", ""),
    ),
];

const LISTINGS: &[Column] = &[
    column("/enterprise", ("统一社会信用代码", "Credit code"), Form::Text, true, ("", "")),
    column("/list", ("名单", "List"), Form::Choice(labels::<List>), true, ("", "")),
    column(
        "/department",
        ("部门编号", "Department id"),
        Form::Text,
        false,
        ("留空为所有部门", "Empty: every department"),
    ),
    column("/from", ("开始日", "From"), Form::Day, true, ("", "")),
    column("/to", ("结束日", "To"), Form::Day, false, ("", "")),
    column("/note", ("备注", "Note"), Form::Text, false, ("", "")),
];

const QUIET_PERIODS: &[Column] = &[
    column("/id", ("编号", "Id"), Form::Text, true, ("", "")),
    column(
        "/enterprise",
        ("统一社会信用代码", "Credit code"),
        Form::Text,
        false,
        ("与区域编号二选一", "This or an area"),
    ),
    column(
        "/area",
        ("区域编号", "Area id"),
        Form::Text,
        false,
        ("与统一社会信用代码二选一", "This or an enterprise"),
    ),
    column("/from", ("开始日", "From"), Form::Day, true, ("", "")),
    column("/to", ("结束日", "To"), Form::Day, true, ("", "")),
    column(
        "/month_first",
        ("每月起始日", "First day of the month"),
        Form::Whole,
        false,
        ("留空为每天", "Empty: every day"),
    ),
    column("/month_last", ("每月终止日", "Last day of the month"), Form::Whole, false, ("", "")),
    column("/note", ("备注", "Note"), Form::Text, false, ("", "")),
];

const CLOSURES: &[Column] = &[
    column("/enterprise", ("统一社会信用代码", "Credit code"), Form::Text, true, ("", "")),
    column("/from", ("开始日", "From"), Form::Day, true, ("", "")),
    column("/to", ("结束日", "To"), Form::Day, true, ("", "")),
    column("/reason", ("原因", "Reason"), Form::Text, false, ("", "")),
];

const ITEMS: &[Column] = &[
    column("/id", ("编号", "Id"), Form::Text, true, ("", "")),
    column("/department", ("部门编号", "Department id"), Form::Text, true, ("", "")),
    column("/name/zh", ("名称", "Name"), Form::Text, true, ("", "")),
    column(
        "/name/en",
        ("英文名称", "English name"),
        Form::Text,
        false,
        ("可留空，默认同名称", "May stay empty: as the name"),
    ),
    column("/minutes/value", ("现场分钟", "Minutes"), Form::Whole, true, ("", "")),
    column("/minutes/assumed", ("现场分钟为估计", "Minutes assumed"), Form::Truth, false, ("", "")),
    column("/inspectors/value", ("执法人员数", "Inspectors"), Form::Whole, true, ("", "")),
    column(
        "/inspectors/assumed",
        ("执法人员数为估计", "Inspectors assumed"),
        Form::Truth,
        false,
        ("", ""),
    ),
    column("/legal_basis", ("法律依据", "Legal basis"), Form::Text, false, ("", "")),
    column(
        "/method",
        ("检查方式", "Method"),
        Form::Choice(labels::<Method>),
        false,
        ("留空为现场检查", "Empty: on site"),
    ),
    column("/qualification", ("所需资格", "Qualification"), Form::Text, false, ("", "")),
    column("/published_from", ("公布起始日", "Published from"), Form::Day, false, ("", "")),
    column("/published_to", ("公布终止日", "Published to"), Form::Day, false, ("", "")),
    column("/notice_days", ("提前告知天数", "Notice days"), Form::Whole, false, ("", "")),
    column(
        "/valid_days",
        ("结果有效天数", "Valid days"),
        Form::Whole,
        false,
        ("结果互认的天数", "Days for which others recognise the result"),
    ),
    column(
        "/class",
        ("事项类别", "Class"),
        Form::Text,
        false,
        ("白名单按类别区分时填写", "Where lists of who is spared distinguish classes"),
    ),
];

const CHECKS: &[Column] = &[
    column("/item", ("事项编号", "Item id"), Form::Text, true, ("", "")),
    column("/number", ("序号", "Number"), Form::Whole, true, ("", "")),
    column(
        "/standard",
        ("标准条款", "Standard"),
        Form::Text,
        false,
        ("同一条款的检查合并为一问", "Checks of one standard are one question"),
    ),
    column("/text/zh", ("检查内容", "Question"), Form::Text, true, ("", "")),
    column(
        "/text/en",
        ("英文检查内容", "English question"),
        Form::Text,
        false,
        ("可留空，默认同检查内容", "May stay empty: as the question"),
    ),
];

const AUTHORITIES: &[Column] = &[
    column("/id", ("编号", "Id"), Form::Text, true, ("", "")),
    column("/item", ("事项编号", "Item id"), Form::Text, true, ("", "")),
    column("/body", ("执法主体编号", "Body id"), Form::Text, true, ("", "")),
    column("/area", ("区域编号", "Area id"), Form::Text, true, ("", "")),
    column("/act", ("行为", "Act"), Form::Choice(labels::<Act>), true, ("", "")),
    column("/from", ("生效日", "From"), Form::Day, true, ("", "")),
    column(
        "/until",
        ("终止日", "Until"),
        Form::Day,
        false,
        ("留空为至另有规定", "Empty: until another entry says otherwise"),
    ),
    column(
        "/delegator",
        ("赋权主体编号", "Delegating body id"),
        Form::Text,
        false,
        ("仅赋权时填写", "For delegations only"),
    ),
    column("/document", ("文件依据", "Document"), Form::Text, false, ("", "")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tabular::request_columns;
    use std::collections::BTreeMap;

    /// The closed lists of all files.
    fn enumerations() -> Vec<Vec<Label>> {
        let kinds = Kind::ALL.iter().flat_map(|kind| columns(*kind));
        let all = kinds.chain(request_columns()).filter_map(|column| column.labels());
        // one list may serve several columns
        let values = |labels: &[Label]| labels.iter().map(|label| label.value).collect::<Vec<_>>();
        all.map(|labels| (values(&labels), labels))
            .collect::<BTreeMap<_, _>>()
            .into_values()
            .collect()
    }

    fn meant(labels: &[Label], word: &str) -> Vec<&'static str> {
        labels.iter().filter(|label| label.is_called(word)).map(|label| label.value).collect()
    }

    #[test]
    fn whatever_a_drop_down_offers_means_one_value() {
        let lists = enumerations();
        assert!(lists.len() >= 12, "the columns have them");
        for labels in lists {
            for label in &labels {
                let own = [label.value, label.zh, label.en];
                for word in own.into_iter().chain(label.also.split('|')) {
                    assert_eq!(meant(&labels, word), [label.value], "{word}");
                    let around = format!("\u{3000}{word} ");
                    assert_eq!(meant(&labels, &around), [label.value], "{word}");
                }
            }
        }
    }

    #[test]
    fn levels_are_read_as_people_write_them() {
        let levels = labels::<Level>();
        for word in [
            "县",
            "县（区）",
            "县(区)",
            "县 （区）",
            "区",
            "县区",
            "县级",
            "County",
            "ｃｏｕｎｔｙ",
        ] {
            assert_eq!(meant(&levels, word), ["county"], "{word}");
        }
        for word in ["镇", "乡镇", "街道", "乡镇（街道）", "乡镇(街道)", "乡镇（街道)", "TOWN"]
        {
            assert_eq!(meant(&levels, word), ["town"], "{word}");
        }
        for word in ["省", "", "县镇", "（）"] {
            assert_eq!(meant(&levels, word), Vec::<&str>::new(), "{word}");
        }
    }

    #[test]
    fn truths_are_read_as_people_write_them() {
        for (value, words) in [
            ("true", ["是", "有", "Y", "yes", "TRUE", "1", "Ｙ", "１"]),
            ("false", ["否", "无", "N", "No", "false", "0", "ｎ", "０"]),
        ] {
            for word in words {
                assert_eq!(meant(&TRUTHS, word), [value], "{word}");
            }
        }
        assert_eq!(meant(&TRUTHS, "可能"), Vec::<&str>::new());
    }

    #[test]
    fn headers_differ_neither_in_width_nor_in_case() {
        let level = AREAS.iter().find(|column| column.pointer == "/level").expect("it is there");
        for title in ["层级", "层级＊", "LEVEL *", "Ｌｅｖｅｌ", "层 级"] {
            assert!(level.is_called(title), "{title}");
        }
        assert!(!level.is_called("级"));
    }
}
