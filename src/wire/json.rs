//! JSON read without loss: order and repeated fields survive, and a reader that walks the result
//! reports every defect with its pointer, not only the first.

use crate::domain::problem::pointer_token;
use crate::domain::words::Worded;
use crate::domain::{Argument, Defect, Message};
use crate::message;
use chrono::NaiveDate;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

/// A JSON value. Texts without escapes are borrowed from what was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits.
    Whole(i64),
    /// Any other number.
    Decimal(f64),
    /// A string.
    Text(Cow<'t, str>),
    /// An array.
    List(Vec<Node<'t>>),
    /// An object, fields in order, repeated ones too.
    Object(Vec<(Cow<'t, str>, Node<'t>)>),
}

impl Node<'_> {
    /// What it is, in words.
    fn kind(&self) -> Message {
        match self {
            Node::Null => message!("value_null"),
            Node::Bool(_) => message!("value_truth"),
            Node::Whole(_) => message!("value_whole"),
            Node::Decimal(_) => message!("value_decimal"),
            Node::Text(_) => message!("value_text"),
            Node::List(_) => message!("value_list"),
            Node::Object(_) => message!("value_object"),
        }
    }

    /// The value itself where it is short enough to be quoted, else what it is.
    fn quoted(&self) -> Argument {
        match self {
            Node::Bool(value) => value.to_string().into(),
            Node::Whole(value) => value.to_string().into(),
            Node::Decimal(value) => format!("{value:?}").into(),
            Node::Text(text) => message!("value_quoted", text = text.as_ref()).into(),
            Node::Null | Node::List(_) | Node::Object(_) => self.kind().into(),
        }
    }
}

/// Most values of one document that comes over the network, names of fields not counted.
pub const VALUES_MAX: usize = 500_000;
/// Most defects of one document that are gathered; reading goes no further.
pub const DEFECTS_MAX: usize = 1_000;
/// First day that anything may name.
pub const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
/// Last day that anything may name.
pub const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2100, 12, 31).unwrap();

/// How the error of a document with too many values begins.
const TOO_MANY_VALUES: &str = "more than 500000 values";

/// Reads one value, of any number within it or of so many as are left.
#[derive(Clone, Copy, Default)]
pub struct NodeSeed<'c> {
    left: Option<&'c Cell<usize>>,
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Node<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        if let Some(left) = self.left {
            let now = left.get().checked_sub(1).ok_or_else(|| D::Error::custom(TOO_MANY_VALUES))?;
            left.set(now);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = Node<'de>;
    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E: Error>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Whole(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(i64::try_from(value).map_or(Node::Decimal(value as f64), Node::Whole))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Node::Decimal(value))
    }
    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(value.to_owned().into()))
    }
    fn visit_string<E: Error>(self, value: String) -> Result<Node<'de>, E> {
        Ok(Node::Text(value.into()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = seq.next_element_seed(self)? {
            list.push(node);
        }
        Ok(Node::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let mut fields = Vec::new();
        // names are as many as values
        while let Some(name) = map.next_key_seed(NodeSeed::default())? {
            let Node::Text(name) = name else { return Err(A::Error::custom("a name is a text")) };
            fields.push((name, map.next_value_seed(self)?));
        }
        Ok(Node::Object(fields))
    }
}

/// Reads a JSON text that holds one value.
pub fn parse(text: &[u8]) -> Result<Node<'_>, serde_json::Error> {
    parse_by(NodeSeed::default(), text)
}

fn parse_by<'t>(seed: NodeSeed<'_>, text: &'t [u8]) -> Result<Node<'t>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let node = seed.deserialize(&mut deserializer)?;
    deserializer.end().map(|()| node)
}

/// The defect of a text that is no JSON.
pub fn not_json(error: &serde_json::Error) -> Defect {
    // the reader has no other mark for it
    let words = error.to_string();
    let (line, column) = (error.line(), error.column());
    let message = if words.starts_with("recursion limit exceeded") {
        message!("too-deep", line = line, column = column)
    } else if words.starts_with(TOO_MANY_VALUES) {
        message!("too-many-values", most = VALUES_MAX, line = line, column = column)
    } else {
        message!("not-json", error = words, line = line, column = column)
    };
    Defect::at("", message)
}

/// Something that is read from an object, with every defect of it.
pub trait Read: Sized {
    /// Takes its fields. `None` only when a defect is reported that leaves nothing to go on with.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// Reads one object; what is left of its fields is unknown, and refused.
pub fn element<T: Read>(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<T> {
    let mut fields = Fields::of(node, pointer, defects)?;
    let value = T::read(&mut fields);
    fields.finish();
    value
}

/// Reads a whole document, gathering its defects.
pub fn from_node_of<T: Read>(node: Node, defects: &mut Vec<Defect>) -> Option<T> {
    element(node, String::new(), defects)
}

/// Reads a whole document.
pub fn from_node<T: Read>(node: Node) -> Result<T, Vec<Defect>> {
    let mut defects = Vec::new();
    match element(node, String::new(), &mut defects) {
        Some(value) if defects.is_empty() => Ok(value),
        _ => Err(defects),
    }
}

/// Reads a JSON document of any length.
pub fn from_json<T: Read>(bytes: &[u8]) -> Result<T, Vec<Defect>> {
    from_json_by(NodeSeed::default(), bytes)
}

/// Reads a JSON document that comes over the network, of at most [`VALUES_MAX`] values.
pub fn from_body<T: Read>(bytes: &[u8]) -> Result<T, Vec<Defect>> {
    let left = Cell::new(VALUES_MAX);
    from_json_by(NodeSeed { left: Some(&left) }, bytes)
}

fn from_json_by<T: Read>(seed: NodeSeed<'_>, bytes: &[u8]) -> Result<T, Vec<Defect>> {
    if let Err(error) = std::str::from_utf8(bytes) {
        let message = message!("not-utf-8", byte = error.valid_up_to() + 1);
        return Err(vec![Defect::at("", message)]);
    }
    from_node(parse_by(seed, bytes).map_err(|error| vec![not_json(&error)])?)
}

/// Reads a TOML document.
pub fn from_toml<T: Read>(text: &str) -> Result<T, Vec<Defect>> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        vec![Defect::at("", message!("not-toml", error = error.message(), line = line))]
    })?;
    from_node(toml_node(toml::Value::Table(table)))
}

fn toml_node(value: toml::Value) -> Node<'static> {
    match value {
        toml::Value::String(text) => Node::Text(text.into()),
        toml::Value::Integer(whole) => Node::Whole(whole),
        toml::Value::Float(decimal) => Node::Decimal(decimal),
        toml::Value::Boolean(truth) => Node::Bool(truth),
        toml::Value::Datetime(datetime) => Node::Text(datetime.to_string().into()),
        toml::Value::Array(list) => Node::List(list.into_iter().map(toml_node).collect()),
        toml::Value::Table(table) => {
            let field = |(key, value): (String, _)| (key.into(), toml_node(value));
            Node::Object(table.into_iter().map(field).collect())
        }
    }
}

/// Most elements of a list in a file of the command line: problems, plans, certificates and what is
/// published of a draw.
pub const FILE_ELEMENTS_MAX: usize = 20_000_000;

/// Longest id, document number or qualification, in characters.
pub const ID_CHARS_MAX: usize = 64;

/// Whether a text is an id of the register or of what is planned: letters (a to z), digits, `-`, `_`, `.`
/// and `:`. Ids are parts of addresses, of cursors and of names of files, and people type them; what has
/// them has a name besides, in any script.
pub fn is_id(text: &str) -> bool {
    (1..=ID_CHARS_MAX).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c))
}

/// Whether a text is a number that an office gave a document, a certificate or an agreement, like
/// 清市监检〔2026〕1号: letters and digits of any script, and the punctuation that such numbers have.
pub fn is_reference(text: &str) -> bool {
    const PUNCTUATION: &str = "-_.:/·、()[]（）〔〕［］【】《》－—：／";
    (1..=ID_CHARS_MAX).contains(&text.chars().count())
        && text.chars().all(|c| c.is_alphanumeric() || PUNCTUATION.contains(c))
}

/// Longest name, note or other free text.
pub const TEXT_CHARS_MAX: usize = 500;

/// The fields of one object, taken one by one; defects gather with their pointers, and a field
/// that is wrong gives a placeholder so that reading goes on.
pub struct Fields<'a> {
    pointer: String,
    fields: Vec<(Cow<'a, str>, Node<'a>)>,
    defects: &'a mut Vec<Defect>,
    /// Number of defects before this object's own.
    earlier: usize,
}

impl<'a> Fields<'a> {
    /// The fields of `node` at `pointer`; a node that is no object is a defect with no fields.
    pub fn of(node: Node<'a>, pointer: String, defects: &'a mut Vec<Defect>) -> Option<Self> {
        match node {
            Node::Object(fields) => {
                let earlier = defects.len();
                let mut this = Fields { pointer, fields, defects, earlier };
                this.report_repeated();
                Some(this)
            }
            other => {
                defects.push(wrong_here(pointer, message!("value_object"), &other));
                None
            }
        }
    }

    fn report_repeated(&mut self) {
        const FEW: usize = 32;
        let is_first = |(i, field): (usize, &(Cow<str>, Node))| {
            self.fields[..i].iter().all(|(name, _)| *name != field.0)
        };
        // the common case, without a list
        if self.fields.len() <= FEW && self.fields.iter().enumerate().all(is_first) {
            return;
        }
        let mut names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        let repeated: Vec<String> =
            names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].into()).collect();
        for name in repeated {
            if self.is_full() {
                return;
            }
            self.report(&name, message!("duplicate-field", field = &name));
        }
    }

    /// Whether so many defects are reported that reading goes no further.
    fn is_full(&self) -> bool {
        self.defects.len() >= DEFECTS_MAX
    }

    /// Whether a defect of this field is reported.
    pub fn is_reported(&self, name: &str) -> bool {
        let pointer = self.at(name);
        self.defects[self.earlier..].iter().any(|defect| defect.pointer == pointer)
    }

    fn at(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, pointer_token(name))
    }

    fn report(&mut self, name: &str, message: Message) {
        let pointer = self.at(name);
        self.defects.push(Defect::at(pointer, message));
    }

    /// The field, `None` when it is absent or null.
    fn take(&mut self, name: &str) -> Option<Node<'a>> {
        let place = self.fields.iter().position(|(field, _)| field == name)?;
        match self.fields.swap_remove(place).1 {
            Node::Null => None,
            node => Some(node),
        }
    }

    fn missing(&mut self, name: &str) {
        self.report(name, message!("missing-field", field = name));
    }

    fn wrong(&mut self, name: &str, wanted: Message, node: &Node) {
        let message = message!("wrong-type", field = name, wanted = wanted, found = node.quoted());
        self.report(name, message);
    }

    /// An optional text.
    pub fn text_if(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            // a NUL is no text for PostgreSQL, nor for people
            Node::Text(text) if text.contains('\0') => {
                self.report(name, message!("bad-text_nul", field = name));
                None
            }
            Node::Text(text) => Some(text.into_owned()),
            other => {
                // it may be a password, so it is not quoted
                let (wanted, found) = (message!("value_text"), other.kind());
                let message = message!("wrong-type", field = name, wanted = wanted, found = found);
                self.report(name, message);
                None
            }
        }
    }

    /// A required text.
    pub fn text(&mut self, name: &str) -> String {
        self.required(name, Self::text_if).unwrap_or_default()
    }

    /// An optional text of at most [`TEXT_CHARS_MAX`] characters, not blank.
    pub fn words_if(&mut self, name: &str) -> Option<String> {
        let text = self.text_if(name)?;
        if text.trim().is_empty() {
            self.report(name, message!("blank", field = name));
        } else if text.chars().count() > TEXT_CHARS_MAX {
            self.report(name, message!("too-long", field = name, most = TEXT_CHARS_MAX));
        } else if text.chars().any(char::is_control) {
            self.report(name, message!("bad-text", field = name));
        }
        Some(text)
    }

    /// A required text of at most [`TEXT_CHARS_MAX`] characters, not blank.
    pub fn words(&mut self, name: &str) -> String {
        self.required(name, Self::words_if).unwrap_or_default()
    }

    /// An optional id: letters, digits, `-`, `_`, `.` and `:`, at most [`ID_CHARS_MAX`].
    pub fn id_if(&mut self, name: &str) -> Option<String> {
        let text = self.text_if(name)?;
        if !is_id(&text) {
            let message = message!("bad-id", field = name, found = &text, most = ID_CHARS_MAX);
            self.report(name, message);
        }
        Some(text)
    }

    /// An optional number of a document, certificate or agreement: see [`is_reference`].
    pub fn reference_if(&mut self, name: &str) -> Option<String> {
        let text = self.text_if(name)?;
        if !is_reference(&text) {
            let message =
                message!("bad-id_reference", field = name, found = &text, most = ID_CHARS_MAX);
            self.report(name, message);
        }
        Some(text)
    }

    /// A required number of a document, certificate or agreement.
    pub fn reference(&mut self, name: &str) -> String {
        self.required(name, Self::reference_if).unwrap_or_default()
    }

    /// A required id.
    pub fn id(&mut self, name: &str) -> String {
        self.required(name, Self::id_if).unwrap_or_default()
    }

    /// An optional object.
    pub fn read_if<T: Read>(&mut self, name: &str) -> Option<T> {
        let node = self.take(name)?;
        let at = self.at(name);
        element(node, at, self.defects)
    }

    /// A required object.
    pub fn read<T: Read>(&mut self, name: &str) -> Option<T> {
        self.required(name, Self::read_if)
    }

    /// A required list of at most so many objects.
    pub fn read_list<T: Read>(&mut self, name: &str, most: usize) -> Vec<T> {
        self.list(name, most, element)
    }

    /// Adds a defect at a path below this object, like `items/3/id`.
    pub fn report_at(&mut self, path: &str, message: Message) {
        let pointer = format!("{}/{path}", self.pointer);
        self.defects.push(Defect::at(pointer, message));
    }

    /// An optional whole number within limits.
    pub fn whole_within_if(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let value = self.whole_if(name)?;
        if !(least..=most).contains(&value) {
            let message =
                message!("out-of-range", field = name, value = value, least = least, most = most);
            self.report(name, message);
        }
        Some(value)
    }

    /// A required whole number within limits; the placeholder is `least`.
    pub fn whole_within(&mut self, name: &str, least: i64, most: i64) -> i64 {
        self.required(name, |f, name| f.whole_within_if(name, least, most)).unwrap_or(least)
    }

    /// An optional whole number, at least 0.
    pub fn whole_if(&mut self, name: &str) -> Option<i64> {
        match self.take(name)? {
            Node::Whole(value) if value >= 0 => Some(value),
            Node::Whole(value) => {
                self.report(name, message!("negative", value = value));
                None
            }
            Node::Decimal(value) => {
                self.report(name, message!("not-a-whole-number", value = format!("{value:?}")));
                None
            }
            other => {
                self.wrong(name, message!("value_whole"), &other);
                None
            }
        }
    }

    /// A required whole number, at least 0.
    pub fn whole(&mut self, name: &str) -> i64 {
        self.required(name, Self::whole_if).unwrap_or_default()
    }

    /// An optional number of any kind.
    pub fn number_if(&mut self, name: &str) -> Option<f64> {
        match self.take(name)? {
            Node::Whole(value) => Some(value as f64),
            Node::Decimal(value) => Some(value),
            other => {
                self.wrong(name, message!("value_number"), &other);
                None
            }
        }
    }

    /// A required number of any kind.
    pub fn number(&mut self, name: &str) -> f64 {
        self.required(name, Self::number_if).unwrap_or_default()
    }

    /// An optional truth value.
    pub fn truth_if(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Node::Bool(value) => Some(value),
            other => {
                self.wrong(name, message!("value_true-or-false"), &other);
                None
            }
        }
    }

    /// A required truth value.
    pub fn truth(&mut self, name: &str) -> bool {
        self.required(name, Self::truth_if).unwrap_or_default()
    }

    /// An optional day.
    pub fn date_if(&mut self, name: &str) -> Option<NaiveDate> {
        match self.take(name)? {
            Node::Text(text) => {
                let day = day(&text);
                day.map_err(|message| self.report(name, message)).ok()
            }
            other => {
                self.wrong(name, message!("value_day"), &other);
                None
            }
        }
    }

    /// A required day; the placeholder is the first of January 1970.
    pub fn date(&mut self, name: &str) -> NaiveDate {
        self.required(name, Self::date_if).unwrap_or_default()
    }

    /// A required list of at most so many elements, each read by `read(node, pointer, defects)`.
    pub fn list<T>(
        &mut self,
        name: &str,
        most: usize,
        read: impl FnMut(Node, String, &mut Vec<Defect>) -> Option<T>,
    ) -> Vec<T> {
        if self.fields.iter().all(|(field, node)| field != name || *node == Node::Null) {
            self.take(name);
            self.missing(name);
            return Vec::new();
        }
        self.list_if(name, most, read)
    }

    /// An optional list, empty when absent. Of a longer one nothing is read.
    pub fn list_if<T>(
        &mut self,
        name: &str,
        most: usize,
        mut read: impl FnMut(Node, String, &mut Vec<Defect>) -> Option<T>,
    ) -> Vec<T> {
        let list = match self.take(name) {
            None => return Vec::new(),
            Some(Node::List(list)) => list,
            Some(other) => {
                self.wrong(name, message!("value_list"), &other);
                return Vec::new();
            }
        };
        if !self.is_within(name, list.len(), most) {
            return Vec::new();
        }
        let at = self.at(name);
        let mut found = Vec::with_capacity(list.len());
        for (i, node) in list.into_iter().enumerate() {
            if self.is_full() {
                break;
            }
            found.extend(read(node, format!("{at}/{i}"), self.defects));
        }
        found
    }

    fn is_within(&mut self, name: &str, count: usize, most: usize) -> bool {
        if count > most {
            self.report(name, message!("too-many", field = name, count = count, most = most));
        }
        count <= most
    }

    /// The fields of an optional object, at most so many, each read by
    /// `read(name, value, pointer, defects)`.
    pub fn entries_if<T>(
        &mut self,
        name: &str,
        most: usize,
        mut read: impl FnMut(String, Node, String, &mut Vec<Defect>) -> Option<T>,
    ) -> Vec<T> {
        let Some(node) = self.take(name) else { return Vec::new() };
        if let Node::Object(fields) = &node
            && !self.is_within(name, fields.len(), most)
        {
            return Vec::new();
        }
        let at = self.at(name);
        let Some(inner) = Fields::of(node, at, self.defects) else { return Vec::new() };
        let Fields { pointer, fields, defects, .. } = inner;
        let mut found = Vec::new();
        for (key, value) in fields {
            if defects.len() >= DEFECTS_MAX {
                break;
            }
            let at = format!("{pointer}/{}", pointer_token(&key));
            found.extend(read(key.into_owned(), value, at, defects));
        }
        found
    }

    /// A required object.
    pub fn object(&mut self, name: &str) -> Option<Fields<'_>> {
        if self.fields.iter().all(|(field, node)| field != name || *node == Node::Null) {
            self.take(name);
            self.missing(name);
            return None;
        }
        self.object_if(name)
    }

    /// An optional object.
    pub fn object_if(&mut self, name: &str) -> Option<Fields<'_>> {
        let node = self.take(name)?;
        let at = self.at(name);
        Fields::of(node, at, self.defects)
    }

    /// A value of an enumeration, by its word.
    pub fn choice<T: Worded>(&mut self, name: &str, is_required: bool) -> Option<T> {
        self.one_of(name, is_required, T::WORDS).map(|place| T::ALL[place])
    }

    /// One of these words, as its place among them.
    pub fn one_of(&mut self, name: &str, is_required: bool, words: &[&str]) -> Option<usize> {
        let text =
            if is_required { self.required(name, Self::text_if) } else { self.text_if(name) }?;
        let place = words.iter().position(|word| *word == text);
        if place.is_none() {
            let known: Argument = words.iter().copied().collect();
            self.report(name, message!("unknown-value", found = text, known = known));
        }
        place
    }

    /// Reports that the field `name` is required because `other` is there; nothing where `name` is
    /// there but wrong, which is reported already.
    pub fn lacks(&mut self, name: &str, other: &str) {
        if !self.is_reported(name) {
            self.report(name, message!("missing-field_beside", field = name, other = other));
        }
    }

    /// Reports that a share has too many decimals to be exact.
    pub fn report_share(&mut self, name: &str, value: f64) {
        self.report(name, message!("share-too-fine", value = value.to_string()));
    }

    fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self, &str) -> Option<T>,
    ) -> Option<T> {
        let is_absent =
            self.fields.iter().all(|(field, node)| field != name || *node == Node::Null);
        if is_absent {
            self.take(name);
            self.missing(name);
            return None;
        }
        read(self, name)
    }

    /// Ends the object: whatever is left is unknown, and refused.
    pub fn finish(self) {
        // gathered once: a hostile object may have very many fields
        let reported = self.defects[self.earlier..].iter().map(|defect| defect.pointer.clone());
        let mut reported: HashSet<String> = reported.collect();
        for (name, _) in &self.fields {
            if self.defects.len() >= DEFECTS_MAX {
                return;
            }
            let pointer = format!("{}/{}", self.pointer, pointer_token(name));
            if reported.insert(pointer.clone()) {
                let message = message!("unknown-field", field = name.as_ref());
                self.defects.push(Defect::at(pointer, message));
            }
        }
    }

    /// Ends the object and ignores unknown fields.
    pub fn finish_leniently(self) {}
}

/// The defect of a value in a list, or under a key that has no name.
fn wrong_here(pointer: String, wanted: Message, node: &Node) -> Defect {
    let message = message!("wrong-type_here", wanted = wanted, found = node.quoted());
    Defect::at(pointer, message)
}

/// A text element of a list.
pub fn text_element(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<String> {
    match node {
        Node::Text(text) => Some(text.into_owned()),
        other => {
            defects.push(wrong_here(pointer, message!("value_text"), &other));
            None
        }
    }
}

/// A day, as an element of a list or a key.
pub fn date_element(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<NaiveDate> {
    let text = text_element(node, pointer.clone(), defects)?;
    match day(&text) {
        Ok(day) => Some(day),
        Err(message) => {
            defects.push(Defect::at(pointer, message));
            None
        }
    }
}

/// A whole number, at least 0, as a value under a key.
pub fn whole_element(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<i64> {
    match node {
        Node::Whole(value) if value >= 0 => Some(value),
        Node::Whole(value) => {
            defects.push(Defect::at(pointer, message!("negative", value = value)));
            None
        }
        Node::Decimal(value) => {
            let message = message!("not-a-whole-number", value = format!("{value:?}"));
            defects.push(Defect::at(pointer, message));
            None
        }
        other => {
            defects.push(wrong_here(pointer, message!("value_whole"), &other));
            None
        }
    }
}

/// Exactly `YYYY-MM-DD`.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return None };
    let number = |digits: &[u8]| {
        let add = |sum: u32, c: &u8| c.is_ascii_digit().then(|| sum * 10 + u32::from(c - b'0'));
        digits.iter().try_fold(0, add)
    };
    let year = number(&[y1, y2, y3, y4])? as i32;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

/// A day within [`FIRST_DAY`] and [`LAST_DAY`], or what is wrong.
pub fn day(text: &str) -> Result<NaiveDate, Message> {
    let day = parse_date(text).ok_or_else(|| message!("not-a-date", found = text))?;
    if (FIRST_DAY..=LAST_DAY).contains(&day) {
        return Ok(day);
    }
    Err(message!("day-out-of-range", day = day, first = FIRST_DAY, last = LAST_DAY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Language;
    use crate::text::say_in;

    #[test]
    fn numbers_of_documents_are_in_any_script() {
        for text in
            ["清市监检〔2026〕1号", "清市监检（2026）1号", "SJ-2026/0001", "安全·锅炉", "ق٣"]
        {
            assert!(is_reference(text), "{text}");
        }
        assert!(is_reference(&"号".repeat(ID_CHARS_MAX)) && !is_id("1号"));
        let long = "号".repeat(ID_CHARS_MAX + 1);
        for text in ["", "1 号", "1\u{3000}号", "1;2", "<1号>", "1\n", "\u{202e}1", &long] {
            assert!(!is_reference(text), "{text}");
        }
    }

    /// Reads a few fields of each kind.
    struct Few;

    impl Read for Few {
        fn read(f: &mut Fields<'_>) -> Option<Self> {
            f.one_of("level", true, &["city", "town"]);
            f.whole("minutes");
            f.truth_if("solo");
            f.text_if("secret");
            f.date_if("day");
            f.list_if("list", 10, text_element);
            Some(Few)
        }
    }

    #[test]
    fn what_is_wrong_is_quoted_in_both_languages() {
        let sent =
            br#"{"level": "town\u6751", "minutes": "x", "solo": 1, "secret": 12345, "day": "soon",
                        "list": [null], "list2": 0, "list2": 0}"#;
        let Err(defects) = from_json::<Few>(sent) else { panic!("it is wrong") };
        let said = |language| -> Vec<String> {
            defects.iter().map(|defect| say_in(language, &defect.message)).collect()
        };
        let wanted = [
            "The field \"list2\" is here twice; keep one.",
            "\"town村\" is none of: city, town.",
            "\"minutes\" should be a whole number, not \"x\".",
            "\"solo\" should be true or false, not 1.",
            "\"secret\" should be a text, not a whole number.",
            "\"soon\" is not a day of the form YYYY-MM-DD.",
            "This should be a text, not null.",
        ];
        assert_eq!(said(Language::En), wanted);
        let wanted = [
            "字段“list2”出现两次，请只保留一个。",
            "“town村”不在可填的值之中；可填：city、town。",
            "“minutes”应为整数，而不是“x”。",
            "“solo”应为逻辑值（true 或 false），而不是1。",
            "“secret”应为文本，而不是整数。",
            "“soon”不是日期；请写成 YYYY-MM-DD，如 2026-03-02。",
            "这里应为文本，而不是空值（null）。",
        ];
        assert_eq!(said(Language::Zh), wanted);
    }

    #[test]
    fn a_text_that_cannot_be_read_says_where() {
        let said = |bytes: &[u8]| {
            let defects = from_json::<Few>(bytes).err().unwrap_or_default();
            Language::ALL.map(|language| say_in(language, &defects[0].message))
        };
        let [zh, en] = said(b"{\n  \"level\" 1}");
        assert_eq!(zh, "这不是 JSON：第 2 行第 11 列有误。");
        assert!(en.starts_with("This is not JSON: ") && en.contains("line 2"), "{en}");
        let [zh, _] = said("[".repeat(1_000).as_bytes());
        assert!(zh.starts_with("嵌套层数过多（第 1 行"), "{zh}");
        let [zh, en] = said(b"{\"a\": \"\xff\"}");
        assert!(zh.starts_with("从第 8 个字节起") && en.contains("byte 8"), "{zh} {en}");
        let defects = from_toml::<Few>("level = \"city\"\nminutes = ").err().unwrap_or_default();
        let [zh, en] = Language::ALL.map(|language| say_in(language, &defects[0].message));
        assert!(zh.starts_with("这不是 TOML：第 2 行有误") && en.contains("(line 2)"), "{zh} {en}");
    }
}
