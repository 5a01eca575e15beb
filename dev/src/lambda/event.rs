//! A call as a test writes it, the event of any kind that Lambda gets for it, and the reply.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::{BASE, create_body, path, rotate_body};

/// What sends the event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// API Gateway HTTP API, payload 2.0.
    HttpApi,
    /// API Gateway REST API.
    RestApi,
    /// A Lambda function URL.
    FunctionUrl,
    /// An Application Load Balancer.
    Alb,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::HttpApi, Self::RestApi, Self::FunctionUrl, Self::Alb];
}

/// A request before it becomes an event.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: BTreeMap<String, String>,
    pub body: Option<String>,
    pub is_base64: bool,
    pub stage: String,
    pub kind: Kind,
    /// What an authorizer adds to the event, in the shape of any kind.
    pub authorizer: Option<Value>,
}

impl Call {
    /// A call without a body. What follows a `?` in the path is the query.
    pub fn new(method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: BTreeMap::from([("host".into(), "codes.example".into())]),
            body: None,
            is_base64: false,
            stage: "$default".into(),
            kind: Kind::HttpApi,
            authorizer: None,
        }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn delete(path: &str) -> Self {
        Self::new("DELETE", path)
    }

    pub fn post(path: &str, body: &Value) -> Self {
        Self::new("POST", path).json(body)
    }

    pub fn put(path: &str, body: &Value) -> Self {
        Self::new("PUT", path).json(body)
    }

    /// A POST for the code of a mentor.
    pub fn create(mentor: &str, org: &str) -> Self {
        Self::post(BASE, &create_body(mentor, org))
    }

    /// A GET of a code that an answer has shown.
    pub fn read(code: &Value) -> Self {
        Self::get(&path(code))
    }

    /// A GET of a code's URLs.
    pub fn url(code: &Value) -> Self {
        Self::get(&format!("{}/url", path(code)))
    }

    /// A PUT that rotates a code, by its mentor.
    pub fn rotate(code: &Value) -> Self {
        Self::put(&path(code), &rotate_body(code["mentor_id"].as_str().unwrap()))
    }

    pub fn invalidate(code: &Value) -> Self {
        Self::delete(&path(code))
    }

    /// The call with this field in its JSON body.
    pub fn with(self, field: &str, value: impl Into<Value>) -> Self {
        let mut body: Value = serde_json::from_str(self.body.as_deref().unwrap_or("{}")).unwrap();
        body[field] = value.into();
        self.json(&body)
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(&body.to_string())
    }

    pub fn body(mut self, body: &str) -> Self {
        self.body = Some(body.into());
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub fn stage(mut self, stage: &str) -> Self {
        self.stage = stage.into();
        self
    }

    /// The claims of a token, where the usual authorizer of the kind puts them: a JWT authorizer or a Cognito authorizer. A
    /// function URL and a load balancer have none. Set the kind first.
    pub fn claims(self, claims: &Value) -> Self {
        match self.kind {
            Kind::HttpApi => self.authorizer(json!({ "jwt": { "claims": claims, "scopes": null } })),
            Kind::RestApi => self.authorizer(json!({ "claims": claims })),
            Kind::FunctionUrl | Kind::Alb => self,
        }
    }

    /// This as `requestContext.authorizer`, whatever the kind.
    pub fn authorizer(mut self, authorizer: Value) -> Self {
        self.authorizer = Some(authorizer);
        self
    }

    /// The event.
    pub fn event(&self) -> Value {
        let mut event = match self.kind {
            Kind::HttpApi | Kind::FunctionUrl => self.payload_2(),
            Kind::RestApi => self.payload_1(),
            Kind::Alb => self.alb(),
        };
        if let Some(authorizer) = &self.authorizer {
            event["requestContext"]["authorizer"] = authorizer.clone();
        }
        event
    }

    fn payload_2(&self) -> Value {
        let domain = match self.kind {
            Kind::FunctionUrl => "abcdefgh.lambda-url.eu-north-1.on.aws",
            _ => "codes.example",
        };
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": self.headers,
            "requestContext": {
                "http": { "method": self.method, "path": self.path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7" },
                "domainName": domain, "requestId": "gateway", "routeKey": "$default", "stage": self.stage,
            },
            "body": self.body,
            "isBase64Encoded": self.is_base64,
        })
    }

    fn payload_1(&self) -> Value {
        let (single, multiple) = self.query_maps(true);
        let headers: BTreeMap<_, _> = self.headers.iter().map(|(name, value)| (name, [value])).collect();
        json!({
            "resource": "/{proxy+}",
            "path": self.path,
            "httpMethod": self.method,
            "headers": self.headers,
            "multiValueHeaders": headers,
            "queryStringParameters": single,
            "multiValueQueryStringParameters": multiple,
            "requestContext": {
                "httpMethod": self.method, "identity": { "sourceIp": "203.0.113.7" }, "path": self.path, "requestId": "gateway",
                "resourcePath": "/{proxy+}", "stage": self.stage,
            },
            "body": self.body,
            "isBase64Encoded": self.is_base64,
        })
    }

    /// A load balancer passes the query on encoded, and multiple values only if it is configured to.
    fn alb(&self) -> Value {
        json!({
            "requestContext": { "elb": { "targetGroupArn": "arn:aws:elasticloadbalancing:::targetgroup/codes/1" } },
            "httpMethod": self.method,
            "path": self.path,
            "queryStringParameters": self.query_maps(false).0,
            "headers": self.headers,
            "body": self.body.clone().unwrap_or_default(),
            "isBase64Encoded": self.is_base64,
        })
    }

    fn query_maps(&self, decode: bool) -> (BTreeMap<String, String>, BTreeMap<String, Vec<String>>) {
        let (mut single, mut multiple) = (BTreeMap::new(), BTreeMap::<String, Vec<String>>::new());
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
            let value = if decode { decoded } else { value.to_owned() };
            single.insert(name.to_owned(), value.clone());
            multiple.entry(name.to_owned()).or_default().push(value);
        }
        (single, multiple)
    }
}

/// A response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    pub status: u64,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// A body that the answer has in base64, such as a compressed one. `body` is empty then.
    pub encoded: Option<Vec<u8>>,
}

impl Reply {
    /// Reads the answer to an event of any kind.
    pub fn read(answer: &Value) -> Self {
        let single = answer["headers"].as_object().into_iter().flatten();
        let multiple = answer["multiValueHeaders"].as_object().into_iter().flatten();
        let headers = single.chain(multiple).map(|(name, value)| {
            let value = value.as_str().or_else(|| value[0].as_str()).unwrap_or_default();
            (name.to_lowercase(), value.to_owned())
        });
        let body = answer["body"].as_str().unwrap_or_default();
        let encoded = answer["isBase64Encoded"].as_bool().unwrap().then(|| STANDARD.decode(body).unwrap());
        Self {
            status: answer["statusCode"].as_u64().unwrap_or_else(|| panic!("no status: {answer}")),
            headers: headers.collect(),
            body: if encoded.is_none() { body.to_owned() } else { String::new() },
            encoded,
        }
    }

    /// The body as the sender of the event passes it on.
    pub fn bytes(&self) -> &[u8] {
        self.encoded.as_deref().unwrap_or(self.body.as_bytes())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body, if the status is this one.
    pub fn expect(&self, status: u64) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    /// The body, if it is a problem with this status and code and has every field that a problem must have.
    pub fn expect_problem(&self, status: u64, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{self:?}");
        assert_eq!(body["status"], status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json");
        for field in ["type", "title", "detail", "request_id"] {
            assert!(body[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {self:?}");
        }
        body
    }
}
