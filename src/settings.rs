//! The settings: the environment, read once at the start into a value.
//!
//! An invalid value stops startup with an error that names the variable and says what is valid. No default takes its
//! place. `template.yaml` has the same rules as patterns of its parameters, so that CloudFormation refuses such a value
//! before it reaches a function; `tests/it/parameters.rs` compares the two.

mod access;
mod cors;
mod sign_in;

pub use access::{Access, TokenRules};
pub use cors::CorsOrigins;
pub use sign_in::SignIn;

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use crate::limits::{
    DEFAULT_LISTING_SETTLE_SECONDS, MAX_CODE_VALID_DAYS, MAX_LISTING_SETTLE_SECONDS, MAX_ROTATED_GRACE_DAYS,
    MAX_TABLE_NAME_BYTES,
};
use crate::model::Campaign;

/// Everything that the environment decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// `TABLE_NAME`: the DynamoDB table.
    pub table_name: String,
    /// `AWS_CA_BUNDLE`: a PEM file of root certificates to trust besides the built-in ones.
    pub ca_bundle: Option<PathBuf>,
    /// `MAINTENANCE`: whether this process serves maintenance commands, and no HTTP request.
    pub maintenance: bool,
    /// The settings of the service itself.
    pub service: ServiceSettings,
}

/// The settings that decide what the service answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceSettings {
    /// `JOIN_URL_BASE`: a code's `url` is this, `?ref=` and the code.
    pub join_url_base: String,
    /// `SHORT_URL_BASE`: a code's `short_url` is this, `/` and the code.
    pub short_url_base: String,
    /// `CAMPAIGN`: the middle part of new codes.
    pub campaign: Campaign,
    /// `CODE_VALID_DAYS`: the days after which a code expires that is made without an `expires_at`. None: it does not.
    pub code_valid_days: Option<u32>,
    /// `LISTING_SETTLE_SECONDS`: minimum age, in seconds, before a code enters the page index. It must exceed clock
    /// skew plus the longest write plus index lag.
    pub listing_settle_seconds: u32,
    /// `ROTATED_GRACE_DAYS`: the days for which a rotated code's short link leads to its mentor's active code.
    pub rotated_grace_days: u32,
    /// `CONSOLE`: whether the console's page is served.
    pub console: bool,
    /// `CONSOLE_ISSUER` and the like: how the console gets a token. None: a person brings one.
    pub sign_in: Option<SignIn>,
    /// `PATH_PREFIX`: the key of an API mapping, as in `/codes`, which clients put before every path. None: they do not.
    pub path_prefix: Option<String>,
    /// `ACCESS`, `SCOPE_…`, `ORG_CLAIM` and `MENTOR_CLAIM`: who may call.
    pub access: Access,
    /// `CORS_ORIGINS`: the web pages whose scripts may read the answers.
    pub cors_origins: CorsOrigins,
}

/// Every variable that is missing or invalid, one line each.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct InvalidSettings(Vec<String>);

impl Settings {
    /// Reads the settings through `variable`, which looks up an environment variable. An empty variable counts as
    /// unset.
    ///
    /// # Errors
    /// Names every variable that is missing or invalid.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidSettings> {
        let mut reader = Reader { variable: &variable, errors: Vec::new() };
        let table_name = reader.table_name();
        let settings = Self {
            table_name,
            ca_bundle: reader.value("AWS_CA_BUNDLE").map(PathBuf::from),
            maintenance: reader.switch("MAINTENANCE"),
            service: ServiceSettings {
                join_url_base: reader.url_base("JOIN_URL_BASE", "https://app.org.no/join"),
                // `short_url` adds the slash.
                short_url_base: reader.url_base("SHORT_URL_BASE", "https://org.no/r").trim_end_matches('/').to_owned(),
                campaign: reader.campaign(),
                code_valid_days: reader.number("CODE_VALID_DAYS", 1..=MAX_CODE_VALID_DAYS),
                listing_settle_seconds: reader
                    .number("LISTING_SETTLE_SECONDS", 0..=MAX_LISTING_SETTLE_SECONDS)
                    .unwrap_or(DEFAULT_LISTING_SETTLE_SECONDS),
                rotated_grace_days: reader.number("ROTATED_GRACE_DAYS", 0..=MAX_ROTATED_GRACE_DAYS).unwrap_or(0),
                console: reader.switch("CONSOLE"),
                sign_in: reader.sign_in(),
                path_prefix: reader.path_prefix(),
                access: reader.access(),
                cors_origins: reader.cors_origins(),
            },
        };
        if reader.errors.is_empty() { Ok(settings) } else { Err(InvalidSettings(reader.errors)) }
    }
}

struct Reader<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    errors: Vec<String>,
}

impl Reader<'_> {
    fn value(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// The error of a value, unless it fits: what it must be.
    fn require(&mut self, fits: bool, name: &str, value: &str, rule: impl Display) {
        if !fits {
            self.errors.push(format!("{name} is {value:?}: it must {rule}"));
        }
    }

    fn table_name(&mut self) -> String {
        let Some(name) = self.value("TABLE_NAME") else {
            self.errors.push("TABLE_NAME is not set: set it to the name of the DynamoDB table".into());
            return String::new();
        };
        let fits = (1..=MAX_TABLE_NAME_BYTES).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'/'));
        self.require(fits, "TABLE_NAME", &name, "be a DynamoDB table name (a-z, A-Z, 0-9, _, - and .) or ARN");
        name
    }

    fn url_base(&mut self, name: &str, default: &str) -> String {
        let base = self.value(name).unwrap_or_else(|| default.to_owned());
        let host = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"));
        let fits = host.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
            && base.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'"' | b'<' | b'>' | b'\\'));
        let rule = format_args!("be an http or https URL without query or fragment, like {default}");
        self.require(fits, name, &base, rule);
        base
    }

    fn switch(&mut self, name: &str) -> bool {
        let text = self.value(name).unwrap_or_else(|| "off".to_owned());
        self.require(text == "on" || text == "off", name, &text, "be on or off");
        text == "on"
    }

    /// A first segment that is the service's own would make a path mean two things.
    fn path_prefix(&mut self) -> Option<String> {
        let prefix = self.value("PATH_PREFIX")?;
        let segments: Vec<_> = prefix.strip_prefix('/').unwrap_or_default().split('/').collect();
        let is_segment = |segment: &&str| {
            !["", ".", ".."].contains(segment)
                && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        let is_taken = ["r", "console", "api", "openapi.yaml"].iter().any(|own| own.eq_ignore_ascii_case(segments[0]));
        let fits = !is_taken && segments.len() <= 3 && segments.iter().all(is_segment);
        let rule = "be one to three segments of A-Z, a-z, 0-9, -, _ and ., each after a slash, like /codes, and must not \
                    begin with /r, /console, /api or /openapi.yaml";
        self.require(fits, "PATH_PREFIX", &prefix, rule);
        Some(prefix)
    }

    fn campaign(&mut self) -> Campaign {
        let text = self.value("CAMPAIGN").unwrap_or_else(|| "VERV".to_owned());
        Campaign::parse(&text).unwrap_or_else(|error| {
            self.errors.push(format!("CAMPAIGN is {text:?}: it {error}"));
            Campaign::parse("VERV").expect("the default is a campaign")
        })
    }

    fn number(&mut self, name: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let text = self.value(name)?;
        // As a pattern of the template can say it: no sign, and no zero in front.
        let number = text.parse().ok().filter(|number: &u32| range.contains(number) && number.to_string() == text);
        let (min, max) = range.into_inner();
        let rule = format_args!("be a whole number from {min} to {max}, in digits alone");
        self.require(number.is_some(), name, &text, rule);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, InvalidSettings> {
        Settings::read(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    /// Each variable with a value that is read, and one that is refused.
    const VARIABLES: [(&str, &str, &str); 22] = [
        ("TABLE_NAME", "arn:aws:dynamodb:eu-north-1:123456789012:table/codes", "a b"),
        ("MAINTENANCE", "on", "true"),
        ("JOIN_URL_BASE", "http://localhost:8080/join", "app.org.no/join"),
        ("SHORT_URL_BASE", "https://s.example/", "https://org.no/r?x=1"),
        ("CAMPAIGN", "SPRING26", "verv"),
        ("CODE_VALID_DAYS", "90", "0"),
        ("LISTING_SETTLE_SECONDS", "0", "1m"),
        ("ROTATED_GRACE_DAYS", "365", "366"),
        ("CONSOLE", "on", "yes"),
        ("CONSOLE_ISSUER", "https://login.org.no/realms/org", "https://a;b"),
        ("CONSOLE_CLIENT_ID", "console", "a b"),
        ("CONSOLE_AUDIENCE", "referral-codes", "å"),
        ("CONSOLE_SCOPES", "codes:read codes:admin", "a  b"),
        ("CONSOLE_TOKEN_ORIGIN", "https://token.org.no:8443", "https://a/"),
        ("PATH_PREFIX", "/codes/v2", "codes"),
        ("SCOPE_READ", "read", "codes:read codes:list"),
        ("SCOPE_WRITE", "https://org.no/write", "a\"b"),
        ("SCOPE_ADMIN", "all", "å"),
        ("ORG_CLAIM", "custom:org", "org id"),
        ("MENTOR_CLAIM", "sub", "mentor id"),
        ("ACCESS", "jwt", "JWT"),
        ("CORS_ORIGINS", "https://app.org.no, http://localhost:5173", "https://app.org.no/"),
    ];

    #[test]
    fn settings_require_only_the_table() {
        let defaults = Settings {
            table_name: "codes".into(),
            ca_bundle: None,
            maintenance: false,
            service: ServiceSettings {
                join_url_base: "https://app.org.no/join".into(),
                short_url_base: "https://org.no/r".into(),
                campaign: Campaign::parse("VERV").expect("a campaign"),
                code_valid_days: None,
                listing_settle_seconds: 60,
                rotated_grace_days: 0,
                console: false,
                sign_in: None,
                path_prefix: None,
                access: Access::Public,
                cors_origins: CorsOrigins::None,
            },
        };
        assert_eq!(read(&[("TABLE_NAME", "codes")]), Ok(defaults));
        assert_eq!(
            read(&[]).expect_err("no table").0,
            ["TABLE_NAME is not set: set it to the name of the DynamoDB table"]
        );
    }

    #[test]
    fn settings_are_all_read() {
        let settings = Settings {
            table_name: "arn:aws:dynamodb:eu-north-1:123456789012:table/codes".into(),
            ca_bundle: Some("/etc/roots.pem".into()),
            maintenance: true,
            service: ServiceSettings {
                join_url_base: "http://localhost:8080/join".into(),
                short_url_base: "https://s.example".into(),
                campaign: Campaign::parse("SPRING26").expect("a campaign"),
                code_valid_days: Some(90),
                listing_settle_seconds: 0,
                rotated_grace_days: 365,
                console: true,
                sign_in: Some(SignIn {
                    issuer: "https://login.org.no/realms/org".into(),
                    client_id: "console".into(),
                    audience: Some("referral-codes".into()),
                    scopes: "codes:read codes:admin".into(),
                    token_origin: Some("https://token.org.no:8443".into()),
                }),
                path_prefix: Some("/codes/v2".into()),
                access: Access::Jwt(TokenRules {
                    scope_read: "read".into(),
                    scope_write: "https://org.no/write".into(),
                    scope_admin: "all".into(),
                    org_claim: "custom:org".into(),
                    mentor_claim: Some("sub".into()),
                }),
                cors_origins: CorsOrigins::Listed(vec!["https://app.org.no".into(), "http://localhost:5173".into()]),
            },
        };
        let variables = VARIABLES.map(|(name, value, _)| (name, value));
        assert_eq!(read(&[&variables[..], &[("AWS_CA_BUNDLE", "/etc/roots.pem")]].concat()), Ok(settings));
    }

    #[test]
    fn settings_name_every_invalid_variable_at_once() {
        let errors = read(&VARIABLES.map(|(name, _, value)| (name, value))).expect_err("all are invalid").to_string();
        let named: Vec<_> = errors.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(named, VARIABLES.map(|(name, ..)| name));
    }

    #[test]
    fn path_prefix_is_one_to_three_segments_and_none_of_the_service_s_own() {
        let is_read = |prefix: &&str| read(&[("TABLE_NAME", "codes"), ("PATH_PREFIX", prefix)]).is_ok();
        let fitting = ["/codes", "/Codes_1/v2.0/x-y", "/rx", "/codes/r", "/apis"];
        let own = ["/r", "/R/x", "/console", "/Api", "/openapi.YAML"];
        let malformed = ["codes", "/", "/codes/", "//codes", "/a/b/c/d", "/co des", "/æ", "/..", "/codes?x"];
        let all = fitting.into_iter().chain(own).chain(malformed);
        assert_eq!(all.filter(is_read).collect::<Vec<_>>(), fitting);
    }
}
