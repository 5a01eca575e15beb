//! `docs/openapi.yaml`, read: its operations, and for each of their responses what an answer is held to.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

const FILE: &str = include_str!("../../../docs/openapi.yaml");

static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    let file: Value = yaml_serde::from_str(FILE).expect("docs/openapi.yaml is YAML");
    Description::read(&file)
});

/// The description of the API.
#[derive(Debug)]
pub struct Description {
    paths: Vec<(String, Vec<Operation>)>,
    /// The schema of every problem, whatever operation it answers. It lets members pass that single problems have.
    pub problem: Validator,
}

/// A method of a path.
#[derive(Debug)]
pub struct Operation {
    /// Upper case, as in a request.
    pub method: String,
    /// Method and path: what no other operation has.
    pub name: String,
    pub responses: BTreeMap<u64, Response>,
}

#[derive(Debug)]
pub struct Response {
    pub headers: BTreeMap<String, Header>,
    pub content: BTreeMap<String, Validator>,
    /// The codes of the problems that it can be.
    pub problems: Vec<String>,
}

/// The media type of a problem.
pub const PROBLEM: &str = "application/problem+json";

#[derive(Debug)]
pub struct Header {
    pub is_required: bool,
    pub schema: Validator,
}

impl Operation {
    /// Whether a setting can turn the path off, so that the answer is as for no path.
    pub fn can_be_off(&self) -> bool {
        self.responses.get(&404).is_some_and(|response| response.problems.iter().any(|code| code == "route_not_found"))
    }
}

impl Description {
    /// The one description.
    pub fn get() -> &'static Self {
        &DESCRIPTION
    }

    /// Every operation.
    pub fn all(&self) -> impl Iterator<Item = &Operation> {
        self.paths.iter().flat_map(|(_, operations)| operations)
    }

    /// The operations of a path. One trailing slash is tolerated.
    pub fn operations(&self, path: &str) -> Option<&[Operation]> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut fitting = self.paths.iter().filter(|(pattern, _)| fits(pattern, path));
        fitting.next().map(|(_, operations)| operations.as_slice())
    }

    fn read(file: &Value) -> Self {
        let validator = |schema: &Value| {
            let mut whole = schema.as_object().expect("a schema").clone();
            whole.insert("components".into(), file["components"].clone());
            jsonschema::draft202012::options()
                .should_validate_formats(true)
                .build(&Value::from(whole))
                .expect("a schema")
        };
        let methods = |item: &Map<String, Value>, path: &str| {
            let methods = ["get", "post", "put", "delete"].into_iter().filter(|method| item.contains_key(*method));
            let operation = |method: &str| Operation {
                method: method.to_uppercase(),
                name: format!("{} {path}", method.to_uppercase()),
                responses: item[method]["responses"]
                    .as_object()
                    .expect("responses")
                    .iter()
                    .map(|(status, response)| {
                        (status.parse().expect("a status"), read_response(file, response, &validator))
                    })
                    .collect(),
            };
            methods.map(operation).collect::<Vec<_>>()
        };
        let paths = file["paths"].as_object().expect("paths").iter();
        let paths =
            paths.map(|(path, item)| (path.clone(), methods(resolved(file, item).as_object().expect("a path"), path)));
        let mut paths: Vec<_> = paths.collect();
        // `/r/{code}.svg` before `/r/{code}`.
        paths.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        Self { paths, problem: validator(&json!({ "$ref": "#/components/schemas/Problem" })) }
    }
}

fn read_response(file: &Value, response: &Value, validator: &dyn Fn(&Value) -> Validator) -> Response {
    let response = resolved(file, response);
    let members = |name: &str| response[name].as_object().cloned().unwrap_or_default().into_iter();
    let headers = members("headers").map(|(name, header)| {
        let header = resolved(file, &header);
        let is_required = header["required"].as_bool().unwrap_or(false);
        (name.to_lowercase(), Header { is_required, schema: validator(&header["schema"]) })
    });
    let content = members("content").map(|(media_type, content)| (media_type, validator(&content["schema"])));
    let problem = resolved(file, &response["content"][PROBLEM]["schema"]);
    Response { headers: headers.collect(), content: content.collect(), problems: texts(&problem["properties"]["code"]) }
}

/// The texts that a schema takes: of its `const`, or of its `enum`.
fn texts(schema: &Value) -> Vec<String> {
    let all = schema["enum"].as_array().cloned().unwrap_or_else(|| vec![schema["const"].clone()]);
    all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What a reference refers to; anything else is itself.
fn resolved<'a>(file: &'a Value, node: &'a Value) -> &'a Value {
    match node["$ref"].as_str() {
        Some(reference) => file.pointer(reference.trim_start_matches('#')).expect("what the reference refers to"),
        None => node,
    }
}

/// Whether a path has the form of a pattern, whose braces stand for any text that is not empty. Short links may be in any case.
fn fits(pattern: &str, path: &str) -> bool {
    let path = if pattern.starts_with("/r/") { path.to_ascii_lowercase() } else { path.to_owned() };
    let segment_fits = |(expected, segment): (&str, &str)| match expected.split_once('}') {
        Some((_, end)) => segment.strip_suffix(end).is_some_and(|text| !text.is_empty()),
        None => expected == segment,
    };
    pattern.split('/').count() == path.split('/').count() && pattern.split('/').zip(path.split('/')).all(segment_fits)
}
