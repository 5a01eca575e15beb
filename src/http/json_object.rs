//! A JSON object whose values are left as they are written.
//!
//! `serde_json::Value` refuses what JSON allows (a number beyond any range, half of a surrogate pair, deep nesting), in
//! fields too that are ignored; and of two fields of one name it takes the last. Here every field is kept, unread.
//! <https://www.rfc-editor.org/rfc/rfc8259>

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The fields in their order, each with its value as it is written.
pub(super) struct JsonObject<'a>(Vec<(String, &'a str)>);

impl JsonObject<'_> {
    /// The values of every field of this name.
    pub(super) fn values(&self, name: &str) -> Box<[&str]> {
        self.0.iter().filter(|(field, _)| field == name).map(|(_, value)| *value).collect()
    }
}

impl<'de> Deserialize<'de> for JsonObject<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = JsonObject<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            // A name with half of a surrogate pair is no field that is known.
            if let Ok(name) = serde_json::from_str(name.get()) {
                fields.push((name, value.get()));
            }
        }
        Ok(JsonObject(fields))
    }
}
