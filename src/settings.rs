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
    /// `EVENTS`: whether this process makes events of stream records, and serves nothing else. It needs no table.
    pub events: bool,
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
        let events = reader.switch("EVENTS");
        let table_name = if events { String::new() } else { reader.table_name() };
        let settings = Self {
            table_name,
            ca_bundle: reader.value("AWS_CA_BUNDLE").map(PathBuf::from),
            maintenance: reader.switch("MAINTENANCE"),
            events,
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

    /// The value of a variable. One that does not fit is an error, which says what it must be.
    fn matching(&mut self, name: &str, rule: impl Display, fits: impl Fn(&str) -> bool) -> Option<String> {
        let value = self.value(name)?;
        self.require(fits(&value), name, &value, rule);
        Some(value)
    }

    fn require(&mut self, fits: bool, name: &str, value: &str, rule: impl Display) {
        if !fits {
            self.errors.push(format!("{name} is {value:?}: it must {rule}"));
        }
    }

    fn table_name(&mut self) -> String {
        let rule = "be a DynamoDB table name (a-z, A-Z, 0-9, _, - and .) or ARN";
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-.:/".contains(&b);
        let fits = |name: &str| name.len() <= MAX_TABLE_NAME_BYTES && name.bytes().all(is_allowed);
        self.matching("TABLE_NAME", rule, fits).unwrap_or_else(|| {
            self.errors.push("TABLE_NAME is not set: set it to the name of the DynamoDB table".into());
            String::new()
        })
    }

    fn url_base(&mut self, name: &str, default: &str) -> String {
        let is_allowed = |b: u8| b.is_ascii_graphic() && !b"?#\"<>\\".contains(&b);
        let fits = |base: &str| {
            let host = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"));
            host.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')) && base.bytes().all(is_allowed)
        };
        let rule = format_args!("be an http or https URL without query or fragment, like {default}");
        self.matching(name, rule, fits).unwrap_or_else(|| default.to_owned())
    }

    fn switch(&mut self, name: &str) -> bool {
        self.matching(name, "be on or off", |text| matches!(text, "on" | "off")).as_deref() == Some("on")
    }

    /// A first segment that is the service's own would make a path mean two things.
    fn path_prefix(&mut self) -> Option<String> {
        let is_segment = |segment: &&str| {
            let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
            !["", ".", ".."].contains(segment) && segment.bytes().all(is_allowed)
        };
        let is_own =
            |first: &str| ["r", "console", "api", "openapi.yaml"].iter().any(|own| own.eq_ignore_ascii_case(first));
        let rule = "be one to three segments of A-Z, a-z, 0-9, -, _ and ., each after a slash, like /codes, and must not \
                    begin with /r, /console, /api or /openapi.yaml";
        self.matching("PATH_PREFIX", rule, |prefix| {
            let segments: Vec<_> = prefix.strip_prefix('/').unwrap_or_default().split('/').collect();
            segments.len() <= 3 && segments.iter().all(is_segment) && !is_own(segments[0])
        })
    }

    fn campaign(&mut self) -> Campaign {
        let text = self.value("CAMPAIGN").unwrap_or_else(|| "VERV".to_owned());
        Campaign::parse(&text).unwrap_or_else(|error| {
            self.errors.push(format!("CAMPAIGN is {text:?}: it {error}"));
            Campaign::parse("VERV").expect("the default is a campaign")
        })
    }

    fn number(&mut self, name: &str, range: RangeInclusive<u32>) -> Option<u32> {
        // As a pattern of the template can say it: no sign, and no zero in front.
        let number = |text: &str| text.parse().ok().filter(|it: &u32| range.contains(it) && it.to_string() == text);
        let rule = format_args!("be a whole number from {} to {}, in digits alone", range.start(), range.end());
        self.matching(name, rule, |text| number(text).is_some()).and_then(|text| number(&text))
    }
}
