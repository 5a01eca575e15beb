//! `docs/openapi.yaml`, read: its operations, and for each of their responses what an answer is held to.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::strict;
use crate::BASE;

const FILE: &str = include_str!("../../../docs/openapi.yaml");

static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    let file: Value = yaml_serde::from_str(FILE).expect("docs/openapi.yaml is YAML");
    Description::read(&file)
});

/// The description of the API.
#[derive(Debug)]
pub struct Description {
    paths: Vec<(String, Vec<Operation>)>,
    schemas: Value,
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
    pub headers: Validator,
    pub content: BTreeMap<String, Validator>,
    /// The codes of the problems that it can be.
    pub problems: Vec<String>,
}

/// The media type of a problem.
pub const PROBLEM: &str = "application/problem+json";

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

    /// The operations of a path. One trailing slash is tolerated, and the base path may stand there twice.
    pub fn operations(&self, path: &str) -> Option<&[Operation]> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let path = path.strip_prefix(BASE).filter(|rest| rest.starts_with(BASE)).unwrap_or(path);
        let mut fitting = self.paths.iter().filter(|(pattern, _)| fits(pattern, path));
        fitting.next().map(|(_, operations)| operations.as_slice())
    }

    /// What a problem that no operation has is held to.
    pub fn problem(&self, status: u64, code: &str) -> Validator {
        validator(&self.schemas, &strict::problem(&self.schemas, status, &format!("`{code}`")).1)
    }

    fn read(file: &Value) -> Self {
        let schemas = strict::schemas(file);
        let operation = |method: &str, path: &str, operation: &Value| Operation {
            method: method.to_uppercase(),
            name: format!("{} {path}", method.to_uppercase()),
            responses: members(&operation["responses"])
                .map(|(status, response)| {
                    let status = status.parse().expect("a status");
                    let name = operation["operationId"].as_str().expect("an operationId");
                    (status, read_response(file, &schemas, name, status, resolved(file, response)))
                })
                .collect(),
        };
        let operations = |path: &str, item: &Value| {
            let methods = ["get", "post", "put", "delete"].into_iter().filter(|method| item[*method].is_object());
            methods.map(|method| operation(method, path, &item[method])).collect()
        };
        let mut paths: Vec<_> =
            members(&file["paths"]).map(|(path, item)| (path.clone(), operations(path, item))).collect();
        // `/r/{code}.svg` before `/r/{code}`.
        paths.sort_by_key(|(path, _): &(String, _)| std::cmp::Reverse(path.len()));
        Self { paths, schemas }
    }
}

fn members(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node.as_object().into_iter().flatten()
}

fn validator(schemas: &Value, schema: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = json!({ "schemas": schemas });
    jsonschema::draft202012::options().should_validate_formats(true).build(&whole).expect("a schema")
}

/// # Panics
/// An example in the file is not what the answer itself is held to.
fn read_response(file: &Value, schemas: &Value, operation: &str, status: u64, response: &Value) -> Response {
    let mut headers = strict::headers(status);
    headers.extend(members(&response["headers"]).map(|(name, header)| {
        let header = resolved(file, header);
        (name.to_lowercase(), (header["required"] == true, header["schema"].clone()))
    }));
    let required: Vec<_> = headers.iter().filter_map(|(name, (required, _))| required.then_some(name)).collect();
    let properties: BTreeMap<_, _> = headers.iter().map(|(name, (_, schema))| (name, schema)).collect();
    let headers = json!({ "properties": properties, "required": required, "additionalProperties": false });
    let description = response["description"].as_str().expect("a description");
    let (mut problems, problem) = strict::problem(schemas, status, description);
    let mut content: BTreeMap<_, _> = members(&response["content"])
        .map(|(media_type, content)| {
            let schema = match media_type.as_str() {
                PROBLEM => problem.clone(),
                "application/json" => strict::success(operation, &content["schema"]),
                _ => content["schema"].clone(),
            };
            let schema = validator(schemas, &schema);
            if let Some(example) = content.get("example") {
                assert!(schema.is_valid(example), "{operation} {status}: {:?}", schema.validate(example));
            }
            (media_type.clone(), schema)
        })
        .collect();
    if (operation, status) == (strict::CSV.0, 200) {
        content.insert(strict::CSV.1.to_owned(), validator(schemas, &strict::table()));
    }
    if !content.contains_key(PROBLEM) {
        problems.clear();
    }
    Response { headers: validator(schemas, &headers), content, problems }
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
