//! Parameters of rules as plain values: what a file holds, before and after it is typed.

use crate::domain::codes::is_industry_pattern;
use std::collections::BTreeMap;

/// A parameter's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing: no limit, or no such condition.
    Nothing,
    /// A whole number.
    Whole(i64),
    /// True or false.
    Truth(bool),
    /// A text.
    Text(String),
    /// Several of one shape.
    List(Vec<Value>),
    /// Named values.
    Row(BTreeMap<&'static str, Value>),
}

/// What a parameter's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A whole number between two.
    Whole(i64, i64),
    /// True or false.
    Truth,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// An id or a word.
    Word,
    /// An industry of GB/T 4754: `*`, a section letter, or two to four digits.
    Industry,
    /// A day of the year, `MM-DD`.
    YearDay,
    /// What it names, or nothing: the text `none`, and in a row also left out.
    Maybe(&'static Shape),
    /// Any number of them; in a row, none when left out.
    List(&'static Shape),
    /// A table with these columns.
    Row(&'static [Column]),
}

/// A column of a [`Shape::Row`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
}

/// A type that a parameter may have.
pub trait Parameter: Sized {
    /// What its values look like.
    const SHAPE: Shape;
    /// The value typed; `None` when it has another shape.
    fn of(value: &Value) -> Option<Self>;
    /// The plain value.
    fn value(&self) -> Value;
}

impl Parameter for bool {
    const SHAPE: Shape = Shape::Truth;
    fn of(value: &Value) -> Option<Self> {
        if let Value::Truth(truth) = value { Some(*truth) } else { None }
    }
    fn value(&self) -> Value {
        Value::Truth(*self)
    }
}

/// Most that a number without limits of its own may be.
const WHOLE_MAX: i64 = 100_000;

impl Parameter for i64 {
    const SHAPE: Shape = Shape::Whole(0, WHOLE_MAX);
    fn of(value: &Value) -> Option<Self> {
        if let Value::Whole(whole) = value { Some(*whole) } else { None }
    }
    fn value(&self) -> Value {
        Value::Whole(*self)
    }
}

/// A whole number between two, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Within<const LEAST: i64, const MOST: i64>(pub i64);

/// A share of a hundred.
pub type Percent = Within<0, 100>;
/// A day of a month.
pub type MonthDay = Within<1, 31>;

impl<const LEAST: i64, const MOST: i64> Parameter for Within<LEAST, MOST> {
    const SHAPE: Shape = Shape::Whole(LEAST, MOST);
    fn of(value: &Value) -> Option<Self> {
        i64::of(value).filter(|whole| (LEAST..=MOST).contains(whole)).map(Within)
    }
    fn value(&self) -> Value {
        Value::Whole(self.0)
    }
}

impl Parameter for String {
    const SHAPE: Shape = Shape::Word;
    fn of(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text.clone()) } else { None }
    }
    fn value(&self) -> Value {
        Value::Text(self.clone())
    }
}

/// An industry of GB/T 4754 with all that lies in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Industry(pub String);

impl Parameter for Industry {
    const SHAPE: Shape = Shape::Industry;
    fn of(value: &Value) -> Option<Self> {
        String::of(value).filter(|text| is_industry_pattern(text)).map(Industry)
    }
    fn value(&self) -> Value {
        Value::Text(self.0.clone())
    }
}

/// A day of each year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearDay {
    /// Month, from 1.
    pub month: u32,
    /// Day, from 1.
    pub day: u32,
}

impl YearDay {
    /// The day that `MM-DD` names, one that every year has.
    pub fn parse(text: &str) -> Option<Self> {
        let (month, day) = text.split_once('-').filter(|(m, d)| m.len() == 2 && d.len() == 2)?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        chrono::NaiveDate::from_ymd_opt(2025, month, day)?;
        Some(Self { month, day })
    }
}

impl Parameter for YearDay {
    const SHAPE: Shape = Shape::YearDay;
    fn of(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { Self::parse(text) } else { None }
    }
    fn value(&self) -> Value {
        Value::Text(format!("{:02}-{:02}", self.month, self.day))
    }
}

impl<T: Parameter> Parameter for Option<T> {
    const SHAPE: Shape = Shape::Maybe(&T::SHAPE);
    fn of(value: &Value) -> Option<Self> {
        if *value == Value::Nothing { Some(None) } else { T::of(value).map(Some) }
    }
    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Nothing, T::value)
    }
}

impl<T: Parameter> Parameter for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Nothing => Some(Vec::new()),
            Value::List(list) => list.iter().map(T::of).collect(),
            _ => None,
        }
    }
    fn value(&self) -> Value {
        Value::List(self.iter().map(T::value).collect())
    }
}
