//! A property of the template as text.

use yaml_serde::Value;

use crate::table::template::template;

/// A text or a number as it stands there; `!Ref` of a parameter as its default; what `!Sub` has, with the defaults of
/// parameters and its other placeholders; of `!If` what holds without the condition; of `!GetAtt` the resource.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Tagged(tagged) if tagged.tag == "!Sub" && tagged.value.is_sequence() => text(&tagged.value[0]),
        Value::Tagged(tagged) if tagged.tag == "!Sub" => with_defaults(text(&tagged.value)),
        Value::Tagged(tagged) if tagged.tag == "!If" => text(&tagged.value[2]),
        Value::Tagged(tagged) if tagged.tag == "!GetAtt" => text(&tagged.value).split('.').next().unwrap().to_owned(),
        Value::Tagged(tagged) if tagged.tag == "!Ref" => {
            let name = text(&tagged.value);
            let default = &template()["Parameters"][name.as_str()]["Default"];
            if default.is_null() { name } else { text(default) }
        }
        other => panic!("{other:?} is no text"),
    }
}

fn with_defaults(mut text: String) -> String {
    for (name, parameter) in template()["Parameters"].as_mapping().unwrap() {
        let placeholder = format!("${{{}}}", name.as_str().unwrap());
        if text.contains(&placeholder) {
            text = text.replace(&placeholder, &self::text(&parameter["Default"]));
        }
    }
    text
}

/// As [`text`], as a number.
pub fn number(value: &Value) -> f64 {
    text(value).parse().unwrap_or_else(|_| panic!("{value:?} is no number"))
}

/// The properties of the template's resources of a type, by their logical ids.
pub fn resources(kind: &str) -> Vec<(String, Value)> {
    let resources = template()["Resources"].as_mapping().unwrap().iter();
    resources
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(id, resource)| (id.as_str().unwrap().to_owned(), resource["Properties"].clone()))
        .collect()
}
