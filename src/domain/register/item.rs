//! How items are inspected.

use crate::domain::words::Worded;
use serde::{Deserialize, Serialize};
use strum::{EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// How an item is inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Method {
    /// On site.
    #[strum(props(zh = "现场检查", en = "on site", also = "现场|onsite|on-site"))]
    OnSite,
    /// Papers or data may settle it (R13).
    #[strum(props(
        zh = "可非现场检查",
        en = "off site possible",
        also = "可非现场|非现场检查|非现场|off site|off-site"
    ))]
    OffSitePossible,
    /// On site, without notice.
    #[strum(props(zh = "不打招呼检查", en = "unannounced", also = "不打招呼|四不两直"))]
    Unannounced,
}

impl Worded for Method {}
