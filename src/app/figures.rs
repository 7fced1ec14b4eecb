//! Figures as people read them, on the terminal and on pages.

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

/// A figure with one decimal and commas between thousands.
pub fn tenths(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", figure(tenths.abs() / 10), tenths.abs() % 10)
}
