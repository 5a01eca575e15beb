//! The commands, as an event names them. Parsing takes nothing for granted: what is not exactly a command is none.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Map, Value};

use super::leave::Leave;
use crate::model::{Listing, MentorId, OrgId};
use crate::store::AuditCursor;

/// What the maintenance can be told to do: a JSON object with its name in the field `maintenance`, and otherwise only its own
/// fields.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(tag = "maintenance", rename_all = "lowercase", deny_unknown_fields)]
pub enum Command {
    /// Counts the newest codes of all listings, and corrects their page indexes.
    Upkeep {},
    /// Finds items that contradict each other.
    Audit {
        /// Where to begin: `next` of an earlier report. None: at the first item.
        after: Option<AuditCursor>,
    },
    /// Finds them, and repairs what can be repaired.
    Repair {
        /// As of an audit.
        after: Option<AuditCursor>,
    },
    /// Counts a whole listing, and corrects its page index.
    Rebuild {
        /// Of which listing.
        #[serde(deserialize_with = "listing")]
        listing: Listing,
    },
    /// Takes a mentor's id out of the table.
    Forget {
        /// Of which mentor.
        #[serde(deserialize_with = "mentor_id")]
        mentor_id: MentorId,
    },
    /// Counts or ends the active codes of an organisation, or of some of its mentors, or opens it again.
    Leave(Leave),
}

/// A text that is no command. The message says what to send.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("The event is no command: {0}. Send one of {COMMANDS}.")]
pub struct InvalidCommand(String);

const COMMANDS: &str = r#"{"maintenance":"upkeep"}, {"maintenance":"audit"}, {"maintenance":"repair"} (both also with "after":CURSOR, the `next` of their last report), {"maintenance":"rebuild","listing":"all"} and {"maintenance":"rebuild","listing":"org#ORG_ID"}, {"maintenance":"leave","org_id":ORG_ID} (with "action":"end" or "reopen"; docs/maintenance.md), {"maintenance":"forget","mentor_id":MENTOR_ID}"#;

impl Command {
    /// Reads a command.
    ///
    /// # Errors
    /// The text is anything else, for example an HTTP event.
    pub fn parse(event: &str) -> Result<Self, InvalidCommand> {
        // For a tagged enum serde takes a list, too: so an object comes first.
        let fields = serde_json::from_str::<Map<String, Value>>(event);
        let command = fields.and_then(|fields| serde_json::from_value(fields.into()));
        match command.map_err(|error| InvalidCommand(error.to_string()))? {
            Self::Leave(leave) => leave.wrong().map_or(Ok(Self::Leave(leave)), |wrong| Err(InvalidCommand(wrong))),
            command => Ok(command),
        }
    }

    /// The command's name in events and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Upkeep {} => "upkeep",
            Self::Audit { .. } => "audit",
            Self::Repair { .. } => "repair",
            Self::Rebuild { .. } => "rebuild",
            Self::Leave(_) => "leave",
            Self::Forget { .. } => "forget",
        }
    }
}

fn listing<'de, D: Deserializer<'de>>(field: D) -> Result<Listing, D::Error> {
    parsed("listing", field)
}

fn mentor_id<'de, D: Deserializer<'de>>(field: D) -> Result<MentorId, D::Error> {
    parsed("mentor_id", field)
}

pub(super) fn org_id<'de, D: Deserializer<'de>>(field: D) -> Result<OrgId, D::Error> {
    parsed("org_id", field)
}

/// The text in a field. An error names the field, and shows nothing of what is in it: it is logged, and that may be a mentor's
/// id.
fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(name: &str, field: D) -> Result<T, D::Error> {
    let value = Value::deserialize(field)?;
    let text = value.as_str().ok_or_else(|| D::Error::custom(format!("`{name}` must be a string")))?;
    text.parse::<T>().map_err(|invalid| D::Error::custom(format!("`{name}` {invalid}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OrgId;

    #[test]
    fn command_is_read_from_its_object() {
        let cursor = || AuditCursor::try_from("mentor#usr_1 slot".to_owned()).ok();
        let org = OrgId::parse("org_002").expect("an id");
        for (event, command) in [
            (r#"{"maintenance":"upkeep"}"#, Command::Upkeep {}),
            (r#" { "maintenance" : "audit" } "#, Command::Audit { after: None }),
            (r#"{"maintenance":"audit","after":null}"#, Command::Audit { after: None }),
            (r#"{"after":"mentor#usr_1 slot","maintenance":"audit"}"#, Command::Audit { after: cursor() }),
            (r#"{"maintenance":"repair","after":"mentor#usr_1 slot"}"#, Command::Repair { after: cursor() }),
            (r#"{"maintenance":"rebuild","listing":"all"}"#, Command::Rebuild { listing: Listing::All }),
            (r#"{"maintenance":"rebuild","listing":"org#org_002"}"#, Command::Rebuild { listing: Listing::Org(org) }),
        ] {
            assert_eq!(Command::parse(event), Ok(command), "{event}");
        }
    }

    #[test]
    fn command_with_anything_else_is_refused_with_what_to_send() {
        for (event, reason) in [
            ("", "EOF while parsing"),
            ("[]", "sequence, expected a map"),
            (r#""audit""#, "string \"audit\", expected a map"),
            (r#"["audit"]"#, "sequence, expected a map"),
            (r#"{"maintenance":"audit"}{}"#, "trailing characters"),
            ("{}", "missing field `maintenance`"),
            (r#"{"Maintenance":"audit"}"#, "missing field `maintenance`"),
            (r#"{"body":{"maintenance":"audit"}}"#, "missing field `maintenance`"),
            (r#"{"maintenance":"drop"}"#, "unknown variant `drop`"),
            (r#"{"maintenance":"Audit"}"#, "unknown variant `Audit`"),
            (r#"{"maintenance":["audit"]}"#, "invalid type: sequence"),
            (r#"{"maintenance":null}"#, "invalid type: null"),
            (r#"{"maintenance":"upkeep","after":"a b"}"#, "unknown field `after`"),
            (r#"{"maintenance":"audit","listing":"all"}"#, "unknown field `listing`"),
            (r#"{"maintenance":"audit","rawPath":"/"}"#, "unknown field `rawPath`"),
            (r#"{"maintenance":"audit","after":""}"#, "not a partition key, a space and a sort key"),
            (r#"{"maintenance":"audit","after":7}"#, "integer `7`, expected a string"),
            (r#"{"maintenance":"rebuild"}"#, "missing field `listing`"),
            (r#"{"maintenance":"rebuild","listing":null}"#, "`listing` must be a string"),
            (r#"{"maintenance":"rebuild","listing":"org#"}"#, "`listing` must be all, or org#"),
            (r#"{"maintenance":"rebuild","listing":"org_002"}"#, "must be all, or org#"),
            (r#"{"maintenance":"forget","mentor_id":"a b"}"#, "`mentor_id` must be 1 to 128"),
            (r#"{"maintenance":"forget","mentor_id":4491}"#, "`mentor_id` must be a string"),
            (r#"{"maintenance":"leave"}"#, "missing field `org_id`"),
            (r#"{"maintenance":"leave","org_id":""}"#, "`org_id` must be 1 to 128"),
            (r#"{"maintenance":"leave","org_id":"o","rawPath":"/"}"#, "unknown field `rawPath`"),
            (r#"{"maintenance":"leave","org_id":"o","action":"close"}"#, "unknown variant `close`"),
            (r#"{"maintenance":"leave","org_id":"o","per_second":51}"#, "must be 1 to 50"),
            (r#"{"maintenance":"leave","org_id":"o","mentors":["a b"]}"#, "`mentors`: each must be 1 to 128"),
            (r#"{"maintenance":"leave","org_id":"o","mentors":["a",4491]}"#, "`mentors`: each must be 1 to 128"),
            (r#"{"maintenance":"leave","org_id":"o","mentors":"usr_4491"}"#, "`mentors` must be a list"),
            (r#"{"maintenance":"leave","org_id":"o","mentors":null}"#, "leave it out if all mentors leave"),
            (r#"{"maintenance":"leave","org_id":"o","mentors":[]}"#, "`mentors` names nobody"),
            (r#"{"maintenance":"leave","org_id":"o","mentors":["a"],"action":"reopen"}"#, "no `mentors`"),
            (r#"{"maintenance":"leave","org_id":"o","after":"a"}"#, "no cursor of this command"),
            (r#"{"maintenance":"leave","org_id":"o","mentors":["b"],"after":"a"}"#, "no cursor of this command"),
        ] {
            let message = Command::parse(event).expect_err(event).to_string();
            assert!(message.contains(reason), "{event}: {message}");
            assert!(message.contains(r#"Send one of {"maintenance":"upkeep"}"#), "{event}: {message}");
            assert!(!message.contains("4491"), "it is logged: {message}");
        }
    }
}
