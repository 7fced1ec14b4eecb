//! CSV and Excel files.
#![no_main]

use onevisit::wire::register::Kind;
use onevisit::wire::tabular::{self, Rows};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(table) = tabular::read(bytes) else { return };
    for kind in [Kind::Areas, Kind::Enterprises, Kind::Items] {
        let Ok(rows) = Rows::new(kind.as_str(), tabular::columns(kind), &table.header) else { continue };
        for row in &table.rows {
            let _ = rows.record(kind, &row.cells, None);
        }
    }
});
