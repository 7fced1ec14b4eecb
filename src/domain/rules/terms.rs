//! The parameters of the rules: one table for what a file may set, its type and what it means.

use super::value::{Column, Industry, MonthDay, Parameter, Percent, Shape, Value, Within, YearDay};
use super::{
    InspectionPlanStep, JointCounts, JointRateOf, ListAllows, QuietScope, RepeatWithin, RuleId,
};
use crate::domain::Message;
use crate::domain::register::area::Level;
use crate::domain::register::enterprise::{List, SafetyLevel, Subject};
use crate::domain::register::grade::Grade;
use crate::domain::requests::{Contact, Kind, Reason};
use crate::message;
use std::collections::BTreeMap;

/// A parameter of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// The rule.
    pub rule: RuleId,
    /// Name.
    pub name: &'static str,
    /// What its values look like.
    pub shape: Shape,
}

impl Named {
    /// What it is.
    pub fn explanation(&self) -> Message {
        match (self.rule, self.name) {
            (RuleId::R03, "min_per_visit") => message!("parameter_r03-min-per-visit"),
            (RuleId::R03, "min_per_department") => message!("parameter_r03-min-per-department"),
            (RuleId::R04, "urgent_kinds") => message!("parameter_r04-urgent-kinds"),
            (RuleId::R05, "kinds") => message!("parameter_r05-kinds"),
            (RuleId::R06, "caps") => message!("parameter_r06-caps"),
            (RuleId::R06, "joint_counts") => message!("parameter_r06-joint-counts"),
            (RuleId::R07, "exempt_kinds") => message!("parameter_r07-exempt-kinds"),
            (RuleId::R07, "exempt_reasons") => message!("parameter_r07-exempt-reasons"),
            (RuleId::R08, "binds_exempt") => message!("parameter_r08-binds-exempt"),
            (RuleId::R09, "joint_rate_of") => message!("parameter_r09-joint-rate-of"),
            (RuleId::R09, "joint_rate_percent") => message!("parameter_r09-joint-rate-percent"),
            (RuleId::R10, "days") => message!("parameter_r10-days"),
            (RuleId::R10, "drawn_yearly") => message!("parameter_r10-drawn-yearly"),
            (RuleId::R11, "minutes_apart") => message!("parameter_r11-minutes-apart"),
            (RuleId::R12, "within") => message!("parameter_r12-within"),
            (RuleId::R12, "spares_exempt") => message!("parameter_r12-spares-exempt"),
            (RuleId::R13, "kinds") => message!("parameter_r13-kinds"),
            (RuleId::R14, "deadline") => message!("parameter_r14-deadline"),
            (RuleId::R14, "kinds") => message!("parameter_r14-kinds"),
            (RuleId::R15, "most_percent") => message!("parameter_r15-most-percent"),
            (RuleId::R16, "steps") => message!("parameter_r16-steps"),
            (RuleId::R17, "publish_days") => message!("parameter_r17-publish-days"),
            (RuleId::R19, "grades") => message!("parameter_r19-grades"),
            (RuleId::R20, "budgets") => message!("parameter_r20-budgets"),
            (RuleId::R20, "joint_per_scenario") => message!("parameter_r20-joint-per-scenario"),
            (RuleId::R21, "day") => message!("parameter_r21-day"),
            (RuleId::R21, "week") => message!("parameter_r21-week"),
            (RuleId::R21, "month") => message!("parameter_r21-month"),
            (RuleId::R21, "repeat_days") => message!("parameter_r21-repeat-days"),
            (RuleId::R21, "repeats_in_area") => message!("parameter_r21-repeats-in-area"),
            (RuleId::R21, "counts_exempt") => message!("parameter_r21-counts-exempt"),
            (RuleId::R21, "low_yield_checks") => message!("parameter_r21-low-yield-checks"),
            (RuleId::R22, "days") => message!("parameter_r22-days"),
            (RuleId::R22, "exempt_kinds") => message!("parameter_r22-exempt-kinds"),
            (RuleId::R22, "exempt_reasons") => message!("parameter_r22-exempt-reasons"),
            (RuleId::R23, "lists") => message!("parameter_r23-lists"),
            (RuleId::R24, "days") => message!("parameter_r24-days"),
            (RuleId::R24, "exempt_kinds") => message!("parameter_r24-exempt-kinds"),
            (RuleId::R26, "max_departments") => message!("parameter_r26-max-departments"),
            (RuleId::R26, "max_officers") => message!("parameter_r26-max-officers"),
            (RuleId::R27, "max_minutes") => message!("parameter_r27-max-minutes"),
            (RuleId::R29, "spares_exempt") => message!("parameter_r29-spares-exempt"),
            (RuleId::R33, "subjects") => message!("parameter_r33-subjects"),
            (RuleId::R34, "contacts") => message!("parameter_r34-contacts"),
            (RuleId::R34, "guidance_at_most") => message!("parameter_r34-guidance-at-most"),
            (RuleId::R35, "pairs") => message!("parameter_r35-pairs"),
            (RuleId::R36, "kinds") => message!("parameter_r36-kinds"),
            (rule, name) => unreachable!("{} has no parameter {name}", rule.number()),
        }
    }
}

macro_rules! rows {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)* })*) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[$doc])* pub $field: $type,)* }

        impl Parameter for $name {
            const SHAPE: Shape = Shape::Row(&[$(Column {
                name: stringify!($field),
                shape: <$type as Parameter>::SHAPE,
            },)*]);
            fn of(value: &Value) -> Option<Self> {
                let Value::Row(row) = value else { return None };
                let column = |name| row.get(name).unwrap_or(&Value::Nothing);
                Some(Self { $($field: Parameter::of(column(stringify!($field)))?,)* })
            }
            fn value(&self) -> Value {
                Value::Row(BTreeMap::from([$((stringify!($field), self.$field.value()),)*]))
            }
        }
    )* };
}

rows! {
    /// A row of the table of caps: who visits whom at most how often in a calendar year. What is left
    /// out is no condition.
    CapRow {
        /// Id of the department that visits.
        department: Option<String>,
        /// Level of the department.
        level: Option<Level>,
        /// Industries, with all that lies in them; none: every one.
        industries: Vec<Industry>,
        /// Risk of the enterprise.
        risk: Option<Grade>,
        /// Credit grade of the enterprise.
        credit: Option<Grade>,
        /// Its level of work-safety standardisation.
        safety_level: Option<SafetyLevel>,
        /// Kind of subject.
        subject: Option<Subject>,
        /// Most counted visits in a calendar year; none: by need.
        at_most: Option<i64>,
    }
    /// A row of the table of budgets over all departments.
    BudgetRow {
        /// Risk of the enterprise.
        risk: Option<Grade>,
        /// Credit grade of the enterprise.
        credit: Option<Grade>,
        /// Most counted visits in a calendar year.
        at_most: i64,
    }
    /// How often, and to what share, enterprises of a credit grade are drawn.
    SamplingRow {
        /// The grade.
        credit: Grade,
        /// Least share to draw, in percent.
        least_percent: Percent,
        /// Largest share to draw, in percent.
        most_percent: Percent,
        /// Most drawn inspections of an enterprise in a calendar year; none: by need.
        yearly: Option<i64>,
    }
    /// Quiet days of each month.
    QuietRow {
        /// First day of the month.
        first: MonthDay,
        /// Last day of the month.
        last: MonthDay,
        /// Of whom they speak.
        scope: QuietScope,
        /// Ids of areas; none: every one.
        areas: Vec<String>,
        /// Industries; none: every one.
        industries: Vec<Industry>,
    }
    /// What a list leaves of an inspection.
    ListRow {
        /// The list.
        list: List,
        /// Class of the item; none: every class that no other row of the list names.
        item_class: Option<String>,
        /// What it allows.
        allows: ListAllows,
    }
    /// Two items whose standards conflict.
    ConflictRow {
        /// Id of the one.
        item: String,
        /// Id of the other.
        other: String,
        /// What the conflict is about.
        about: String,
    }
}

macro_rules! terms {
    ($(
        $(#[$meta:meta])*
        $rule:ident $field:ident: $name:ident { $($(#[$doc:meta])* $parameter:ident: $type:ty,)* }
    )*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $name { $($(#[$doc])* pub $parameter: $type,)* }
        )*

        /// Every parameter of every rule.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Terms { $($(#[$meta])* pub $field: $name,)* }

        /// Every parameter, by rule.
        pub const PARAMETERS: &[Named] = &[$($(Named {
            rule: RuleId::$rule,
            name: stringify!($parameter),
            shape: <$type as Parameter>::SHAPE,
        },)*)*];

        impl Terms {
            /// The values typed; those with the wrong shape or none at all are reported.
            pub fn of(
                values: &BTreeMap<(RuleId, &'static str), Value>,
            ) -> Result<Terms, Vec<(RuleId, &'static str)>> {
                let mut wrong = Vec::new();
                $($(
                    let key = (RuleId::$rule, stringify!($parameter));
                    let $parameter = values.get(&key).and_then(<$type as Parameter>::of);
                    if $parameter.is_none() {
                        wrong.push(key);
                    }
                )*
                let $field = (|| Some($name { $($parameter: $parameter?,)* }))();)*
                match (|| Some(Terms { $($field: $field?,)* }))() {
                    Some(terms) => Ok(terms),
                    None => Err(wrong),
                }
            }
        }
    };
}

terms! {
    /// R03.
    R03 r03: Crews {
        /// Fewest officers at a visit.
        min_per_visit: i64,
        /// Fewest officers of each department at a visit.
        min_per_department: i64,
    }
    /// R04.
    R04 r04: Approval {
        /// Kinds that may be held first and approved afterwards.
        urgent_kinds: Vec<Kind>,
    }
    /// R05.
    R05 r05: Kinds {
        /// Kinds of inspection that the place knows.
        kinds: Vec<Kind>,
    }
    /// R06.
    R06 r06: Caps {
        /// The table of caps; the most specific row counts.
        caps: Vec<CapRow>,
        /// How a joint visit counts.
        joint_counts: JointCounts,
    }
    /// R07.
    R07 r07: Exempt {
        /// Kinds that count towards no cap.
        exempt_kinds: Vec<Kind>,
        /// Reasons with which an inspection of any kind counts towards no cap.
        exempt_reasons: Vec<Reason>,
    }
    /// R08.
    R08 r08: Merging {
        /// Whether what is exempt from caps has to share a visit too.
        binds_exempt: bool,
    }
    /// R09.
    R09 r09: Joining {
        /// What the joint rate is a share of.
        joint_rate_of: JointRateOf,
        /// The joint rate that the place asks for, in percent.
        joint_rate_percent: Percent,
    }
    /// R10.
    R10 r10: MergeWindow {
        /// Days by which windows may lie apart and still be called mergeable.
        days: i64,
        /// Most drawn inspections of the same item at an enterprise in a calendar year.
        drawn_yearly: Option<i64>,
    }
    /// R11.
    R11 r11: MergeTest {
        /// Most minutes by which checks to be merged may differ.
        minutes_apart: Option<i64>,
    }
    /// R12.
    R12 r12: Repeats {
        /// How far back the same item is a repeat.
        within: RepeatWithin,
        /// Whether what is exempt from caps may repeat.
        spares_exempt: bool,
    }
    /// R13.
    R13 r13: OffSite {
        /// Kinds that go off site first.
        kinds: Vec<Kind>,
    }
    /// R14.
    R14 r14: AnnualPlan {
        /// Day of the year by which the plan is filed.
        deadline: YearDay,
        /// Kinds that belong in an annual plan.
        kinds: Vec<Kind>,
    }
    /// R15.
    R15 r15: PlanContent {
        /// Largest share of a register that a plan may draw, in percent.
        most_percent: Percent,
    }
    /// R16.
    R16 r16: InspectionPlanSteps {
        /// Steps that a plan passes.
        steps: Vec<InspectionPlanStep>,
    }
    /// R17.
    R17 r17: Campaigns {
        /// Days after its filing within which a campaign is published.
        publish_days: i64,
    }
    /// R19.
    R19 r19: Sampling {
        /// Ratio and frequency by credit grade.
        grades: Vec<SamplingRow>,
    }
    /// R20.
    R20 r20: Budgets {
        /// Counted visits of all departments together, by grade; the row with more conditions counts.
        budgets: Vec<BudgetRow>,
        /// Most joint visits under one scenario at an enterprise in a calendar year.
        joint_per_scenario: Option<i64>,
    }
    /// R21.
    R21 r21: Alarms {
        /// Most visits of an enterprise a day.
        day: i64,
        /// Most visits of an enterprise in a calendar week.
        week: i64,
        /// Most visits of an enterprise in a calendar month.
        month: i64,
        /// Days within which a second visit without a cause is a repetition.
        repeat_days: i64,
        /// Repetitions in one area from which on the area has an alarm.
        repeats_in_area: i64,
        /// Whether visits with a cause count for the day, the week and the month.
        counts_exempt: bool,
        /// Consecutive checks without a finding by one inspector at one enterprise within a year after
        /// which he or she stays away from it.
        low_yield_checks: Option<i64>,
    }
    /// R22.
    R22 r22: Quiet {
        /// Quiet days of each month.
        days: Vec<QuietRow>,
        /// Kinds that may be held on them.
        exempt_kinds: Vec<Kind>,
        /// Reasons with which an inspection of any kind may be held on them.
        exempt_reasons: Vec<Reason>,
    }
    /// R23.
    R23 r23: Lists {
        /// What the lists leave, by class of item.
        lists: Vec<ListRow>,
    }
    /// R24.
    R24 r24: Notice {
        /// Days of notice where an item says none.
        days: i64,
        /// Kinds that need none.
        exempt_kinds: Vec<Kind>,
    }
    /// R26.
    R26 r26: Size {
        /// Most departments at a visit.
        max_departments: Option<i64>,
        /// Most officers at a visit.
        max_officers: Option<i64>,
    }
    /// R27.
    R27 r27: Length {
        /// Longest visit in minutes, departments side by side.
        max_minutes: Within<1, 1440>,
    }
    /// R29.
    R29 r29: Recognition {
        /// Whether what is exempt from caps may look again.
        spares_exempt: bool,
    }
    /// R33.
    R33 r33: Scope {
        /// Kinds of subject of which caps and quiet days speak.
        subjects: Vec<Subject>,
    }
    /// R34.
    R34 r34: Contacts {
        /// Contacts that are recorded and count for alarms.
        contacts: Vec<Contact>,
        /// Most guidance visits of a department at an enterprise in a calendar year.
        guidance_at_most: Option<i64>,
    }
    /// R35.
    R35 r35: Conflicts {
        /// Pairs of items whose standards conflict.
        pairs: Vec<ConflictRow>,
    }
    /// R36.
    R36 r36: Filing {
        /// Kinds that are held only under a plan that is filed.
        kinds: Vec<Kind>,
    }
}
