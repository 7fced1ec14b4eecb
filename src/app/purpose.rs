//! What a database is for. A demo takes an empty one for itself, and knows it again.

use super::App;
use super::access::Caller;
use super::access::audit::event;
use super::error::Result;

/// What was found in a database that is to be dedicated.
pub enum Dedication {
    /// It was empty, and is dedicated now.
    New,
    /// It is dedicated to the same.
    Same,
    /// It is dedicated to this.
    Other(String),
    /// It holds a register of its own.
    InUse,
}

/// Dedicates an empty database: keeps `purpose` under `name`, unless there is one or a register.
pub fn dedicate(app: &App, caller: &Caller, name: &str, purpose: &str) -> Result<Dedication> {
    app.store.write(|tx| {
        if let Some(found) = tx.setting(name)? {
            let is_same = found == purpose;
            return Ok(if is_same { Dedication::Same } else { Dedication::Other(found) });
        }
        if !tx.areas("", 1)?.is_empty() || !tx.departments("", 1)?.is_empty() {
            return Ok(Dedication::InUse);
        }
        tx.add_setting(name, purpose)?;
        let details = serde_json::json!({ "district": purpose });
        event("demo", name, "begin").after(&details).record(app, tx, caller);
        Ok(Dedication::New)
    })
}
