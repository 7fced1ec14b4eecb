//! JSON read without loss: order and repeated fields survive, and a reader that walks the result
//! can tell every defect with its pointer, not only the first.

use crate::domain::Defect;
use crate::domain::problem::pointer_token;
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
    fn kind(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a truth value",
            Node::Whole(_) => "a whole number",
            Node::Decimal(_) => "a decimal",
            Node::Text(_) => "a text",
            Node::List(_) => "a list",
            Node::Object(_) => "an object",
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
    let told = error.to_string();
    let (code, what) = if told.starts_with("recursion limit exceeded") {
        ("too-deep", "This is nested too deeply")
    } else if told.starts_with(TOO_MANY_VALUES) {
        ("too-many-values", "This is too much at once, send it in parts")
    } else {
        ("not-json", "This is not JSON")
    };
    Defect::new(code, "", format!("{what}: {error}."))
}

/// Something that is read from an object, telling every defect.
pub trait Read: Sized {
    /// Takes its fields. `None` only when a defect is told that leaves nothing to go on with.
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
        let place = error.valid_up_to() + 1;
        let message = format!("This is not UTF-8 from byte {place} on; save it as UTF-8.");
        return Err(vec![Defect::new("not-utf-8", "", message)]);
    }
    from_node(parse_by(seed, bytes).map_err(|error| vec![not_json(&error)])?)
}

/// Reads a TOML document.
pub fn from_toml<T: Read>(text: &str) -> Result<T, Vec<Defect>> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // the library draws the place over several lines
        let told = error.to_string();
        let told: Vec<&str> = told.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        vec![Defect::new("not-toml", "", format!("This is not TOML: {}.", told.join(" ")))]
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

/// An enumeration with its texts: `Name::ALL`, `as_str`, `parse`, and its JSON form.
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $text:tt,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            /// Every value with its text.
            pub const ALL: &'static [(&'static str, $name)] = &[$(($text, $name::$variant),)*];

            /// Its text in JSON, files and the database.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The value with this text.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().find(|(known, _)| *known == text).map(|(_, value)| *value)
            }
        }
    };
}
pub(crate) use text_enum;

/// Most elements of a list in a file of the command line: problems, plans, certificates and what is
/// published of a draw.
pub const FILE_ELEMENTS_MAX: usize = 20_000_000;

/// Longest id.
pub const ID_CHARS_MAX: usize = 64;
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
                this.tell_repeated();
                Some(this)
            }
            other => {
                let message = format!("This should be an object, not {}.", other.kind());
                defects.push(Defect::new("wrong-type", pointer, message));
                None
            }
        }
    }

    fn tell_repeated(&mut self) {
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
            let message = format!("The field \"{name}\" stands here twice; keep one.");
            self.report("duplicate-field", &name, message);
        }
    }

    /// Whether so many defects are told that reading goes no further.
    fn is_full(&self) -> bool {
        self.defects.len() >= DEFECTS_MAX
    }

    /// Whether a defect of this field is told.
    pub fn is_told(&self, name: &str) -> bool {
        let pointer = self.at(name);
        self.defects[self.earlier..].iter().any(|defect| defect.pointer == pointer)
    }

    fn at(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, pointer_token(name))
    }

    fn report(&mut self, code: &'static str, name: &str, message: impl Into<String>) {
        let pointer = self.at(name);
        self.defects.push(Defect::new(code, pointer, message));
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
        self.report("missing-field", name, format!("The field \"{name}\" is required."));
    }

    fn wrong(&mut self, name: &str, wanted: &str, node: &Node) {
        let message = format!("\"{name}\" should be {wanted}, not {}.", node.kind());
        self.report("wrong-type", name, message);
    }

    /// An optional text.
    pub fn text_if(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            // a NUL is no text for PostgreSQL, nor for people
            Node::Text(text) if text.contains('\0') => {
                self.report("bad-text", name, format!("\"{name}\" has a NUL; remove it."));
                None
            }
            Node::Text(text) => Some(text.into_owned()),
            other => {
                self.wrong(name, "a text", &other);
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
            self.report("blank", name, format!("\"{name}\" is blank; write something."));
        } else if text.chars().count() > TEXT_CHARS_MAX {
            let message = format!("\"{name}\" is longer than {TEXT_CHARS_MAX} characters.");
            self.report("too-long", name, message);
        } else if text.chars().any(char::is_control) {
            self.report(
                "bad-text",
                name,
                format!("\"{name}\" has control characters; remove them."),
            );
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
        let is_sound = (1..=ID_CHARS_MAX).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c));
        if !is_sound {
            let message = format!(
                "\"{name}\" should be 1 to {ID_CHARS_MAX} letters (a to z), digits, \"-\", \"_\", \".\" or \":\"."
            );
            self.report("bad-id", name, message);
        }
        Some(text)
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
    pub fn tell_at(&mut self, code: &'static str, path: &str, message: impl Into<String>) {
        let pointer = format!("{}/{path}", self.pointer);
        self.defects.push(Defect::new(code, pointer, message));
    }

    /// An optional whole number within limits.
    pub fn whole_within_if(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let value = self.whole_if(name)?;
        if !(least..=most).contains(&value) {
            let message = format!("\"{name}\" is {value}; it should be {least} to {most}.");
            self.report("out-of-range", name, message);
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
                self.report("negative", name, format!("{value} is below 0."));
                None
            }
            Node::Decimal(value) => {
                let message = format!("{value:?} is not written as a whole number in range.");
                self.report("not-a-whole-number", name, message);
                None
            }
            other => {
                self.wrong(name, "a whole number", &other);
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
                self.wrong(name, "a number", &other);
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
                self.wrong(name, "true or false", &other);
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
                if let Err((code, message)) = &day {
                    self.report(code, name, message.as_str());
                }
                day.ok()
            }
            other => {
                self.wrong(name, "a day (YYYY-MM-DD)", &other);
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
                self.wrong(name, "a list", &other);
                return Vec::new();
            }
        };
        if !self.is_within(name, list.len(), most) {
            return Vec::new();
        }
        let at = self.at(name);
        let mut found = Vec::new();
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
            let message = format!("\"{name}\" has {count} elements; at most {most} are taken.");
            self.report("too-many", name, message);
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

    /// A text out of a fixed set.
    pub fn choice<T: Copy>(
        &mut self,
        name: &str,
        is_required: bool,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let text =
            if is_required { self.required(name, Self::text_if) } else { self.text_if(name) }?;
        let choice = choices.iter().find(|(known, _)| *known == text).map(|(_, value)| *value);
        if choice.is_none() {
            let known = choices.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
            self.report("unknown-value", name, format!("\"{text}\" is none of: {known}."));
        }
        choice
    }

    /// Tells that the field `name` is required because `other` is there. Silent when `name` is
    /// there but wrong, which is told already.
    pub fn lacks(&mut self, name: &str, other: &str) {
        if !self.is_told(name) {
            let message = format!("\"{other}\" needs \"{name}\" beside it.");
            self.report("missing-field", name, message);
        }
    }

    /// Tells that a share has too many decimals to be exact.
    pub fn tell_share(&mut self, name: &str, value: f64) {
        let message = format!("{value} has more than four decimals; round it.");
        self.report("share-too-fine", name, message);
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
        let told = self.defects[self.earlier..].iter().map(|defect| defect.pointer.clone());
        let mut told: HashSet<String> = told.collect();
        for (name, _) in &self.fields {
            if self.defects.len() >= DEFECTS_MAX {
                return;
            }
            let pointer = format!("{}/{}", self.pointer, pointer_token(name));
            let message = format!("No field is called \"{name}\" here; remove or rename it.");
            if told.insert(pointer.clone()) {
                self.defects.push(Defect::new("unknown-field", pointer, message));
            }
        }
    }

    /// Ends the object and lets unknown fields stand.
    pub fn finish_leniently(self) {}
}

/// A text element of a list.
pub fn text_element(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<String> {
    match node {
        Node::Text(text) => Some(text.into_owned()),
        other => {
            let message = format!("This should be a text, not {}.", other.kind());
            defects.push(Defect::new("wrong-type", pointer, message));
            None
        }
    }
}

/// A day, as an element of a list or a key.
pub fn date_element(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<NaiveDate> {
    let text = text_element(node, pointer.clone(), defects)?;
    match day(&text) {
        Ok(day) => Some(day),
        Err((code, message)) => {
            defects.push(Defect::new(code, pointer, message));
            None
        }
    }
}

/// A whole number, at least 0, as a value under a key.
pub fn whole_element(node: Node, pointer: String, defects: &mut Vec<Defect>) -> Option<i64> {
    match node {
        Node::Whole(value) if value >= 0 => Some(value),
        other => {
            let message = "This should be a whole number, at least 0.";
            let code = match other {
                Node::Whole(_) => "negative",
                Node::Decimal(_) => "not-a-whole-number",
                _ => "wrong-type",
            };
            defects.push(Defect::new(code, pointer, message));
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

/// A day within [`FIRST_DAY`] and [`LAST_DAY`], or the code and the words of what is wrong.
pub fn day(text: &str) -> Result<NaiveDate, (&'static str, String)> {
    let Some(day) = parse_date(text) else {
        return Err(("not-a-date", format!("\"{text}\" is not a day of the form YYYY-MM-DD.")));
    };
    if (FIRST_DAY..=LAST_DAY).contains(&day) {
        return Ok(day);
    }
    let message = format!("{day} should be a day from {FIRST_DAY} to {LAST_DAY}.");
    Err(("day-out-of-range", message))
}
