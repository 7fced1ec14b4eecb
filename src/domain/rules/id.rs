//! The rules' numbers, titles and one-line explanations.

use crate::domain::Message;
use crate::message;

macro_rules! rule_ids {
    ($($id:ident $zh:literal $en:literal $what:literal)*) => {
        /// A rule of the published law on inspections of enterprises, by its number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum RuleId { $(#[doc = $what] $id,)* }

        impl RuleId {
            /// Every rule.
            pub const ALL: &'static [RuleId] = &[$(RuleId::$id,)*];

            /// Its number, like `R06`.
            pub fn number(self) -> &'static str {
                match self { $(RuleId::$id => stringify!($id),)* }
            }

            /// Its Chinese title.
            pub fn title_zh(self) -> &'static str {
                match self { $(RuleId::$id => $zh,)* }
            }

            /// Its English title.
            pub fn title_en(self) -> &'static str {
                match self { $(RuleId::$id => $en,)* }
            }

            /// The rule with this number.
            pub fn parse(number: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|id| id.number() == number)
            }
        }
    };
}

rule_ids! {
    R01 "行政检查主体" "Qualified bodies" "Only a legally qualified body inspects; one that only convenes does not."
    R02 "清单之外无检查" "Published items only" "An item is inspected only on days on which the published list has it."
    R03 "两人以上执法" "Two officers" "A visit, and each department's part in it, needs a least number of certified officers."
    R04 "检查审批" "Approval" "The head of the body approves each inspection beforehand; urgent ones complete their papers afterwards."
    R05 "检查类型" "Kind of inspection" "Each inspection is recorded with its kind, and the place says which kinds there are."
    R06 "年度频次上限" "Yearly cap" "A body visits an enterprise at most so often in a calendar year."
    R07 "不计入频次的情形" "What the cap does not count" "Inspections of these kinds, or with these reasons, count towards no cap."
    R08 "部门内合并" "Merge within a body" "Several on-site checks of one enterprise by one body share a visit."
    R09 "跨部门联合" "Join across bodies" "Checks of several bodies that can be held jointly are held jointly; what is not has a reason."
    R10 "合并时限" "Merge window" "Checks this close in time count as mergeable, and one drawn by lot is not repeated within the year."
    R11 "合并条件" "What may be merged" "Checks are merged when they last about as long."
    R12 "层级不重复" "No repeat across levels" "Bodies of several levels or lines do not each inspect the same item at one enterprise."
    R13 "非现场优先" "Off site first" "What papers or data can settle goes on site only for a stated reason."
    R14 "年度计划备案" "Annual plan" "Planned inspections are in a yearly plan that was filed by its deadline."
    R15 "计划内容" "What a plan holds" "A plan names its items, and draws at most a share of the register."
    R16 "计划程序" "How a plan is made" "A cross-department plan passes the steps that the place asks for."
    R17 "专项检查" "Special campaigns" "A campaign has an approval number, is published in time and keeps its quota."
    R18 "双随机" "Random draw" "What is drawn by lot names its draw, and the draw has the enterprise."
    R19 "信用分级抽查" "Draws by credit grade" "Ratio and frequency of draws follow the enterprise's credit grade."
    R20 "总量控制" "Budget over all departments" "All departments together visit an enterprise at most so often in a calendar year."
    R21 "频次预警" "Repeat alarms" "Visits that come too often raise alarms; an inspector who keeps finding nothing stays away."
    R22 "企业宁静日" "Quiet days" "On quiet days only exempt inspections are held."
    R23 "白名单" "Lists of who is spared" "Listed enterprises are inspected only as far as their list allows."
    R24 "提前告知" "Notice" "An enterprise is notified so many days ahead, unless the item is unannounced."
    R26 "联合检查规模" "Size of a joint visit" "A joint visit has at most so many departments and officers; who opted out gets none."
    R27 "检查时长" "Length of a visit" "A visit lasts at most so long, departments side by side."
    R28 "属地管辖" "Jurisdiction" "A body inspects within its area, or under a cross-area agreement."
    R29 "结果互认" "Recognition of results" "An item whose result is still valid is not inspected again."
    R33 "适用对象" "Whom the rules speak of" "Caps and quiet days speak of these kinds of subject."
    R34 "变相检查" "Other contacts" "Visits that are no inspections are recorded, and some have a cap of their own."
    R35 "标准冲突" "Conflicting standards" "Items whose standards conflict are settled between their departments first."
    R36 "无备案不检查" "No filing, no inspection" "What belongs in a plan is inspected only under a plan that is filed."
    R37 "一镇一清单" "Who holds the item" "A body inspects an item on days on which the authority matrix gives it to it there."
}

impl RuleId {
    /// What it asks for, in one sentence.
    pub fn explanation(self) -> Message {
        match self {
            Self::R01 => message!("rule_r01"),
            Self::R02 => message!("rule_r02"),
            Self::R03 => message!("rule_r03"),
            Self::R04 => message!("rule_r04"),
            Self::R05 => message!("rule_r05"),
            Self::R06 => message!("rule_r06"),
            Self::R07 => message!("rule_r07"),
            Self::R08 => message!("rule_r08"),
            Self::R09 => message!("rule_r09"),
            Self::R10 => message!("rule_r10"),
            Self::R11 => message!("rule_r11"),
            Self::R12 => message!("rule_r12"),
            Self::R13 => message!("rule_r13"),
            Self::R14 => message!("rule_r14"),
            Self::R15 => message!("rule_r15"),
            Self::R16 => message!("rule_r16"),
            Self::R17 => message!("rule_r17"),
            Self::R18 => message!("rule_r18"),
            Self::R19 => message!("rule_r19"),
            Self::R20 => message!("rule_r20"),
            Self::R21 => message!("rule_r21"),
            Self::R22 => message!("rule_r22"),
            Self::R23 => message!("rule_r23"),
            Self::R24 => message!("rule_r24"),
            Self::R26 => message!("rule_r26"),
            Self::R27 => message!("rule_r27"),
            Self::R28 => message!("rule_r28"),
            Self::R29 => message!("rule_r29"),
            Self::R33 => message!("rule_r33"),
            Self::R34 => message!("rule_r34"),
            Self::R35 => message!("rule_r35"),
            Self::R36 => message!("rule_r36"),
            Self::R37 => message!("rule_r37"),
        }
    }
}
