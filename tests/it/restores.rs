//! Backups put back: nobody is let in again who was shut out since, and what killed programs leave
//! behind is private, and goes.

use crate::server::{program, url};
use crate::store::restore;
use crate::support::county::{NOODLES, caller, file, request, settle, with};
use crate::support::database::{Database, app, read, sqlite};
use onevisit::app::access::Origin;
use onevisit::app::access::{login, tokens, users};
use onevisit::app::backup::backup;
use onevisit::app::law::rules;
use onevisit::app::requests::filing;
use onevisit::app::restore::{Restore, ShutOut};
use onevisit::app::{Address, App, Caller, Error, StoreOptions};
use onevisit::store::{Since, Store};
use onevisit::wire::access::user::{Role, Session, UserChange};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Output;

const OLD: &str = "a first password of mine";
const NEW: &str = "a second one of the same";

fn place(database: &Database) -> &Path {
    match &database.address {
        Address::Sqlite(path) => path,
        Address::Postgres(_) => panic!("a file"),
    }
}

fn log_in(app: &App, name: &str, password: &str) -> Result<Session, Error> {
    login::log_in(app, &Origin::default(), name, password)
}

fn add(app: &App, name: &str, roles: &[&str]) -> String {
    let user = json!({
        "name": name, "password": OLD, "roles": roles, "departments": ["market"]
    });
    users::add(app, &caller(), &read(user)).expect("a user").value.id
}

fn change(app: &App, id: &str, change: impl FnOnce(&mut UserChange)) {
    let before = users::get(app, &caller(), id).expect("the user");
    let mut wanted = UserChange { access: before.value.access, disabled: before.value.disabled };
    change(&mut wanted);
    users::change(app, &caller(), id, &wanted, before.version).expect("changed");
}

/// A town of which a backup was made, and what happened since.
struct Town {
    database: Database,
    app: App,
    copy: PathBuf,
    /// A personal token that was revoked since.
    token: String,
    /// A token of a session that was ended since.
    session: Session,
    /// Ids of the keys that signed before and since.
    keys: [String; 2],
}

fn signs(app: &App) -> String {
    let token = log_in(app, "watch", OLD).expect("logged in").token;
    jsonwebtoken::decode_header(&token).expect("a header").kid.expect("a key")
}

fn town() -> Town {
    let database = sqlite();
    let app = app(&database);
    settle(&app);
    let [lin, _, wang, wu] =
        ["lin", "watch", "wang", "wu"].map(|name| add(&app, name, &["filer", "head"]));
    let new = json!({ "name": "map", "scopes": ["read"] });
    let issued = tokens::add_for(&app, &caller(), "watch", &read(new)).expect("a token");
    let session = log_in(&app, "watch", OLD).expect("logged in");
    let before = signs(&app);
    let copy = place(&database).with_file_name("copy.db");
    backup(place(&database), &copy).expect("a backup");
    change(&app, &lin, |lin| lin.disabled = true);
    users::set_password(&app, &caller(), &wang, &read(json!({ "new": NEW }))).expect("set");
    change(&app, &wu, |wu| wu.access.roles = vec![Role::Filer]);
    tokens::revoke(&app, &caller(), &issued.listed.id).expect("revoked");
    let own = tokens::authenticate(&app, &session.token).expect("it goes on");
    login::log_out(&app, &own).expect("ended");
    let since = tokens::rotate_keys(&app, &Caller::local()).expect("rotated");
    let (token, keys) = (issued.token, [before, since]);
    Town { database, app, copy, token, session, keys }
}

fn names(shut_out: &ShutOut) -> [Vec<&str>; 3] {
    [&shut_out.users, &shut_out.passwords, &shut_out.rights]
        .map(|names| names.iter().map(String::as_str).collect())
}

fn code(result: Result<impl Sized, Error>) -> &'static str {
    match result {
        Ok(_) => "let in",
        Err(Error::Unauthenticated(why)) => why.code(),
        Err(error) => panic!("{error:?}"),
    }
}

fn roles(app: &App, name: &str) -> Vec<Role> {
    users::by_name(app, &caller(), name).expect("the user").value.access.roles
}

#[test]
fn who_was_shut_out_since_a_backup_stays_so_when_it_is_put_back() {
    let Town { database, app, copy, token, session, keys } = town();
    let found = Restore::prepare(&copy, place(&database)).expect("sound").shut_out();
    let found = found.expect("a look");
    assert_eq!(names(&found), [vec!["lin"], vec!["wang"], vec!["wu"]]);
    assert_eq!((found.tokens.len(), &found.keys), (1, &vec![keys[0].clone()]));
    assert!(!found.sessions.is_empty());
    // a look changes nothing
    assert_eq!(signs(&app), keys[1]);
    file(&app, request("food", NOODLES));
    assert_eq!(restore(&copy, place(&database)).expect("restored"), found);
    assert_eq!(code(log_in(&app, "lin", OLD)), "user-disabled");
    assert_eq!(code(log_in(&app, "wang", OLD)), "bad-credentials");
    assert_eq!(code(log_in(&app, "wang", NEW)), "let in");
    assert_eq!(roles(&app, "wu"), [Role::Filer]);
    assert_eq!(code(tokens::authenticate(&app, &token)), "token-revoked");
    assert_eq!(code(tokens::authenticate(&app, &session.token)), "session-ended");
    let again = login::refresh(&app, &Origin::default(), &session.refresh_token);
    assert_eq!(code(again), "bad-refresh-token");
    assert_eq!(signs(&app), keys[1], "the key that was retired does not sign");
    // what was put back now is what it was, so that nothing happened since another copy of it
    backup(place(&database), &copy).expect("a backup");
    assert!(restore(&copy, place(&database)).expect("restored").is_empty());
}

#[test]
fn a_server_that_goes_on_knows_nothing_of_what_was_before() {
    let database = sqlite();
    let app = app(&database);
    settle(&app);
    let copy = place(&database).with_file_name("copy.db");
    backup(place(&database), &copy).expect("a backup");
    let put = |pack: &str| {
        let new = json!({ "pack": pack, "first_day": "2026-03-02", "note": "x" });
        rules::put(&app, &caller(), &read(new)).expect("in force").number
    };
    let judged_by = || {
        let tried = filing::try_one(&app, &caller(), &read(request("food", NOODLES)));
        tried.expect("it may be filed").pack
    };
    let number = put("yongchun");
    assert!(judged_by().starts_with("yongchun"), "{}", judged_by());
    let store = Store::open(&database.address, &StoreOptions::default()).expect("it opens").0;
    let last = store.read(|tx| tx.last_event()).expect("an event");
    let since = || store.read(|tx| tx.changed_since(&last, 10)).expect("an answer");
    let nothing = Since { last: last.clone(), changed: Vec::new() };
    assert_eq!(since(), Some(nothing));
    restore(&copy, place(&database)).expect("restored");
    assert_eq!(since(), None, "the audit log has no such event any more");
    assert!(judged_by().starts_with("national"), "{}", judged_by());
    // the number and the event's place are given anew
    assert_eq!(put("national"), number);
    assert_eq!(since(), None);
    assert!(judged_by().starts_with("national"), "{}", judged_by());
}

#[test]
fn who_was_shut_out_is_let_in_again_where_that_is_said() {
    let Town { database, app, copy, token, session, keys } = town();
    Restore::prepare(&copy, place(&database)).expect("sound").finish(true).expect("restored");
    assert_eq!(code(log_in(&app, "lin", OLD)), "let in");
    assert_eq!(code(log_in(&app, "wang", OLD)), "let in");
    assert_eq!(roles(&app, "wu").len(), 2);
    assert_eq!(code(tokens::authenticate(&app, &token)), "let in");
    assert_eq!(code(tokens::authenticate(&app, &session.token)), "let in");
    assert_eq!(signs(&app), keys[0]);
}

#[test]
fn a_backup_put_back_into_another_database_shuts_nobody_out() {
    let Town { database: _there, copy, .. } = town();
    // a new machine, on which the service was started once
    let fresh = sqlite();
    let new = app(&fresh);
    assert!(restore(&copy, place(&fresh)).expect("restored").is_empty());
    assert_eq!(code(log_in(&new, "lin", OLD)), "let in");
    // and an older state put back by a newer backup is no reason to shut anybody out
    let older = sqlite();
    let then = app(&older);
    settle(&then);
    let lin = add(&then, "lin", &["filer"]);
    change(&then, &lin, |lin| lin.disabled = true);
    let old = place(&older).with_file_name("old.db");
    backup(place(&older), &old).expect("a backup");
    change(&then, &lin, |lin| lin.disabled = false);
    let newer = place(&older).with_file_name("newer.db");
    backup(place(&older), &newer).expect("a backup");
    restore(&old, place(&older)).expect("restored");
    assert_eq!(code(log_in(&then, "lin", OLD)), "user-disabled");
    assert!(restore(&newer, place(&older)).expect("restored").is_empty());
    assert_eq!(code(log_in(&then, "lin", OLD)), "let in");
}

fn run(args: &[&str]) -> Output {
    program().args(args).stdin(std::process::Stdio::null()).output().expect("it runs")
}

#[test]
fn the_command_reports_whom_it_would_let_in_and_waits_for_a_word() {
    let Town { database, app, copy, .. } = town();
    file(&app, with(request("food", NOODLES), json!({ "reference": "since" })));
    let (place, copy) = (url(&database), copy.display().to_string());
    let refused = run(&["restore", &copy, "--database", &place]);
    let errors = String::from_utf8(refused.stderr).expect("text");
    assert_eq!(refused.status.code(), Some(2), "{errors}");
    for wanted in ["lin", "wang", "wu", "--yes", "They stay shut out"] {
        assert!(errors.contains(wanted), "{wanted}: {errors}");
    }
    let requests = || {
        let paging = onevisit::app::paging::Paging::new(None, None).expect("paging");
        let filter = onevisit::app::RequestFilter::default();
        let page = onevisit::app::requests::list(&app, &caller(), &filter, &paging);
        page.expect("a list").items.len()
    };
    assert_eq!(requests(), 1, "nothing was restored");
    let done = run(&["restore", &copy, "--yes", "--database", &place]);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(requests(), 0);
    assert_eq!(code(log_in(&app, "lin", OLD)), "user-disabled");
    // nothing happened since that would have to be asked for
    let again = run(&["restore", &copy, "--database", &place]);
    let errors = String::from_utf8(again.stderr).expect("text");
    assert_eq!(again.status.code(), Some(2), "the first restore shut them out once more: {errors}");
}

/// What is hidden beside a database.
fn hidden(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one"));
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    found.retain(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.')));
    found.sort();
    found
}

#[test]
fn leftovers_of_killed_programs_go_and_nothing_else_does() {
    let database = sqlite();
    drop(app(&database));
    let folder = place(&database).parent().expect("a folder");
    let made = |name: &str, files: &[&str]| {
        let path = folder.join(name);
        std::fs::create_dir(&path).expect("a folder");
        for file in files {
            std::fs::write(path.join(file), "x").expect("written");
        }
        path
    };
    let left = made(".onevisit-AbC123", &["in-use", "copy.db", "copy.db-wal"]);
    let in_use = made(".onevisit-AbC124", &["in-use", "copy.db"]);
    let foreign = made(".onevisit-AbC125", &["in-use", "copy.db", "letter.txt"]);
    let named = made(".onevisit-holiday", &["in-use"]);
    let empty = made(".onevisit-AbC126", &[]);
    let lock = std::fs::File::options().write(true).open(in_use.join("in-use")).expect("it");
    lock.try_lock().expect("nobody has it");
    // of an older version: a copy in the making, of which only its age is a sign
    let old = folder.join(".onevisit-AbC127");
    std::fs::copy(place(&database), &old).expect("copied");
    let aged = std::fs::File::options().write(true).open(&old).expect("it");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 86_400);
    aged.set_modified(long_ago).expect("set");
    drop(app(&database));
    assert!(!left.exists() && !old.exists() && !empty.exists());
    assert_eq!(hidden(folder), [in_use.clone(), foreign, named]);
    drop(lock);
    backup(place(&database), &folder.join("copy.db")).expect("a backup");
    assert!(!in_use.exists(), "a backup looks too");
}

#[cfg(unix)]
#[test]
fn what_a_killed_restore_leaves_is_private_and_goes_at_the_next_start() {
    use std::os::unix::fs::PermissionsExt;
    let database = sqlite();
    {
        let app = app(&database);
        settle(&app);
        let many: Vec<_> = (1_000..4_000)
            .map(|serial| {
                let code = crate::support::county::credit_code(serial);
                read(crate::support::county::enterprise(&code, "east", "6210"))
            })
            .collect();
        onevisit::app::register::add_enterprises(&app, &caller(), &many).expect("enterprises");
    }
    let folder = place(&database).parent().expect("a folder");
    let copy = folder.join("copy.db");
    backup(place(&database), &copy).expect("a backup");
    let mode = |path: &Path| path.symlink_metadata().expect("it").permissions().mode() & 0o777;
    let (copy, place_text) = (copy.display().to_string(), url(&database));
    let mut seen = 0;
    for _ in 0..20 {
        let args = ["restore", &copy, "--yes", "--database", &place_text];
        let mut child = program().args(args).spawn().expect("it starts");
        // kill it as soon as something of it is there
        while hidden(folder).is_empty() && child.try_wait().expect("a look").is_none() {
            std::thread::yield_now();
        }
        std::thread::sleep(std::time::Duration::from_millis(seen));
        child.kill().expect("a kill");
        child.wait().expect("it is dead");
        for path in hidden(folder) {
            seen += 1;
            assert_eq!(mode(&path), 0o700);
            for entry in std::fs::read_dir(&path).expect("a folder") {
                let path = entry.expect("one").path();
                assert_eq!(mode(&path), 0o600, "{}", path.display());
            }
        }
        drop(app(&database));
        assert_eq!(hidden(folder), Vec::<PathBuf>::new(), "the next start removes it");
    }
    assert!(seen > 0, "it was never killed in the midst");
}
