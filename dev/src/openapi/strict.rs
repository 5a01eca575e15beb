//! What an answer is held to beyond the schemas of `docs/openapi.yaml`.
//!
//! Those are plain objects, since the programs that read the file refuse or misread `false` as a schema, `allOf` beside other
//! members, and closed ends. What the file says in words only is here, as schemas.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The file's schemas: objects have the members that the file names and no others, times are in UTC and whole seconds, a
/// code has what its status has, and a page is numbered or one of a walk by cursor.
pub fn schemas(file: &Value) -> Value {
    let mut schemas = file["components"]["schemas"].clone();
    close(&mut schemas);
    schemas["Code"]["dependentRequired"] = json!({ "previous_code": ["rotated_at"] });
    schemas["Code"]["oneOf"] = json!([
        { "properties": { "status": { "enum": ["active", "expired"] }, "successor_id": false, "invalidated_at": false } },
        { "properties": { "status": { "const": "rotated" }, "invalidated_at": false }, "required": ["rotated_at", "successor_id"] },
        { "properties": { "status": { "const": "invalidated" }, "successor_id": false }, "required": ["invalidated_at"] },
    ]);
    schemas["Pagination"]["oneOf"] = json!([
        { "required": ["page", "total"], "properties": { "next_cursor": false } },
        { "properties": { "page": false, "total": false } },
    ]);
    schemas
}

fn close(schema: &mut Value) {
    if schema["properties"].is_object() {
        schema["additionalProperties"] = false.into();
    }
    if schema["format"] == "date-time" {
        schema["pattern"] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$".into();
    }
    if let Some(members) = schema.as_object_mut() {
        members.values_mut().filter(|member| member.is_object()).for_each(close);
    }
}

/// The schema of an operation's success: POST and PUT answer with an active code, PUT with one that has replaced another.
pub fn success(operation: &str, schema: &Value) -> Value {
    let required = match operation {
        "getOrCreateReferralCode" => json!([]),
        "rotateCode" => json!(["previous_code", "rotated_at"]),
        _ => return schema.clone(),
    };
    json!({ "allOf": [schema], "properties": { "status": { "const": "active" } }, "required": required })
}

/// The other form of the list. A second media type would make every typed client tell a text from a document.
pub const CSV: (&str, &str) = ("listReferralCodes", "text/csv");

/// The schema of a page as a table.
pub fn table() -> Value {
    json!({ "type": "string", "pattern": "^id,mentor_id,org_id,code,url,status,previous_code,rotated_at,successor_id,\
        invalidated_at,created_at,expires_at,short_url\r\n([^\n]*\r\n)*$" })
}

/// The schema of a problem, and the codes that it can have. The description of the response names them, and the members that
/// it may have beside those of every problem.
pub fn problem(schemas: &Value, status: u64, description: &str) -> (Vec<String>, Value) {
    let named: Vec<_> = description.split('`').skip(1).step_by(2).collect();
    let codes =
        schemas["ProblemCode"]["enum"].as_array().expect("the codes of problems").iter().filter_map(Value::as_str);
    let codes: Vec<_> = codes.filter(|code| named.contains(code)).map(str::to_owned).collect();
    let mut properties = json!({
        "status": { "const": status },
        "code": { "enum": codes },
        "type": { "enum": codes.iter().map(|code| format!("urn:problem-type:referral-codes:{code}")).collect::<Vec<_>>() },
    });
    for member in ["code_status", "active_id", "errors"].into_iter().filter(|member| !named.contains(member)) {
        properties[member] = false.into();
    }
    if named.contains(&"errors") {
        let (place, other) = if status == 422 { ("pointer", "parameter") } else { ("parameter", "pointer") };
        properties["errors"] = json!({ "items": { "required": [place], "properties": { other: false } } });
    }
    let required: &[&str] = match &*codes {
        [code] if code == "code_not_active" => &["code_status"],
        [code] if code == "validation_failed" => &["errors"],
        _ => &[],
    };
    let whole = json!({ "$ref": "#/components/schemas/Problem" });
    (codes, json!({ "allOf": [whole], "properties": properties, "required": required }))
}

/// The headers that every answer has or may have, with whether it must: the file tells of them once, and a response only of
/// those that it has otherwise. The media type describes the type.
pub fn headers(status: u64) -> BTreeMap<String, (bool, Value)> {
    let exposed = "Location, Link, Retry-After, WWW-Authenticate, apigw-requestid";
    let headers = [
        // A redirection to a path of the console is for ever.
        ("cache-control", status != 308, json!({ "const": "no-store" })),
        ("x-content-type-options", true, json!({ "const": "nosniff" })),
        ("referrer-policy", true, json!({ "const": "no-referrer" })),
        ("access-control-allow-origin", false, json!({ "pattern": r"^(\*|null|https?://[^ ,]+)$" })),
        ("access-control-expose-headers", false, json!({ "const": exposed })),
        ("vary", false, json!({ "const": "Origin" })),
        ("content-length", false, json!({})),
        ("content-type", false, json!({})),
        ("content-security-policy", false, json!({})),
    ];
    headers.map(|(name, required, schema)| (name.to_owned(), (required, schema))).into()
}
