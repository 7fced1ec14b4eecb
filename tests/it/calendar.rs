//! Public holidays and make-up workdays.

use chrono::NaiveDate;
use onevisit::domain::calendar::YearUnknown;
use onevisit::wire::law::calendar::{read_year, shipped};

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

#[test]
fn holidays_rest_and_made_up_weekends_work() {
    let calendar = shipped();
    let works = |m, d| calendar.is_workday(day(m, d)).unwrap();
    assert!(!works(1, 1) && !works(1, 3) && works(1, 4), "a Sunday worked for New Year");
    assert!(works(2, 14) && !works(2, 15) && !works(2, 23) && works(2, 24) && works(2, 28));
    assert!(!works(4, 6) && works(4, 7));
    assert!(!works(5, 5) && works(5, 6) && works(5, 9));
    assert!(!works(6, 19) && works(6, 22));
    assert!(works(9, 20) && !works(9, 25) && !works(9, 27));
    assert!(!works(10, 7) && works(10, 8) && works(10, 10) && !works(10, 11));
    let year: Vec<NaiveDate> = calendar.closed_days(day(1, 1), day(12, 31)).unwrap();
    // 365 days, less 104 weekend days and 13 holidays of the decree; what else is off is made up
    assert_eq!(365 - year.len(), 365 - 104 - 13);
}

#[test]
fn a_year_without_data_is_an_error_not_a_guess() {
    let next = NaiveDate::from_ymd_opt(2027, 1, 4).unwrap();
    assert_eq!(shipped().is_workday(next), Err(YearUnknown(2027)));
    assert!(shipped().closed_days(day(12, 30), next).is_err());
}

#[test]
fn bad_calendar_files_are_reported() {
    let year = |body: &str| read_year(&format!("year = 2026\nsource = \"s\"\n{body}"));
    let reported = |body: &str| year(body).unwrap_err().to_string();
    assert!(year("workdays = []\nholidays = []").is_ok());
    let reversed =
        "workdays = []\n[[holidays]]\nname = \"n\"\nfirst = 2026-05-03\nlast = 2026-05-01";
    assert!(reported(reversed).starts_with("bad-calendar_reversed"));
    assert_eq!(
        reported("workdays = [2025-01-04]\nholidays = []"),
        r#"bad-calendar_other-year day=2025-01-04 year="2026""#
    );
    assert_eq!(
        reported("workdays = [2026-01-04T10:00:00Z]\nholidays = []"),
        r#"bad-calendar_not-a-day found="2026-01-04T10:00:00Z""#
    );
    let unread = read_year("year = 2026\nworkdays = []\nholidays = []").unwrap_err().to_string();
    assert!(unread.starts_with("bad-calendar error=") && unread.contains("source"), "{unread}");
    assert!(reported("workdays = [\nholidays = []").contains("line="));
}
