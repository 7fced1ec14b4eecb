//! Tables and figures for people.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// A table with these heads; the first column is text, the others are figures.
pub fn table(heads: &[&str]) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(rule)).set_header(heads.iter().copied());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A whole number with commas between thousands.
pub fn figure(value: impl TryInto<i64>) -> String {
    let value: i64 = value.try_into().unwrap_or(i64::MAX);
    let digits = value.unsigned_abs().to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits"))
        .collect();
    format!("{}{}", if value < 0 { "-" } else { "" }, groups.join(","))
}

/// A share in percent.
pub fn percent(share: f64) -> String {
    if share != 0.0 && share.abs() < 0.01 {
        format!("{:.3}%", share * 100.0)
    } else {
        format!("{:.1}%", share * 100.0)
    }
}

/// `a` of `b`, 0 where b is 0.
pub fn ratio(a: usize, b: usize) -> f64 {
    if b == 0 { 0.0 } else { a as f64 / b as f64 }
}
