//! Cuts the text of a JSON object into its fields, and lists there into their elements, so that
//! these can be parsed side by side. It finds where values end; whether they are sound, their
//! parser reports.

/// Levels that objects and lists may nest, as in `serde_json`.
const DEPTH_MAX: usize = 127;

/// The text of a field's value.
pub enum Value<'t> {
    /// A list, as the texts of its elements.
    List(Vec<&'t [u8]>),
    /// The elements of a list before its first fault.
    Torn(Vec<&'t [u8]>),
    /// Anything else.
    Other(&'t [u8]),
}

/// An object in pieces.
pub struct Cut<'t> {
    /// Each field's name, as JSON, and its value; repeated ones too.
    pub fields: Vec<(&'t [u8], Value<'t>)>,
    /// Whether the text ends where the object does. If not, it is no JSON object, and `fields` is
    /// what comes before the first fault.
    pub is_whole: bool,
}

/// Cuts `text`.
pub fn cut(text: &[u8]) -> Cut<'_> {
    let mut cutter = Cutter { text, at: 0 };
    let mut fields = Vec::new();
    let is_whole = cutter.object(&mut fields).is_some();
    Cut { fields, is_whole }
}

/// `None`, throughout: here the text stops being JSON.
struct Cutter<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Cutter<'t> {
    fn object(&mut self, fields: &mut Vec<(&'t [u8], Value<'t>)>) -> Option<()> {
        self.take(b'{')?;
        if self.peek()? == b'}' {
            self.take(b'}')?;
        } else {
            loop {
                if self.peek()? != b'"' {
                    return None;
                }
                let name = self.value(1)?;
                self.take(b':')?;
                if self.peek()? == b'[' {
                    let mut elements = Vec::new();
                    if self.list(&mut elements).is_none() {
                        fields.push((name, Value::Torn(elements)));
                        return None;
                    }
                    fields.push((name, Value::List(elements)));
                } else {
                    fields.push((name, Value::Other(self.value(1)?)));
                }
                if self.next_or(b'}')? {
                    break;
                }
            }
        }
        self.peek().is_none().then_some(())
    }

    fn list(&mut self, elements: &mut Vec<&'t [u8]>) -> Option<()> {
        self.take(b'[')?;
        if self.peek()? == b']' {
            return self.take(b']');
        }
        loop {
            elements.push(self.value(2)?);
            if self.next_or(b']')? {
                return Some(());
            }
        }
    }

    /// Past a comma, or past `end` with `true`.
    fn next_or(&mut self, end: u8) -> Option<bool> {
        let is_end = self.peek()? == end;
        self.take(if is_end { end } else { b',' })?;
        Some(is_end)
    }

    /// The next character that is no blank; `None` at the end.
    fn peek(&mut self) -> Option<u8> {
        let blanks = self.text[self.at..].iter().take_while(|c| b" \n\t\r".contains(c));
        self.at += blanks.count();
        self.text.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        let is_here = self.peek()? == wanted;
        self.at += usize::from(is_here);
        is_here.then_some(())
    }

    /// The text of a value that is `outer` levels deep.
    fn value(&mut self, outer: usize) -> Option<&'t [u8]> {
        self.peek()?;
        let (text, from) = (self.text, self.at);
        let mut depth = 0;
        loop {
            match *text.get(self.at)? {
                b'"' => self.string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    if outer + depth > DEPTH_MAX {
                        return None;
                    }
                    continue;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                _ => {
                    let ends = |c: &&u8| {
                        matches!(
                            c,
                            b'"' | b'{'
                                | b'}'
                                | b'['
                                | b']'
                                | b','
                                | b':'
                                | b' '
                                | b'\n'
                                | b'\t'
                                | b'\r'
                        )
                    };
                    let plain = text[self.at..].iter().take_while(|c| !ends(c)).count();
                    self.at += if depth > 0 { plain.max(1) } else { plain };
                }
            }
            if depth == 0 {
                return (self.at > from).then(|| &text[from..self.at]);
            }
        }
    }

    /// Past a text.
    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            let plain = self.text[self.at..].iter().take_while(|c| !matches!(c, b'"' | b'\\'));
            self.at += plain.count();
            match *self.text.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                // whatever is escaped ends nothing
                _ => self.at = (self.at + 2).min(self.text.len()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> (Vec<String>, bool) {
        let cut = cut(text.as_bytes());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        let field = |(name, value): &(&[u8], Value)| match value {
            Value::Other(value) => format!("{}: {}", text(name), text(value)),
            Value::List(list) | Value::Torn(list) => {
                let list: Vec<String> = list.iter().map(|element| text(element)).collect();
                format!("{}: <{}>", text(name), list.join("|"))
            }
        };
        (cut.fields.iter().map(field).collect(), cut.is_whole)
    }

    #[test]
    fn objects_fall_into_fields_and_lists_into_elements() {
        let text = r#" { "a" : 1 , "b\"]":[ {"c": [1, "}"]} ,2,"x\\" , [] ], "d":{},"e":[] } "#;
        let wanted = ["\"a\": 1", "\"b\\\"]\": <{\"c\": [1, \"}\"]}|2|\"x\\\\\"|[]>"];
        let wanted = [&wanted[..], &["\"d\": {}", "\"e\": <>"]].concat();
        assert_eq!(elements(text), (wanted.into_iter().map(str::to_owned).collect(), true));
        assert_eq!(elements("{}"), (Vec::new(), true));
    }

    #[test]
    fn what_comes_before_a_fault_is_kept() {
        assert_eq!(elements(r#"{"a": [1, 2 3]}"#), (vec!["\"a\": <1|2>".to_owned()], false));
        assert_eq!(elements(r#"{"a": 1, "b": "c"#), (vec!["\"a\": 1".to_owned()], false));
        assert_eq!(elements(r#"{"a": 1} 2"#), (vec!["\"a\": 1".to_owned()], false));
        for text in ["", "[]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{1:1}", "{\"a\":\"\\"] {
            assert!(!elements(text).1, "{text}");
        }
    }

    #[test]
    fn nesting_ends_where_the_parser_ends_it() {
        for depth in 124..=129 {
            let list = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            for value in [list(depth), format!("{{\"b\":{}}}", list(depth - 1))] {
                let text = format!("{{\"a\":{value}}}");
                let is_parsed = super::super::json::parse(text.as_bytes()).is_ok();
                assert_eq!(elements(&text).1, is_parsed, "{depth}");
            }
        }
    }
}
