//! Requests to inspect: what they are, why, and their states.

use super::Message;
use super::words::Worded;
use crate::message;
use serde::{Deserialize, Serialize};
use strum::{EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// Kind of inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// Routine, from the annual plan (日常检查).
    #[strum(props(zh = "日常检查", en = "daily", also = "日常"))]
    Daily,
    /// A special campaign (专项检查).
    #[strum(props(zh = "专项检查", en = "special campaign", also = "专项|campaign"))]
    Special,
    /// Drawn by lot (双随机抽查).
    #[strum(props(
        zh = "双随机抽查",
        en = "random draw",
        also = "双随机|双随机检查|随机抽查|双随机、一公开|双随机一公开|random"
    ))]
    RandomDraw,
    /// Case-based (个案检查).
    #[strum(props(
        zh = "个案检查",
        en = "case-based",
        also = "个案|触发式检查|触发式|有因检查|有因|case based"
    ))]
    Case,
    /// Verification of a clue (线索核查).
    #[strum(props(zh = "线索核查", en = "clue verification", also = "线索|线索检查"))]
    Clue,
    /// Immediate (即时检查).
    #[strum(props(zh = "即时检查", en = "immediate", also = "即时"))]
    Immediate,
    /// Re-check of a rectification (整改复查).
    #[strum(props(zh = "整改复查", en = "follow-up", also = "复查|follow up"))]
    FollowUp,
}

impl Worded for Kind {}

impl Kind {
    /// Whether caps and quiet days spare it unless the request says otherwise: complaints, clues,
    /// emergencies and re-checks count towards no cap in the published lists.
    pub fn is_exempt(self) -> bool {
        matches!(self, Kind::Case | Kind::Clue | Kind::Immediate | Kind::FollowUp)
    }

    /// It within a sentence.
    pub fn in_words(self) -> Message {
        match self {
            Self::Daily => message!("kind_daily"),
            Self::Special => message!("kind_special"),
            Self::RandomDraw => message!("kind_random-draw"),
            Self::Case => message!("kind_case"),
            Self::Clue => message!("kind_clue"),
            Self::Immediate => message!("kind_immediate"),
            Self::FollowUp => message!("kind_follow-up"),
        }
    }
}

/// Why a request counts towards no cap, and may be held on quiet days: the ten published reasons,
/// then those that lists of quiet periods add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Reason {
    /// A complaint or tip (投诉举报).
    #[strum(props(zh = "投诉举报", en = "complaint or tip", also = "投诉|举报|投诉、举报|tip"))]
    Complaint,
    /// Assigned or transferred by a higher body (上级交办、移送).
    #[strum(props(
        zh = "上级交办、移送",
        en = "assigned by a higher body",
        also = "上级交办|交办|移送|上级交办移送|交办移送"
    ))]
    Assigned,
    /// It joins a check by a higher body (配合上级检查).
    #[strum(props(zh = "配合上级检查", en = "joins a higher body", also = "配合上级"))]
    JoinsHigherBody,
    /// An audit of enforcement itself (执法稽查).
    #[strum(props(zh = "执法稽查", en = "audit of enforcement", also = "稽查"))]
    EnforcementAudit,
    /// A clue from monitoring or data (监测数据线索).
    #[strum(props(
        zh = "监测数据线索",
        en = "clue from monitoring",
        also = "监测线索|数据线索|监测、数据线索"
    ))]
    MonitoringClue,
    /// Media exposure (媒体曝光).
    #[strum(props(zh = "媒体曝光", en = "media exposure", also = "曝光"))]
    MediaExposure,
    /// The re-check of a rectification (整改复查).
    #[strum(props(zh = "整改复查", en = "follow-up", also = "复查|follow up"))]
    FollowUp,
    /// The enterprise asked for it (企业申请).
    #[strum(props(zh = "企业申请", en = "own request", also = "企业主动申请|主动申请"))]
    OwnRequest,
    /// The on-site step of a licence (许可现场核查).
    #[strum(props(
        zh = "许可现场核查",
        en = "step of a licence",
        also = "许可核查|现场核查|license"
    ))]
    Licence,
    /// Another emergency named by law (其他法定紧急情形).
    #[strum(props(
        zh = "其他法定紧急情形",
        en = "legal emergency",
        also = "法定紧急情形|紧急情形"
    ))]
    Emergency,
    /// A deployment by central, provincial or city government (政府部署).
    #[strum(props(zh = "政府部署", en = "deployed by government", also = "部署"))]
    GovernmentDeployment,
    /// An event of public safety, health, environment, food or drugs, or a hazard under
    /// rectification (公共安全事件).
    #[strum(props(zh = "公共安全事件", en = "safety event", also = "安全事件"))]
    SafetyEvent,
    /// A re-check for which the law sets a day (法定期限复查).
    #[strum(props(
        zh = "法定期限复查",
        en = "statutory re-check",
        also = "法定复查|statutory recheck"
    ))]
    StatutoryRecheck,
    /// Tax evasion (涉税违法检查).
    #[strum(props(zh = "涉税违法检查", en = "tax evasion", also = "涉税违法"))]
    TaxEvasion,
    /// Undercover (暗访).
    #[strum(props(zh = "暗访", en = "undercover", also = "暗查|暗访暗查"))]
    Undercover,
}

impl Worded for Reason {}

impl Reason {
    /// It within a sentence.
    pub fn in_words(self) -> Message {
        match self {
            Self::Complaint => message!("reason_complaint"),
            Self::Assigned => message!("reason_assigned"),
            Self::JoinsHigherBody => message!("reason_joins-higher-body"),
            Self::EnforcementAudit => message!("reason_enforcement-audit"),
            Self::MonitoringClue => message!("reason_monitoring-clue"),
            Self::MediaExposure => message!("reason_media-exposure"),
            Self::FollowUp => message!("reason_follow-up"),
            Self::OwnRequest => message!("reason_own-request"),
            Self::Licence => message!("reason_licence"),
            Self::Emergency => message!("reason_emergency"),
            Self::GovernmentDeployment => message!("reason_government-deployment"),
            Self::SafetyEvent => message!("reason_safety-event"),
            Self::StatutoryRecheck => message!("reason_statutory-recheck"),
            Self::TaxEvasion => message!("reason_tax-evasion"),
            Self::Undercover => message!("reason_undercover"),
        }
    }
}

/// What the contact with the enterprise is (R34): visits that are no inspections are filed, held and
/// counted by alarms like any other, and count towards no cap of inspections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Contact {
    /// An inspection.
    #[strum(props(zh = "行政检查", en = "inspection", also = "检查"))]
    Inspection,
    /// A guidance visit (督导检查).
    #[strum(props(zh = "督导", en = "guidance", also = "督导检查|指导"))]
    Guidance,
    /// Observation or research (观摩、调研).
    #[strum(props(zh = "观摩调研", en = "research", also = "观摩|调研|观摩、调研"))]
    Research,
    /// Publicity (宣传).
    #[strum(props(zh = "宣传", en = "publicity", also = "宣讲"))]
    Publicity,
    /// A service (服务).
    #[strum(props(zh = "服务", en = "service", also = "助企服务"))]
    Service,
}

impl Worded for Contact {}

/// State of a request. What the published plan does with an accepted one (bundled, scheduled,
/// deferred, and why) is its outcome; drafts are tried with `validate_only`, and what the law refuses is
/// answered and not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RequestState {
    /// Filed; the head of its body has yet to approve it (R04).
    ApprovalPending,
    /// Approved, and planned with the next run.
    Accepted,
    /// The head did not approve it.
    Refused,
    /// Somebody settles it from papers or data (R13).
    OffSite,
    /// Settled so.
    Settled,
    /// Another body's result is recognised in its place (R29).
    Recognised,
    /// Taken back by its department.
    Withdrawn,
    /// Called off by the coordinator.
    Cancelled,
    /// Its window passed before it was held.
    Expired,
}

impl Worded for RequestState {}

impl RequestState {
    /// Whether somebody took it back, called it off or did not approve it.
    pub fn is_given_up(self) -> bool {
        matches!(self, Self::Refused | Self::Withdrawn | Self::Cancelled)
    }

    /// Whether it is over without having been held, settled or recognised.
    pub fn is_gone(self) -> bool {
        self.is_given_up() || self == Self::Expired
    }

    /// Whether something may still come of it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::ApprovalPending | Self::Accepted | Self::OffSite)
    }
}

/// How an off-site check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OffSiteOutcome {
    /// Papers or data settled it.
    Settled,
    /// It needs a visit after all.
    Escalated,
}

impl Worded for OffSiteOutcome {}
