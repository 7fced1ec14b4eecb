//! What enterprises are, and which lists spare them.

use crate::domain::Message;
use crate::domain::words::Worded;
use crate::message;
use serde::{Deserialize, Serialize};
use strum::{EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// What kind of subject an enterprise is. Whether rules for enterprises also speak of the last two
/// differs by place (R33).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Subject {
    /// A company (企业).
    #[strum(props(zh = "企业", en = "company", also = "公司|企业法人"))]
    Enterprise,
    /// An individual business (个体工商户).
    #[strum(props(zh = "个体工商户", en = "individual business", also = "个体户|个体"))]
    IndividualBusiness,
    /// A partnership (合伙企业).
    #[strum(props(zh = "合伙企业", en = "partnership", also = "合伙"))]
    Partnership,
    /// A farmers' co-operative (农民专业合作社).
    #[strum(props(
        zh = "农民专业合作社",
        en = "farm co-operative",
        also = "农民合作社|农业合作社|合作社|farm cooperative|cooperative"
    ))]
    FarmCooperative,
    /// A public institution (事业单位).
    #[strum(props(zh = "事业单位", en = "public institution", also = "事业"))]
    PublicInstitution,
    /// A social group (社会团体).
    #[strum(props(zh = "社会团体", en = "social group", also = "社团"))]
    SocialGroup,
}

impl Worded for Subject {}

impl Subject {
    /// It within a sentence.
    pub fn in_words(self) -> Message {
        match self {
            Self::Enterprise => message!("subject_enterprise"),
            Self::IndividualBusiness => message!("subject_individual-business"),
            Self::Partnership => message!("subject_partnership"),
            Self::FarmCooperative => message!("subject_farm-cooperative"),
            Self::PublicInstitution => message!("subject_public-institution"),
            Self::SocialGroup => message!("subject_social-group"),
        }
    }
}

/// Level of work-safety standardisation (安全生产标准化).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames)]
pub enum SafetyLevel {
    /// First, the best.
    #[serde(rename = "1")]
    #[strum(serialize = "1", props(zh = "一级", en = "1", also = "1级|Ⅰ级|I级|level 1"))]
    One,
    /// Second.
    #[serde(rename = "2")]
    #[strum(serialize = "2", props(zh = "二级", en = "2", also = "2级|Ⅱ级|II级|level 2"))]
    Two,
    /// Third.
    #[serde(rename = "3")]
    #[strum(serialize = "3", props(zh = "三级", en = "3", also = "3级|Ⅲ级|III级|level 3"))]
    Three,
    /// None reached.
    #[serde(rename = "no_level")]
    #[strum(
        serialize = "no_level",
        props(zh = "未达标", en = "none reached", also = "无|未评级|未定级|none|no level")
    )]
    NoLevel,
}

impl Worded for SafetyLevel {}

/// A list of enterprises that are spared (R23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum List {
    /// White list (白名单).
    #[strum(props(zh = "白名单", en = "white list", also = "白名单企业|whitelist"))]
    WhiteList,
    /// Not disturbed without cause (无事不扰).
    #[strum(props(
        zh = "无事不扰",
        en = "no disturbance",
        also = "无事不扰企业|无事不扰名单|no disturb"
    ))]
    NoDisturb,
}

impl Worded for List {}

impl List {
    /// It within a sentence.
    pub fn in_words(self) -> Message {
        match self {
            Self::WhiteList => message!("list_white-list"),
            Self::NoDisturb => message!("list_no-disturb"),
        }
    }
}
