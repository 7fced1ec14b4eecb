//! Inspect-once scenarios, `onevisit-scenario/1`: TOML files that people write and share, and the
//! same form as JSON.

pub use crate::domain::rules::Confidence;

use super::{Assumable, Name, inspectors, minutes};
use crate::domain::codes::is_industry_pattern;
use crate::message;
use crate::wire::json::{Fields, Read, text_element};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The `format` of a scenario file.
pub const FORMAT: &str = "onevisit-scenario/1";

/// A published inspect-once scenario: which departments go together, to whom, for what.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Scenario {
    /// Always `onevisit-scenario/1`.
    pub format: &'static str,
    /// Id.
    pub id: String,
    /// Name.
    pub name: Name,
    /// Whom it speaks of, in the source's words.
    pub industry: String,
    /// Industries of GB/T 4754: `*`, a section letter, or two to four digits.
    pub gbt4754: Vec<String>,
    /// Scenarios of one kind of place in several versions share this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant_group: Option<String>,
    /// How often, in the source's words.
    pub frequency: String,
    /// Id of the lead department.
    pub lead: String,
    /// Whether the source names the lead; else it is inferred.
    pub lead_published: bool,
    /// What the source's words on frequency say in numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// Where it is published.
    pub source: Source,
    /// How large a joint visit may get.
    pub limits: Limits,
    /// Who takes part with what.
    pub departments: Vec<Part>,
}

/// What a source's words on frequency say in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Sampling {
    /// Least share of the enterprises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio_min: Option<f64>,
    /// Largest share of the enterprises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio_max: Option<f64>,
    /// Times a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_year: Option<i64>,
    /// Enterprises drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draw: Option<i64>,
    /// Fewest enterprises drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draw_min: Option<i64>,
    /// Most enterprises drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draw_max: Option<i64>,
}

impl Read for Sampling {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Sampling {
            ratio_min: ratio(f, "ratio_min"),
            ratio_max: ratio(f, "ratio_max"),
            per_year: f.whole_if("per_year"),
            draw: f.whole_if("draw"),
            draw_min: f.whole_if("draw_min"),
            draw_max: f.whole_if("draw_max"),
        })
    }
}

fn ratio(f: &mut Fields<'_>, name: &str) -> Option<f64> {
    let ratio = f.number_if(name)?;
    if !(0.0..=1.0).contains(&ratio) {
        let value = ratio.to_string();
        f.report_at(name, message!("out-of-range_ratio", field = name, value = value));
    }
    Some(ratio)
}

/// Where a scenario is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Source {
    /// Who published what.
    pub title: String,
    /// Address, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How well it is confirmed.
    pub confidence: Confidence,
    /// What else there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Read for Source {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (title, url) = (f.words("title"), f.words_if("url"));
        let confidence = f.choice::<Confidence>("confidence", true);
        let note = f.words_if("note");
        Some(Source { title, url, confidence: confidence?, note })
    }
}

/// How large a joint visit may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Limits {
    /// Most departments at one visit.
    pub max_departments: Assumable,
    /// Most people on site at once.
    pub max_inspectors: Assumable,
    /// Longest time on site, departments side by side.
    pub max_minutes: Assumable,
}

impl Read for Limits {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let max_departments = Assumable::read(f, "max_departments", 2, 99);
        let max_inspectors = Assumable::read(f, "max_inspectors", 2, 999);
        let max_minutes = Assumable::read(f, "max_minutes", 1, 960);
        Some(Limits {
            max_departments: max_departments?,
            max_inspectors: max_inspectors?,
            max_minutes: max_minutes?,
        })
    }
}

/// A department's part in a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Part {
    /// Id of the department.
    pub id: String,
    /// Its name.
    pub name: Name,
    /// What it inspects.
    pub items: Vec<ScenarioItem>,
}

/// Most departments of a scenario.
const DEPARTMENTS_MAX: usize = 100;
/// Most items of a department in a scenario.
const ITEMS_MAX: usize = 1_000;
/// Most classes of industry of a scenario.
const INDUSTRIES_MAX: usize = 1_000;

impl Read for Part {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, name, items) = (f.id("id"), f.read("name"), f.read_list("items", ITEMS_MAX));
        if items.is_empty() {
            f.report_at("items", message!("empty-list", department = &id));
        }
        Some(Part { id, name: name?, items })
    }
}

/// An item of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScenarioItem {
    /// Id; the same in every scenario that has the item.
    pub id: String,
    /// Legal name.
    pub name: Name,
    /// Whether the source prints it; else it is inferred from the department's mandate.
    pub published: bool,
    /// Minutes on site.
    pub minutes: Assumable,
    /// Inspectors needed.
    pub inspectors: Assumable,
}

impl Read for ScenarioItem {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, name, published) = (f.id("id"), f.read("name"), f.truth("published"));
        let (minutes, inspectors) = (minutes(f), inspectors(f));
        Some(ScenarioItem {
            id,
            name: name?,
            published,
            minutes: minutes?,
            inspectors: inspectors?,
        })
    }
}

impl Read for Scenario {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        f.format(FORMAT);
        let (id, name, industry) = (f.id("id"), f.read("name"), f.words("industry"));
        let gbt4754 = f.list("gbt4754", INDUSTRIES_MAX, text_element);
        for (i, pattern) in gbt4754.iter().enumerate() {
            if !is_industry_pattern(pattern) {
                let message = message!("bad-industry_pattern", found = pattern);
                f.report_at(&format!("gbt4754/{i}"), message);
            }
        }
        let (variant_group, frequency) = (f.words_if("variant_group"), f.words("frequency"));
        let (lead, lead_published) = (f.id("lead"), f.truth("lead_published"));
        let (sampling, source, limits) =
            (f.read_if("sampling"), f.read("source"), f.read("limits"));
        let departments: Vec<Part> = f.read_list("departments", DEPARTMENTS_MAX);
        let mut seen = BTreeSet::new();
        for (d, part) in departments.iter().enumerate() {
            if !seen.insert(part.id.as_str()) {
                let message = message!("duplicate-id_department", id = &part.id);
                f.report_at(&format!("departments/{d}/id"), message);
            }
        }
        if departments.len() == 1 {
            f.report_at("departments", message!("one-department"));
        }
        let leads = departments.iter().any(|part| part.id == lead);
        if !departments.is_empty() && !lead.is_empty() && !leads {
            f.report_at("lead", message!("unknown-lead", lead = &lead));
        }
        let mut items = BTreeSet::new();
        for (d, part) in departments.iter().enumerate() {
            for (i, item) in part.items.iter().enumerate() {
                if !items.insert(item.id.as_str()) {
                    let message = message!("duplicate-id_item", id = &item.id);
                    f.report_at(&format!("departments/{d}/items/{i}/id"), message);
                }
            }
        }
        Some(Scenario {
            format: FORMAT,
            id,
            name: name?,
            industry,
            gbt4754,
            variant_group,
            frequency,
            lead,
            lead_published,
            sampling,
            source: source?,
            limits: limits?,
            departments,
        })
    }
}
