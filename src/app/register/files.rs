//! The register from and to files, and lists of any of its kinds.

use super::areas::{bodies, put, tree};
use super::remember_grades;
use crate::app::App;
use crate::app::access::audit::event;
use crate::app::access::changes::{CHANGES_MAX, Changes};
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::paging::Paging;
use crate::domain::register::area::Misplaced;
use crate::domain::register::grade;
use crate::domain::words::Worded;
use crate::domain::{Defect, Language, Message};
use crate::message;
use crate::store::{Tx, Versioned};
use crate::wire::paging::Page;
use crate::wire::register::{BodyRole, Enterprise, Kind, Pool, Record};
use crate::wire::tabular::{
    CellDefect, FileForm, ImportReport, Outcome, Row, RowDefect, Rows, Table, cells_of, columns,
    read, write, write_template,
};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// Records read at once when a file is written.
const PAGE: i64 = 5_000;

/// Whether a kind is about people, whom fewer may see.
fn is_staff(kind: Kind) -> bool {
    matches!(kind, Kind::Pools | Kind::Inspectors | Kind::Absences | Kind::Recusals)
}

/// A list or file has the records of every department and area, so only those who are bound to none
/// read those of people.
fn may_read(caller: &Caller, kind: Kind) -> Result<()> {
    if is_staff(kind) {
        caller.may(Action::ReadStaff, &Object::everywhere())
    } else {
        caller.may(Action::ReadRegister, &Object::shared())
    }
}

/// Records of a kind by key.
pub fn list(app: &App, caller: &Caller, kind: Kind, paging: &Paging) -> Result<Page<Record>> {
    may_read(caller, kind)?;
    let rows = app.store.read(|tx| tx.records(kind, paging.cursor(), paging.fetch()))?;
    Ok(paging.page(rows.into_iter().map(|row| row.value).collect(), Record::key))
}

/// Writes every record of a kind.
pub fn export(
    app: &App,
    caller: &Caller,
    kind: Kind,
    (form, lang): (FileForm, Language),
    out: &mut dyn Write,
) -> Result<usize> {
    may_read(caller, kind)?;
    let columns = columns(kind);
    let rows = app.store.read(|tx| {
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = tx.records(kind, &cursor, PAGE)?;
            let Some(last) = page.last() else { return Ok::<_, Error>(rows) };
            cursor = last.value.key();
            rows.extend(page.iter().map(|row| cells_of(&row.value, &columns, lang)));
        }
    })?;
    let header: Vec<String> = columns.iter().map(|column| column.title(lang)).collect();
    let n = rows.len();
    write(form, &header, rows.into_iter(), out).map_err(unwritten)?;
    Ok(n)
}

/// Writes an empty file of a kind, to fill in.
pub fn template(kind: Kind, (form, lang): (FileForm, Language), out: &mut dyn Write) -> Result<()> {
    write_template(form, &columns(kind), lang, out).map_err(unwritten)
}

fn unwritten(error: std::io::Error) -> Error {
    Error::Internal(format!("a file cannot be written: {error}"))
}

/// Takes a file of records of a kind into the register: all of it or, when a row has a defect,
/// nothing; with `accept_good` exactly the rows without one. Rows that exist already the same
/// change nothing, so that a file may be sent again.
pub fn import(
    app: &App,
    caller: &Caller,
    kind: Kind,
    file: &[u8],
    accept_good: bool,
) -> Result<ImportReport> {
    let action = if is_staff(kind) { Action::ChangeStaff } else { Action::ChangeRegister };
    caller.may(action, &Object::everywhere())?;
    let table = read(file).map_err(Error::Invalid)?;
    let reader = Rows::new(kind.as_str(), columns(kind), &table.header).map_err(Error::Invalid)?;
    // held against the register while others write; they wait only for the writing, unless one of them
    // changes the register meanwhile
    let held = |tx: &mut Tx<'_>| {
        let event = tx.last_event()?;
        let mut import = Import::read(kind, &reader, &table.rows);
        import.look_up(tx)?;
        import.inspect(tx)?;
        let report = import.report(&table, accept_good);
        Ok::<_, Error>((event, import, report))
    };
    let (event, import, report) = app.store.read(held)?;
    if report.outcome == Outcome::Refused {
        return Ok(report);
    }
    let taken = app.store.write_long(|tx| {
        tx.hold_audit_log()?;
        let is_as_it_was = matches!(Changes::since(tx, &event, CHANGES_MAX)?, Changes::Requests(_));
        if is_as_it_was {
            import.take(app, tx, caller)?;
        }
        Ok(is_as_it_was)
    });
    match taken {
        Ok(true) => return Ok(report),
        Ok(false) => {}
        Err(error) if Error::is_taken(&error) => {}
        Err(error) => return Err(error),
    }
    app.store.write_long_once_more(Error::is_taken, |tx| {
        tx.hold_audit_log()?;
        let (_, import, report) = held(tx)?;
        if report.outcome != Outcome::Refused {
            import.take(app, tx, caller)?;
        }
        Ok(report)
    })
}

/// Takes records of a kind, the way a file of them is taken.
pub fn take(app: &App, caller: &Caller, kind: Kind, records: &[Record]) -> Result<()> {
    let columns = columns(kind);
    let header: Vec<String> = columns.iter().map(|column| column.title(Language::En)).collect();
    let rows = records.iter().map(|record| cells_of(record, &columns, Language::En));
    let mut file = Vec::new();
    write(FileForm::Csv, &header, rows, &mut file).map_err(unwritten)?;
    let report = import(app, caller, kind, &file, false)?;
    match report.defects.first() {
        None => Ok(()),
        Some(RowDefect { line, remedy, .. }) => {
            let (kind, line) = (kind.as_str(), *line);
            let message = message!("defective-records", kind = kind, line = line, what = remedy);
            Err(Error::defect("", message))
        }
    }
}

/// A file on its way into the register.
struct Import<'i> {
    kind: Kind,
    reader: &'i Rows,
    rows: &'i [Row],
    /// What each row says, where it can be read and nothing is wrong with it yet.
    records: Vec<Option<Record>>,
    /// What is wrong, by the row's place.
    defects: Vec<(usize, CellDefect)>,
    /// What exists under the rows' keys.
    existing: BTreeMap<String, Versioned<Record>>,
}

impl<'i> Import<'i> {
    fn read(kind: Kind, reader: &'i Rows, rows: &'i [Row]) -> Self {
        let existing = BTreeMap::new();
        let mut import =
            Self { kind, reader, rows, records: Vec::new(), defects: Vec::new(), existing };
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        for (place, row) in rows.iter().enumerate() {
            let record = import.take_in(place, None);
            let earlier = record.as_ref().and_then(|record| lines.get(&record.key()).copied());
            match (&record, earlier) {
                (Some(record), None) => {
                    lines.insert(record.key(), row.line);
                }
                (Some(_), Some(line)) => {
                    let message = message!("duplicate-row_register", line = line);
                    import.add_defect(place, Defect::at("", message));
                }
                (None, _) => {}
            }
            import.records.push(record.filter(|_| earlier.is_none()));
        }
        import
    }

    fn take_in(&mut self, place: usize, existing: Option<&Record>) -> Option<Record> {
        match self.reader.record(self.kind, &self.rows[place].cells, existing) {
            Ok(record) => Some(record),
            Err(found) => {
                self.defects.extend(found.into_iter().map(|defect| (place, defect)));
                None
            }
        }
    }

    fn add_defect(&mut self, place: usize, defect: Defect) {
        self.defects.push((place, self.reader.cell_defect(defect)));
        if let Some(record) = self.records.get_mut(place) {
            *record = None;
        }
    }

    /// Finds what exists already, and fills in from it what columns that are not in the file
    /// would say.
    fn look_up(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let keys: Vec<String> = self.records.iter().flatten().map(Record::key).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        self.existing = tx.records_of(self.kind, &keys)?;
        if !self.reader.is_partial() {
            return Ok(());
        }
        for place in 0..self.rows.len() {
            let Some(record) = &self.records[place] else { continue };
            let existing = self.existing.get(&record.key()).map(|found| found.value.clone());
            if let Some(existing) = existing {
                self.records[place] = self.take_in(place, Some(&existing));
            }
        }
        Ok(())
    }

    /// Holds the rows against each other and against the register. A row that names another row of
    /// the file is only as good as that one.
    fn inspect(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        loop {
            let before = self.defects.len();
            self.inspect_references(tx)?;
            match self.kind {
                Kind::Areas => self.inspect_areas(tx)?,
                Kind::Pools => self.inspect_pools(tx)?,
                Kind::Items => self.inspect_items(),
                Kind::Inspectors => self.inspect_inspectors(tx)?,
                Kind::Authorities => self.inspect_authorities(tx)?,
                _ => {}
            }
            if self.defects.len() == before {
                self.defects.sort_by_key(|(place, _)| *place);
                return Ok(());
            }
        }
    }

    /// Rows without defects, with their places.
    fn good(&self) -> impl Iterator<Item = (usize, &Record)> {
        let records = self.records.iter().enumerate();
        records.filter_map(|(place, record)| record.as_ref().map(|record| (place, record)))
    }

    fn inspect_references(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let mut named: BTreeMap<Kind, BTreeSet<&str>> = BTreeMap::new();
        for reference in self.good().flat_map(|(_, record)| record.references()) {
            named.entry(reference.kind).or_default().insert(reference.id);
        }
        let mut known: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
        for (kind, ids) in named {
            let ids: Vec<&str> = ids.into_iter().collect();
            known.insert(kind, tx.known_keys(kind, &ids)?);
        }
        if let Some(known) = known.get_mut(&self.kind) {
            known.extend(self.good().map(|(_, record)| record.key()));
        }
        let mut found = Vec::new();
        for (place, record) in self.good() {
            for reference in record.references() {
                if known[&reference.kind].contains(reference.id) {
                    continue;
                }
                let message = unknown(reference.kind, reference.id);
                found.push((place, Defect::at(reference.pointer, message)));
            }
        }
        self.add_defects(found);
        Ok(())
    }

    fn add_defects(&mut self, found: Vec<(usize, Defect)>) {
        for (place, defect) in found {
            self.add_defect(place, defect);
        }
    }

    fn inspect_areas(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let mut tree = tree(tx)?;
        for (_, record) in self.good() {
            if let Record::Areas(area) = record {
                put(&mut tree, area);
            }
        }
        let mut found = Vec::new();
        for (place, record) in self.good() {
            let Record::Areas(area) = record else { continue };
            let is_low = |id: &str| tree.misplaced(id) == Some(Misplaced::LevelNotBelow);
            if is_low(&area.id) {
                found.push((place, Defect::at("/level", message!("level-not-below"))));
            } else if let Some(child) = tree.children(&area.id).find(|child| is_low(child)) {
                let message = message!("child-not-below", child = child);
                found.push((place, Defect::at("/level", message)));
            }
        }
        self.add_defects(found);
        Ok(())
    }

    fn inspect_pools(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let mut serving: BTreeMap<(String, Option<String>), String> = BTreeMap::new();
        for Versioned { value, .. } in tx.pools(None, "", i64::MAX)? {
            serving.insert((value.department, value.area), value.id);
        }
        let mut found = Vec::new();
        for (place, record) in self.good() {
            let Record::Pools(pool) = record else { continue };
            let place_of_it = (pool.department.clone(), pool.area.clone());
            let other = serving.entry(place_of_it).or_insert_with(|| pool.id.clone());
            if *other != pool.id {
                let message = message!("one-pool-an-area", pool = other.as_str());
                found.push((place, Defect::at("/area", message)));
            }
            let Some(Versioned { value: Record::Pools(existing), .. }) =
                self.existing.get(&pool.id)
            else {
                continue;
            };
            let Pool { department, area, .. } = existing;
            for (is_changed, pointer) in
                [(*department != pool.department, "/department"), (*area != pool.area, "/area")]
            {
                if is_changed {
                    found.push((place, Defect::at(pointer, message!("immutable_pool"))));
                }
            }
        }
        self.add_defects(found);
        Ok(())
    }

    fn inspect_items(&mut self) {
        let mut found = Vec::new();
        for (place, record) in self.good() {
            let Record::Items(item) = record else { continue };
            if let Some(Versioned { value: Record::Items(existing), .. }) =
                self.existing.get(&item.id)
                && existing.department != item.department
            {
                let message = message!("immutable_item", department = &existing.department);
                found.push((place, Defect::at("/department", message)));
            }
        }
        self.add_defects(found);
    }

    fn inspect_inspectors(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let bodies = bodies(tx)?;
        let pools = tx.pools(None, "", i64::MAX)?;
        let pools: BTreeMap<&str, &str> =
            pools.iter().map(|p| (p.value.id.as_str(), p.value.department.as_str())).collect();
        let mut found = Vec::new();
        for (place, record) in self.good() {
            let Record::Inspectors(inspector) = record else { continue };
            let body = &bodies[&inspector.body];
            if body.role == BodyRole::Convenes {
                found.push((place, coordinator("/body", &body.id)));
            }
            let pool = inspector.pool.as_deref();
            if pool.is_some_and(|pool| pools[pool] != body.department) {
                let message = message!("foreign-pool", department = &body.department);
                found.push((place, Defect::at("/pool", message)));
            }
        }
        self.add_defects(found);
        Ok(())
    }

    fn inspect_authorities(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let (bodies, tree) = (bodies(tx)?, tree(tx)?);
        let mut found = Vec::new();
        for (place, record) in self.good() {
            let Record::Authorities(entry) = record else { continue };
            let named = entry.delegator.iter().map(|id| (id, "/delegator"));
            for (id, pointer) in named.chain([(&entry.body, "/body")]) {
                let body = &bodies[id];
                if body.role == BodyRole::Convenes {
                    found.push((place, coordinator(pointer, id)));
                }
                // territorial jurisdiction (R28)
                if !tree.contains(&body.area, &entry.area) {
                    let message = message!(
                        "outside-jurisdiction_authority",
                        area = &entry.area,
                        body = id,
                        body_area = &body.area
                    );
                    found.push((place, Defect::at("/area", message)));
                }
            }
        }
        self.add_defects(found);
        Ok(())
    }

    /// Whether a row is new or changes something.
    fn change(&self, record: &Record) -> Change {
        match self.existing.get(&record.key()) {
            None => Change::Added,
            Some(existing) if existing.value == *record => Change::Unchanged,
            Some(_) => Change::Updated,
        }
    }

    fn report(&self, table: &Table, accept_good: bool) -> ImportReport {
        let count = |change| self.good().filter(|(_, r)| self.change(r) == change).count();
        ImportReport {
            added: count(Change::Added),
            updated: count(Change::Updated),
            unchanged: count(Change::Unchanged),
            ..ImportReport::about(
                self.kind.as_str(),
                table,
                self.reader,
                &self.defects,
                accept_good,
            )
        }
    }

    /// Writes the rows without defects.
    fn take(&self, app: &App, tx: &mut Tx<'_>, caller: &Caller) -> Result<()> {
        let of = |change| self.good().map(|(_, r)| r).filter(move |r| self.change(r) == change);
        let mut added: Vec<&Record> = of(Change::Added).collect();
        // what others lie in comes first
        added.sort_by_key(|record| match record {
            Record::Areas(area) => Some(area.level),
            _ => None,
        });
        tx.add_records(self.kind, &added)?;
        for record in added {
            event(self.kind.as_str(), &record.key(), "add").after(record).record(app, tx, caller);
        }
        for record in of(Change::Updated) {
            let Versioned { version, value } = &self.existing[&record.key()];
            if !tx.replace_record(record, *version)? {
                return Err(Error::Conflict(message!("taken_just-now")));
            }
            let key = record.key();
            let change = event(self.kind.as_str(), &key, "change").before(value).after(record);
            change.record(app, tx, caller);
        }
        match self.kind {
            Kind::Enterprises => {
                let changed = self.good().map(|(_, record)| record).filter_map(|record| {
                    let Record::Enterprises(enterprise) = record else { return None };
                    self.has_new_grades(enterprise).then_some(enterprise)
                });
                remember_grades(tx, changed, app.today())
            }
            Kind::Grades => self.apply_grades(app, tx, caller),
            _ => Ok(()),
        }
    }

    fn has_new_grades(&self, enterprise: &Enterprise) -> bool {
        let grades = |e: &Enterprise| (e.risk, e.credit_grade);
        match self.existing.get(&enterprise.id).map(|existing| &existing.value) {
            Some(Record::Enterprises(existing)) => grades(existing) != grades(enterprise),
            _ => true,
        }
    }

    /// Gives the enterprises of the file the grades that hold today.
    fn apply_grades(&self, app: &App, tx: &mut Tx<'_>, caller: &Caller) -> Result<()> {
        let ids: BTreeSet<String> = self
            .good()
            .filter_map(|(_, record)| match record {
                Record::Grades(grade) => Some(grade.enterprise.clone()),
                _ => None,
            })
            .collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let histories = tx.grade_histories(&ids)?;
        let keys: Vec<&str> = ids.iter().map(String::as_str).collect();
        for Versioned { version, value } in tx.records_of(Kind::Enterprises, &keys)?.into_values() {
            let Record::Enterprises(enterprise) = value else { continue };
            let history = histories.get(&enterprise.id).map_or(&[][..], Vec::as_slice);
            let Some((risk, credit_grade)) = grade::on_day(history, app.today()) else { continue };
            if (risk, credit_grade) != (enterprise.risk, enterprise.credit_grade) {
                let change = event("enterprises", &enterprise.id, "change").before(&enterprise);
                let changed = Enterprise { risk, credit_grade, ..enterprise.clone() };
                change.after(&changed).record(app, tx, caller);
                tx.replace_record(&Record::Enterprises(changed), version)?;
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Added,
    Updated,
    Unchanged,
}

fn coordinator(pointer: &str, id: &str) -> Defect {
    Defect::at(pointer, message!("coordinator-cannot-inspect", body = id))
}

/// That the register has none of a kind under an id.
fn unknown(kind: Kind, id: &str) -> Message {
    match kind {
        Kind::Areas => message!("unknown-area", id = id),
        Kind::Departments => message!("unknown-department", id = id),
        Kind::Bodies => message!("unknown-body", id = id),
        Kind::Pools => message!("unknown-pool", id = id),
        Kind::Inspectors => message!("unknown-inspector", id = id),
        Kind::Enterprises => message!("unknown-enterprise", id = id),
        _ => message!("unknown-item", id = id),
    }
}
