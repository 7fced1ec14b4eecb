//! Draws the demo's district.

use super::{COUNTY, District, LOCAL, Options, UNNAMED, powers};
use crate::domain::codes::{credit_code_check, is_in_industry, organisation_code_check};
use crate::wire::register::scenario::Scenario;
use crate::wire::register::{
    Area, Assumable, EVERY_WEEKDAY, Enterprise, Grade, Item, Level, Name, Pool, Subject,
};
use crate::wire::requests::request::{Contact, Kind, NewRequest};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_pcg::Pcg64Mcg;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const DISTRICT: &str = include_str!("district.toml");
const ITEMS: &str = include_str!("items.toml");

/// Least person-minutes that a pool offers a day: two inspectors for one long visit.
const DAY_MINUTES_MIN: i64 = 240;
/// Working days of the quarter.
const WORKING_DAYS: i64 = 58;
/// The way to an enterprise and back, for a crew of two.
const ATTENDANCE_MINUTES: i64 = 60;
/// Departments whose inspectors are here on Tuesdays and Thursdays only, and too few for what they
/// file, so that something is left out.
const SHORT: [&str; 2] = ["ecology_environment", "health"];
/// The scenario that concerns every enterprise.
const ANNUAL_REPORTS: &str = "SC09";

#[derive(Deserialize)]
struct DistrictFile {
    name: NameEntry,
    words: Vec<String>,
    words_en: Vec<String>,
    areas: Vec<AreaEntry>,
    industries: Vec<IndustryEntry>,
}

#[derive(Clone, Deserialize)]
struct NameEntry {
    zh: String,
    en: String,
}

impl From<NameEntry> for Name {
    fn from(entry: NameEntry) -> Self {
        Name { zh: entry.zh, en: entry.en }
    }
}

#[derive(Deserialize)]
struct AreaEntry {
    id: String,
    name: NameEntry,
    weight: u32,
}

#[derive(Deserialize)]
struct IndustryEntry {
    code: String,
    name: NameEntry,
    weight: u32,
    risks: [u32; 4],
}

#[derive(Deserialize)]
struct ItemsFile {
    items: Vec<ItemEntry>,
}

#[derive(Deserialize)]
struct ItemEntry {
    id: String,
    department: String,
    name: NameEntry,
    gbt4754: Vec<String>,
    minutes: i64,
    inspectors: i64,
}

/// Draws a district.
pub fn district(options: &Options, scenarios: Vec<Scenario>) -> District {
    let mut random = Pcg64Mcg::new(u128::from(options.seed) | 1 << 64);
    let file: DistrictFile = toml::from_str(DISTRICT).expect("the shipped file is sound");
    let own: ItemsFile = toml::from_str(ITEMS).expect("the shipped file is sound");
    let start = NaiveDate::from_ymd_opt(2026, 10, 1).expect("a day");
    let end = NaiveDate::from_ymd_opt(2026, 12, 31).expect("a day");
    let enterprises: Vec<Enterprise> =
        (0..options.enterprises).map(|serial| enterprise(&mut random, &file, serial)).collect();
    let mut drawer = Drawer { random, start, end, requests: Vec::new(), crews: BTreeMap::new() };
    for enterprise in &enterprises {
        drawer.requests_at(enterprise, &scenarios, &own.items);
    }
    let Drawer { mut requests, crews, .. } = drawer;
    let areas = areas(&file);
    let items: Vec<Item> = own.items.iter().map(item).collect();
    powers::hand_over(&areas, &scenarios, &items, &enterprises, &mut requests);
    let pools = pools(&file.areas, &enterprises, &requests, &crews, (start, end));
    District {
        name: file.name.clone().into(),
        start,
        end,
        records: powers::records(
            &file.name.clone().into(),
            &areas,
            &scenarios,
            &items,
            &pools,
            &requests,
        ),
        areas,
        items,
        scenarios,
        pools,
        enterprises,
        requests,
    }
}

/// The district, and the towns in it.
fn areas(file: &DistrictFile) -> Vec<Area> {
    let county = Area {
        id: COUNTY.into(),
        name: file.name.clone().into(),
        level: Level::County,
        parent: None,
    };
    let town = |area: &AreaEntry| Area {
        id: area.id.clone(),
        name: area.name.clone().into(),
        level: Level::Town,
        parent: Some(COUNTY.into()),
    };
    [county].into_iter().chain(file.areas.iter().map(town)).collect()
}

/// Farmers' co-operatives are recognised by their name, small traders by their industry.
fn subject(industry: &IndustryEntry) -> Subject {
    match industry.code.as_str() {
        _ if industry.name.zh.ends_with("合作社") => Subject::FarmCooperative,
        code if code.starts_with("52") || code.starts_with("62") => Subject::IndividualBusiness,
        _ => Subject::Enterprise,
    }
}

fn item(entry: &ItemEntry) -> Item {
    let assumed = |value| Assumable { value, assumed: true };
    let numbers = (assumed(entry.minutes), assumed(entry.inspectors));
    Item::plain(entry.id.clone(), entry.department.clone(), entry.name.clone().into(), numbers)
}

fn weighted<'w, T>(random: &mut Pcg64Mcg, list: &'w [T], weight: impl Fn(&T) -> u32) -> &'w T {
    let mut place = random.random_range(0..list.iter().map(&weight).sum());
    let hit = list.iter().find(|one| {
        let width = weight(one);
        let is_hit = place < width;
        place = place.saturating_sub(width);
        is_hit
    });
    hit.expect("the place lies within the sum")
}

fn enterprise(random: &mut Pcg64Mcg, file: &DistrictFile, serial: usize) -> Enterprise {
    let area = weighted(random, &file.areas, |area| area.weight);
    let industry = weighted(random, &file.industries, |industry| industry.weight);
    let grades = [Grade::A, Grade::B, Grade::C, Grade::D];
    let places = [0, 1, 2, 3];
    let risk = grades[*weighted(random, &places, |place| industry.risks[*place])];
    let credit_grade = grades[*weighted(random, &places, |place| [35, 40, 18, 7][*place])];
    let word = random.random_range(0..file.words.len());
    let last_counted = random.random_bool(0.2).then(|| {
        let days = random.random_range(1..60);
        NaiveDate::from_ymd_opt(2026, 10, 1).expect("a day") - Days::new(days)
    });
    Enterprise {
        id: credit_code(serial),
        name: Name {
            zh: format!("{}{}（虚构{:04}）", file.words[word], industry.name.zh, serial + 1),
            en: format!("{} {} (made up {:04})", file.words_en[word], industry.name.en, serial + 1),
        },
        area: area.id.clone(),
        industry: industry.code.clone(),
        risk,
        credit_grade,
        last_counted,
        subject: subject(industry),
        longitude_microdegrees: None,
        latitude_microdegrees: None,
        joint_opt_out: false,
        open_weekdays: EVERY_WEEKDAY.into(),
        safety_level: None,
        designated: false,
    }
}

/// A sound code in a division that does not exist (990000), so that it is nobody's.
fn credit_code(serial: usize) -> String {
    let organisation = format!("MA{serial:06}");
    let check = organisation_code_check(&organisation).expect("eight letters and digits");
    let first = format!("91990000{organisation}{check}");
    let last = credit_code_check(&first).expect("seventeen characters of the alphabet");
    format!("{first}{last}")
}

struct Drawer {
    random: Pcg64Mcg,
    start: NaiveDate,
    end: NaiveDate,
    requests: Vec<NewRequest>,
    /// Person-minutes on site and crew of each item.
    crews: BTreeMap<String, (i64, i64)>,
}

impl Drawer {
    fn requests_at(&mut self, enterprise: &Enterprise, scenarios: &[Scenario], own: &[ItemEntry]) {
        let matching: Vec<&Scenario> = scenarios
            .iter()
            .filter(|s| s.gbt4754.iter().any(|p| is_in_industry(&enterprise.industry, p)))
            // of those that are for any industry, only the annual reports are due from everybody
            .filter(|s| s.id == ANNUAL_REPORTS || s.gbt4754.iter().all(|p| p != "*"))
            .collect();
        let mut asked: BTreeSet<String> = BTreeSet::new();
        // a campaign of one scenario: its departments file within the same weeks or so
        let share = match enterprise.risk {
            Grade::A => 0.35,
            Grade::B => 0.5,
            Grade::C => 0.65,
            Grade::D => 0.85,
        };
        if !matching.is_empty() && self.random.random_bool(share) {
            let scenario = *matching.choose(&mut self.random).expect("not empty");
            let week = self.random.random_range(0..9);
            for part in scenario.departments.iter().filter(|part| part.id != UNNAMED) {
                if !self.random.random_bool(0.8) {
                    continue;
                }
                for item in &part.items {
                    let crew = (item.minutes.value, item.inspectors.value);
                    if self.random.random_bool(0.75) && asked.insert(item.id.clone()) {
                        self.request(enterprise, &part.id, &item.id, crew, Some(week));
                    }
                }
            }
        }
        // what departments plan by themselves
        let applicable: Vec<&ItemEntry> = own
            .iter()
            .filter(|item| item.gbt4754.iter().any(|p| is_in_industry(&enterprise.industry, p)))
            .collect();
        let mut more = match enterprise.risk {
            Grade::A => 0.3,
            Grade::B => 0.45,
            Grade::C => 0.6,
            Grade::D => 0.7,
        };
        while !applicable.is_empty() && self.random.random_bool(more) {
            let item = *applicable.choose(&mut self.random).expect("not empty");
            if asked.insert(item.id.clone()) {
                let crew = (item.minutes, item.inspectors);
                self.request(enterprise, &item.department, &item.id, crew, None);
            }
            more *= 0.8;
        }
    }

    /// `week`: of a campaign, counted from the quarter's first.
    fn request(
        &mut self,
        enterprise: &Enterprise,
        department: &str,
        item: &str,
        crew: (i64, i64),
        week: Option<u64>,
    ) {
        let random = &mut self.random;
        let kind = match (week, random.random_range(0..100)) {
            (Some(_), 0..60) => Kind::Daily,
            (Some(_), _) => Kind::Special,
            (None, 0..70) => Kind::Daily,
            (None, 70..80) => Kind::Special,
            (None, 80..88) => Kind::FollowUp,
            (None, 88..95) => Kind::Case,
            (None, _) => Kind::Clue,
        };
        let (first, length) = match (week, kind) {
            (Some(week), _) => (week * 7 + random.random_range(0..10), random.random_range(14..40)),
            (None, Kind::Case | Kind::Clue) => {
                (random.random_range(0..80), random.random_range(7..15))
            }
            (None, _) => (random.random_range(0..60), random.random_range(20..92)),
        };
        let earliest = self.start + Days::new(first);
        let latest = earliest + Days::new(length);
        // the last days of the quarter are a deadline for most of what would go on beyond it
        let latest = if latest > self.end && random.random_bool(0.7) { self.end } else { latest };
        let due = random.random_bool(0.3).then(|| {
            let overdue = kind == Kind::FollowUp && random.random_bool(0.4);
            if overdue { self.start - Days::new(random.random_range(1..40)) } else { latest }
        });
        let solo = kind == Kind::Clue && random.random_bool(0.5);
        let serial = self.requests.len() + 1;
        self.crews.insert(item.to_owned(), crew);
        self.requests.push(NewRequest {
            reference: Some(format!("DEMO-{serial:06}")),
            department: department.into(),
            enterprise: enterprise.id.clone(),
            item: item.into(),
            kind,
            contact: Contact::Inspection,
            earliest,
            latest,
            due,
            minutes: None,
            inspectors: None,
            reason: None,
            plan: None,
            draw: None,
            on_site_reason: None,
            agreement: None,
            exempt: None,
            quiet_exempt: None,
            together: None,
            solo,
            note: None,
        });
    }
}

/// As many inspectors as the requests need, with some to spare, or a few too few.
fn pools(
    areas: &[AreaEntry],
    enterprises: &[Enterprise],
    requests: &[NewRequest],
    crews: &BTreeMap<String, (i64, i64)>,
    (start, end): (NaiveDate, NaiveDate),
) -> Vec<Pool> {
    let area_of: BTreeMap<&str, &str> =
        enterprises.iter().map(|e| (e.id.as_str(), e.area.as_str())).collect();
    let mut asked: BTreeMap<(&str, Option<&str>), i64> = BTreeMap::new();
    for request in requests {
        let is_local = LOCAL.contains(&request.department.as_str());
        let area = is_local.then(|| area_of[request.enterprise.as_str()]);
        let (minutes, crew) = crews[&request.item];
        *asked.entry((&request.department, area)).or_default() +=
            minutes * crew + ATTENDANCE_MINUTES;
    }
    // pools exist for every town, busy or not
    let departments: BTreeSet<&str> = requests.iter().map(|r| r.department.as_str()).collect();
    let mut pools = Vec::new();
    for department in departments {
        let is_local = LOCAL.contains(&department);
        let places: Vec<Option<&str>> =
            if is_local { areas.iter().map(|a| Some(a.id.as_str())).collect() } else { vec![None] };
        for area in places {
            let total = asked.get(&(department, area)).copied().unwrap_or(0);
            let is_short = SHORT.contains(&department);
            let (percent, days) = if is_short { (60, 26) } else { (120, WORKING_DAYS) };
            // enough for any one visit, in whole quarters of an hour
            let minutes = (total * percent / 100 / days).max(DAY_MINUTES_MIN) / 15 * 15;
            let town = area.map(|area| area.rsplit('-').next().unwrap_or(area));
            // everybody is in training in the middle of each month
            let is_away = |day: &NaiveDate| {
                let is_lent = is_short && !matches!(day.weekday(), Weekday::Tue | Weekday::Thu);
                is_lent || (day.day() == 15 && !is_short)
            };
            let quarter = start.iter_days().take_while(|day| *day <= end);
            pools.push(Pool {
                id: town.map_or(department.to_owned(), |town| format!("{department}.{town}")),
                department: department.into(),
                area: area.map(Into::into),
                minutes,
                attendance_minutes: ATTENDANCE_MINUTES,
                overtime_minutes: 120,
                days: quarter.filter(is_away).map(|day| (day, 0)).collect(),
            });
        }
    }
    pools
}
