//! Who may do what in the demo's district: bodies, inspectors, qualifications, standard checks and
//! the authority matrix. Without chance: what is drawn elsewhere decides.

use super::{COUNTY, LOCAL, UNNAMED};
use crate::wire::register::scenario::Scenario;
use crate::wire::register::{
    Act, Area, Authority, Body, BodyRole, Check, Enterprise, Inspector, Item, Kind, Level, Name,
    Pool, Record,
};
use crate::wire::requests::request::NewRequest;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// The department of the towns themselves.
const TOWNSHIP: &str = "township_subdistrict";
/// Minutes of an inspector's day.
const INSPECTOR_MINUTES: i64 = 360;
/// Items that are handed down to towns.
const DELEGATED: usize = 18;
/// Items of those that a town and its bureau hold both.
const MANY_HEADED: usize = 3;
/// Items that nobody was given.
const FORGOTTEN: usize = 4;
/// The scenario whose items have standard checks.
const WITH_CHECKS: &str = "SC51";

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

fn made_up(zh: &str, en: &str) -> Name {
    Name { zh: format!("{zh}（虚构）"), en: format!("{en} (made up)") }
}

/// Everything, in the order in which it can be filed.
pub(super) fn records(
    district: &Name,
    areas: &[Area],
    scenarios: &[Scenario],
    own: &[Item],
    pools: &[Pool],
    requests: &[NewRequest],
) -> Vec<(Kind, Vec<Record>)> {
    let towns: Vec<&Area> = areas.iter().filter(|area| area.level == Level::Town).collect();
    let departments: BTreeMap<&str, &Name> = scenarios
        .iter()
        .flat_map(|scenario| &scenario.departments)
        .filter(|part| part.id != UNNAMED)
        .map(|part| (part.id.as_str(), &part.name))
        .collect();
    let bodies = bodies(district, &departments, &towns);
    let items = items(scenarios, own);
    let handed_down = handed_down(&items, requests);
    let qualified: Vec<Item> = handed_down
        .iter()
        .map(|item| Item { qualification: Some(item.department.clone()), ..(*item).clone() })
        .collect();
    let forgotten: BTreeSet<&str> =
        own.iter().rev().take(FORGOTTEN).map(|i| i.id.as_str()).collect();
    let held = items.values().filter(|item| !forgotten.contains(item.id.as_str()));
    let authorities = authorities(held, &handed_down, &towns);
    let inspectors = inspectors(pools, &towns);
    let list = |kind, records| (kind, records);
    vec![
        list(Kind::Bodies, bodies.into_iter().map(Record::Bodies).collect()),
        list(Kind::Inspectors, inspectors.into_iter().map(Record::Inspectors).collect()),
        list(Kind::Items, qualified.into_iter().map(Record::Items).collect()),
        list(Kind::Checks, checks(scenarios).into_iter().map(Record::Checks).collect()),
        list(Kind::Authorities, authorities.into_iter().map(Record::Authorities).collect()),
    ]
}

/// Every item with its department, by id.
fn items(scenarios: &[Scenario], own: &[Item]) -> BTreeMap<String, Item> {
    let published = scenarios.iter().flat_map(|scenario| &scenario.departments);
    let published = published.filter(|part| part.id != UNNAMED).flat_map(|part| {
        part.items.iter().map(|item| {
            let numbers = (item.minutes, item.inspectors);
            Item::plain(item.id.clone(), part.id.clone(), item.name.clone(), numbers)
        })
    });
    published.chain(own.iter().cloned()).map(|item| (item.id.clone(), item)).collect()
}

/// A body of each department, one of each town, and a coordinator.
fn bodies(district: &Name, departments: &BTreeMap<&str, &Name>, towns: &[&Area]) -> Vec<Body> {
    let mut bodies: Vec<Body> = departments
        .iter()
        .map(|(id, name)| Body {
            id: (*id).into(),
            name: Name {
                zh: format!("{}{}", district.zh, name.zh),
                en: format!("{}: {}", district.en, name.en),
            },
            department: (*id).into(),
            area: COUNTY.into(),
            role: BodyRole::Inspects,
        })
        .collect();
    bodies.extend(towns.iter().map(|town| Body {
        id: town_body(town),
        name: Name {
            zh: format!("{}综合行政执法队", town.name.zh),
            en: format!("{}: enforcement team", town.name.en),
        },
        department: TOWNSHIP.into(),
        area: town.id.clone(),
        role: BodyRole::Inspects,
    }));
    bodies.push(Body {
        id: "coordination".into(),
        name: made_up("综合行政执法指导办公室", "Enforcement guidance office"),
        department: "justice".into(),
        area: COUNTY.into(),
        role: BodyRole::Convenes,
    });
    bodies
}

fn town_body(town: &Area) -> String {
    format!("town.{}", town.id.rsplit('-').next().unwrap_or(&town.id))
}

/// As many inspectors as each pool's minutes are, qualified for their department's items; those of
/// the towns sit in the towns' bodies, and are qualified for some of what is handed down.
fn inspectors(pools: &[Pool], towns: &[&Area]) -> Vec<Inspector> {
    let mut list: Vec<Inspector> = Vec::new();
    let mut add = |body: &str, pool: Option<&Pool>, qualifications: Vec<String>| {
        let serial = list.len() + 1;
        list.push(Inspector {
            id: format!("i{serial:04}"),
            name: format!("执法员{serial:04}（虚构）"),
            body: body.into(),
            pool: pool.map(|pool| pool.id.clone()),
            certificate: format!("X99-{serial:06}"),
            certificate_from: day(2024, 1, 1),
            certificate_to: day(2028, 12, 31),
            qualifications,
            minutes: INSPECTOR_MINUTES,
        });
    };
    for pool in pools.iter().filter(|pool| pool.department != TOWNSHIP) {
        let people = (pool.minutes + INSPECTOR_MINUTES - 1) / INSPECTOR_MINUTES;
        for _ in 0..people.max(2) {
            add(&pool.department, Some(pool), vec![pool.department.clone()]);
        }
    }
    let general = pools.iter().find(|pool| pool.department == TOWNSHIP);
    for (t, town) in towns.iter().enumerate() {
        // from five people in the first town down to two in the last; every third town is licensed
        for n in 0..=(towns.len() - 1 - t) / 2 + 1 {
            let mut qualifications: Vec<String> = LOCAL
                .iter()
                .enumerate()
                .filter(|(d, _)| (t + d) % 3 != 0)
                .map(|(_, department)| (*department).to_owned())
                .collect();
            if n == 0 && t % 3 == 0 {
                qualifications.push(crate::domain::register::staff::LAW_LICENCE.into());
            }
            qualifications.sort();
            add(&town_body(town), general, qualifications);
        }
    }
    list
}

/// The items of the departments with people in the towns that are asked for most.
fn handed_down<'i>(items: &'i BTreeMap<String, Item>, requests: &[NewRequest]) -> Vec<&'i Item> {
    let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
    for request in requests {
        *asked.entry(&request.item).or_default() += 1;
    }
    let local = items.values().filter(|item| LOCAL.contains(&item.department.as_str()));
    let mut local: Vec<&Item> = local.collect();
    local.sort_by_key(|item| std::cmp::Reverse(asked.get(item.id.as_str()).copied().unwrap_or(0)));
    local.truncate(DELEGATED);
    local
}

/// Every bureau has its items by law; towns got some, lost one again, and hold a few beside it.
fn authorities<'i>(
    held: impl Iterator<Item = &'i Item>,
    handed_down: &[&Item],
    towns: &[&Area],
) -> Vec<Authority> {
    let entry = |id: String, item: &Item, body: String, area: &str, act, from| Authority {
        id,
        item: item.id.clone(),
        body,
        area: area.into(),
        act,
        from,
        until: None,
        delegator: (act == Act::Delegate).then(|| item.department.clone()),
        document: Some("虚构文件".into()),
    };
    let mut list: Vec<Authority> = held
        .map(|item| {
            let id = format!("law.{}", item.id);
            entry(id, item, item.department.clone(), COUNTY, Act::Hold, day(2020, 1, 1))
        })
        .collect();
    for (rank, item) in handed_down.iter().enumerate() {
        for (t, town) in towns.iter().enumerate() {
            let id = |what: &str| format!("{what}.{}.{}", item.id, town.id);
            let body = town_body(town);
            let is_double = rank >= handed_down.len() - MANY_HEADED.min(handed_down.len());
            if is_double && t < 2 {
                list.push(entry(id("hold"), item, body, &town.id, Act::Hold, day(2025, 1, 1)));
            } else if !is_double && is_given(rank, t) {
                let from = day(2025, 1, 1);
                list.push(entry(id("give"), item, body.clone(), &town.id, Act::Delegate, from));
                if is_taken_back(rank, t) {
                    let from = day(2026, 7, 1);
                    list.push(entry(id("take"), item, body, &town.id, Act::Recall, from));
                }
            }
        }
    }
    list
}

/// Whether the item of this rank was handed down to a town.
fn is_given(rank: usize, town: usize) -> bool {
    !(rank + town).is_multiple_of(3)
}

/// Whether it was taken back since.
fn is_taken_back(rank: usize, town: usize) -> bool {
    rank == 1 && town >= 5
}

/// Whoever holds an item in a town asks for its inspection: the town, where it was handed down.
pub(super) fn hand_over(
    areas: &[Area],
    scenarios: &[Scenario],
    own: &[Item],
    enterprises: &[Enterprise],
    requests: &mut [NewRequest],
) {
    let items = items(scenarios, own);
    let handed_down = handed_down(&items, requests);
    let ranks: BTreeMap<&str, usize> = handed_down
        .iter()
        .take(handed_down.len().saturating_sub(MANY_HEADED))
        .enumerate()
        .map(|(rank, item)| (item.id.as_str(), rank))
        .collect();
    let towns = areas.iter().filter(|area| area.level == Level::Town);
    let towns: BTreeMap<&str, usize> =
        towns.enumerate().map(|(t, area)| (area.id.as_str(), t)).collect();
    let town_of: BTreeMap<&str, usize> =
        enterprises.iter().map(|e| (e.id.as_str(), towns[e.area.as_str()])).collect();
    for request in requests {
        let town = town_of[request.enterprise.as_str()];
        let rank = ranks.get(request.item.as_str());
        if rank.is_some_and(|rank| is_given(*rank, town) && !is_taken_back(*rank, town)) {
            request.department = TOWNSHIP.into();
        }
    }
}

/// For the items of one scenario: a question that all ask, and one of each.
fn checks(scenarios: &[Scenario]) -> Vec<Check> {
    let scenario = scenarios.iter().find(|scenario| scenario.id == WITH_CHECKS);
    let parts = scenario.into_iter().flat_map(|scenario| &scenario.departments);
    let items = parts.filter(|part| part.id != UNNAMED).flat_map(|part| &part.items);
    let mut list = Vec::new();
    for item in items {
        list.push(Check {
            item: item.id.clone(),
            number: 1,
            standard: Some("亮证经营".into()),
            text: Name {
                zh: "营业执照及许可证是否在显著位置公示".into(),
                en: "Are licence and permits displayed".into(),
            },
        });
        list.push(Check {
            item: item.id.clone(),
            number: 2,
            standard: None,
            text: Name {
                zh: format!("{}：是否符合要求", item.name.zh),
                en: format!("{}: as required", item.name.en),
            },
        });
    }
    list
}
