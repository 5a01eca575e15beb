//! A JSON object whose values are left as they are written.
//!
//! `serde_json::Value` refuses what JSON allows (a number beyond any range, half of a surrogate pair, deep nesting), in
//! fields too that are ignored; and of two fields of one name it takes the last. Here every field is kept, unread.
//! <https://www.rfc-editor.org/rfc/rfc8259>

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A string, which is copied only if it has escapes.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// What an object has of a name.
#[derive(Clone, Copy)]
pub(super) enum Field<'a> {
    Absent,
    Once(&'a str),
    /// Two readers would take two values.
    Repeated,
}

/// The fields in their order, each with its value as it is written.
#[derive(Debug)]
pub(super) struct JsonObject<'a>(pub(super) Vec<(Cow<'a, str>, &'a str)>);

impl<'a> JsonObject<'a> {
    pub(super) fn field(&self, name: &str) -> Field<'a> {
        let mut values = self.0.iter().filter(|(field, _)| field == name).map(|(_, value)| *value);
        match (values.next(), values.next()) {
            (None, _) => Field::Absent,
            (Some(value), None) => Field::Once(value),
            (Some(_), Some(_)) => Field::Repeated,
        }
    }

    /// Whether no name stands twice.
    pub(super) fn is_distinct(&self) -> bool {
        let is_first =
            |(nth, (name, _)): (usize, &(Cow<'_, str>, _))| self.0[..nth].iter().all(|(other, _)| other != name);
        self.0.iter().enumerate().all(is_first)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for JsonObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

/// A name, which is not refused for half of a surrogate pair.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, [u8]>);

/// As many claims or headers as most events have.
const USUAL_FIELDS: usize = 16;

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = JsonObject<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(USUAL_FIELDS);
        while let Some((Name(name), value)) = map.next_entry::<Name<'_>, &RawValue>()? {
            // A name with half of a surrogate pair is no field that is known.
            let name = match name {
                Cow::Borrowed(name) => str::from_utf8(name).ok().map(Cow::Borrowed),
                Cow::Owned(name) => String::from_utf8(name).ok().map(Cow::Owned),
            };
            fields.extend(name.map(|name| (name, value.get())));
        }
        Ok(JsonObject(fields))
    }
}
