//! The parameters of `template.yaml` compared with the settings: CloudFormation refuses each value with which the function
//! would not start, and no other.
//!
//! A pattern must match the whole value, and is one of Java's:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>,
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-regexes.html>

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use dev::template;
use fancy_regex::Regex;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use referral_codes::limits::{MAX_CODE_VALID_DAYS, MAX_LISTING_SETTLE_SECONDS, MAX_ROTATED_GRACE_DAYS};
use referral_codes::settings::Settings;
use yaml_serde::Value;

/// Where the template takes less than the setting: only tests let codes settle sooner than after ten seconds, the
/// policy of the table in use is made of its name, so it can be no ARN, and API Gateway asks no issuer but one of https.
const STRICTER: [&str; 3] = ["ListingSettleSeconds", "RestoredTableName", "JwtIssuer"];

/// Whether CloudFormation takes a value.
type Accepts = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// A parameter that becomes a variable of the function behind the API.
struct Parameter {
    name: String,
    variable: String,
    default: String,
    accepts: Accepts,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value:?} is not a text")).to_owned()
}

/// The rule of a parameter: its list of values, or its pattern.
fn rule(name: &str, parameter: &Value) -> Accepts {
    if let Some(values) = parameter["AllowedValues"].as_sequence() {
        let values: Vec<_> = values.iter().map(text).collect();
        return Box::new(move |value| values.iter().any(|allowed| allowed == value));
    }
    let pattern = text(&parameter["AllowedPattern"]);
    // What another language than Java reads in another way.
    for construct in ["\\d", "\\s", "\\w", "\\b", "&&", "*+", "++", "?+", "}+", "(?>", "(?<"] {
        assert!(!pattern.contains(construct), "{name}: {construct} in {pattern}");
    }
    let whole = Regex::new(&format!("^(?:{pattern})$")).unwrap();
    Box::new(move |value| whole.is_match(value).unwrap())
}

/// Every variable of the function comes from one.
static PARAMETERS: LazyLock<Vec<Parameter>> = LazyLock::new(|| {
    let template = template::template();
    let variables = template["Resources"]["Function"]["Properties"]["Environment"]["Variables"].clone();
    let of_variable = |(variable, value): (&Value, &Value)| {
        let reference = match value {
            Value::Tagged(tagged) if tagged.tag == "!If" => &tagged.value[1],
            other => other,
        };
        let Value::Tagged(reference) = reference else { panic!("{variable:?} has no parameter: {reference:?}") };
        let name = text(&reference.value);
        let parameter = &template["Parameters"][name.as_str()];
        // CloudFormation takes 60.5 and 6e1 for a number.
        assert_eq!(parameter["Type"], "String", "{name}");
        let accepts = rule(&name, parameter);
        Parameter { variable: text(variable), default: text(&parameter["Default"]), accepts, name }
    };
    variables.as_mapping().unwrap().iter().map(of_variable).collect()
});

/// What keeps the function from its start, in the environment that the template makes of these parameters.
fn refusal(values: &BTreeMap<&str, &str>) -> Option<String> {
    let read = Settings::read(|variable| {
        let parameter = PARAMETERS.iter().find(|parameter| parameter.variable == variable)?;
        let value = values.get(parameter.name.as_str()).map_or(parameter.default.clone(), |value| (*value).to_owned());
        Some(if variable == "TABLE_NAME" && value.is_empty() { "codes".to_owned() } else { value })
    });
    read.err().map(|invalid| invalid.to_string())
}

/// Feeds the value to every parameter and to its setting.
fn assert_agreement(value: &str) {
    for parameter in &*PARAMETERS {
        let accepted = (parameter.accepts)(value);
        let refused = refusal(&BTreeMap::from([(parameter.name.as_str(), value)]));
        // The function takes an empty variable for none, so it may start with what a list of values leaves out.
        let may_be_stricter = value.is_empty() || STRICTER.contains(&parameter.name.as_str());
        let agrees = accepted == refused.is_none() || (may_be_stricter && !accepted);
        assert!(agrees, "{}={value:?} is {accepted} for CloudFormation; the function: {refused:?}", parameter.name);
    }
}

/// Values near the borders of the rules, good and bad. Those with blanks stand apart.
static EDGES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let blanks = "| |\n| * |https://a b|https://a , http://b:80 |https://a\thttps://b|https://a\n|\u{a0}https://a|\
                  codes:read codes:list|org id";
    EDGES_WITHOUT_BLANKS.split_ascii_whitespace().chain(blanks.split('|')).collect()
});

const EDGES_WITHOUT_BLANKS: &str = r#"
    * ** *,* 0 00 1 01 +1 -1 1.0 1e1 ٣ 9 10 010 60 60.5 364 365 366 36499 36500 36501 40000 86399 86400 86401 99999
    4294967296 verv VERV V VERV26VERV26 VERV26VERV267 2026 2026A ÅR26 on off On true public jwt JWT
    https://app.org.no https://app.org.no/ https://app.org.no/join https://app.org.no/join?x=1 https://app.org.no/#x
    https:// https:///x https://? https:/app HTTPS://app.org.no app.org.no/join //app.org.no ftp://app.org.no
    http://localhost:8080 http://localhost:8080/r https://App.org.no https://a"b https://a<b> https://a\b
    https://å.no https://u@a https://a: https://a:x https://a:+80 https://a:0 https://a:080 https://a:1 https://a:65535 https://a:65536
    https://a:99999 https://a:443/x http://[::1] http://[::1]:80 http://[::A] https://[] https://*.org.no
    https://a;b https://a.b-c_d:8443/realms/x?y https://a'b http://127.0.0.1:9 a\"b a#b
    https://a,https://b https://a, ,https://a https://a,,https://b https://a;https://b codes:read a"b a\b a,b org_id
    /codes /codes/v2/x /a/b/c/d codes /R/x /consoles /openapi.YAML /.. /codes/ arn:aws:dynamodb:eu-north-1:1:table/x
"#;

/// Whoever deploys mends them all in one go. Any path may be a bundle's.
#[test]
fn every_invalid_setting_is_named_at_once() {
    let asked = RefCell::new(BTreeSet::new());
    let read = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        Some("\0".to_owned())
    };
    let errors = Settings::read(read).unwrap_err().to_string();
    let mut named: Vec<_> = errors.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    named.push("AWS_CA_BUNDLE".to_owned());
    named.sort();
    assert_eq!(named, asked.take().into_iter().collect::<Vec<_>>());
}

/// A bundle is for tests and local servers, and the switches are those of other functions.
#[test]
fn every_setting_of_the_service_has_a_parameter() {
    let asked = RefCell::new(BTreeSet::new());
    let read = |variable: &str| {
        asked.borrow_mut().insert(variable.to_owned());
        None
    };
    assert!(Settings::read(read).is_err(), "the table has no default");
    let others = ["AWS_CA_BUNDLE", "MAINTENANCE", "EVENTS"].map(str::to_owned);
    assert_eq!(
        PARAMETERS.iter().map(|parameter| parameter.variable.clone()).chain(others).collect::<BTreeSet<_>>(),
        asked.take()
    );
}

#[test]
fn parameters_and_settings_take_the_same_edge_cases() {
    for value in EDGES.iter() {
        assert_agreement(value);
    }
    for length in [2, 3, 255, 256, 257] {
        assert_agreement(&"a".repeat(length));
    }
    let limits =
        [MAX_CODE_VALID_DAYS, MAX_LISTING_SETTLE_SECONDS, MAX_ROTATED_GRACE_DAYS, 10, 100, 1_000, 10_000, 100_000];
    for number in
        limits.into_iter().flat_map(|limit| limit.saturating_sub(11)..limit + 11).chain((0..90_000).step_by(101))
    {
        assert_agreement(&number.to_string());
    }
    let [default, changed] = [BTreeMap::new(), BTreeMap::from([("Access", "jwt")])].map(|values| refusal(&values));
    assert_eq!((default, changed), (None, None));
}

/// API Gateway reads them, and the console the issuer.
#[test]
fn issuer_and_audience_are_refused_if_they_are_a_placeholder_or_would_match_no_token() {
    for (name, good, bad) in [
        (
            "JwtIssuer",
            "|https://login.org.no/realms/org|https://t.auth0.com/|https://a.example.org|http://127.0.0.1:9",
            "https://issuer.example|https://issuer.example/|https://a.b.example:443/x|http://login.org.no|login.org.no|\
             https://|https://login.org.no https://b.no| https://login.org.no|https://login.org.no\n",
        ),
        ("JwtAudience", "|referral-codes|api://codes|a,b,c", "a, b|a ,b|a,|,a|a,,b| |a\n"),
    ] {
        let accepts = rule(name, &template::template()["Parameters"][name]);
        for (values, is_good) in [(good, true), (bad, false)] {
            for value in values.split('|') {
                assert_eq!(accepts(value), is_good, "{name}={value:?}");
            }
        }
    }
}

/// An edge case with up to three changes: a piece of another one, or a character, put in place of what stands there.
fn similar() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        select(EDGES.as_slice()).prop_map(str::to_owned),
        "[ -~]",
        "[ ,:/.*a-f0-9]",
        any::<char>().prop_map(String::from)
    ];
    let change = (any::<Index>(), 0..3_usize, piece);
    (select(EDGES.as_slice()), proptest::collection::vec(change, 0..=3)).prop_map(|(edge, changes)| {
        changes.into_iter().fold(edge.to_owned(), |text, (place, removed, piece)| {
            let chars: Vec<char> = text.chars().collect();
            let place = place.index(chars.len() + 1);
            let rest = chars.iter().skip(place + removed);
            chars[..place].iter().copied().chain(piece.chars()).chain(rest.copied()).collect()
        })
    })
}

proptest! {
    #[test]
    fn parameters_and_settings_take_the_same_values(value in similar()) {
        assert_agreement(&value);
    }

    /// The settings do not depend on each other, so any mix of accepted values starts.
    #[test]
    fn function_starts_with_every_mix_that_cloudformation_accepts(picks in proptest::collection::vec(any::<Index>(), 32)) {
            let mut values = BTreeMap::new();
        for (parameter, pick) in PARAMETERS.iter().zip(picks) {
            let accepted: Vec<_> = EDGES.iter().filter(|value| (parameter.accepts)(value)).copied().collect();
            values.insert(parameter.name.as_str(), *pick.get(&accepted));
        }
        prop_assert_eq!(refusal(&values), None, "{:?}", values);
    }
}
