//! Tables for people.

use crate::domain::Message;
use crate::text::say;
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// A table with these heads; the first column is text, the others are figures.
pub fn table(heads: &[Message]) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(rule)).set_header(heads.iter().map(say));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
