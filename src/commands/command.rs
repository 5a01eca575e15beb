//! The commands, as an event names them. Parsing takes nothing for granted: what is not exactly a command is none.

use serde_json::{Map, Value};

use crate::model::Listing;
use crate::store::AuditCursor;

/// What the maintenance can be told to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Counts the newest codes of all listings, and corrects their page indexes.
    Upkeep,
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
        listing: Listing,
    },
}

/// A text that is no command. The message says what to send.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0} Send one of {COMMANDS}.")]
pub struct InvalidCommand(String);

const COMMANDS: &str = r#"{"maintenance":"upkeep"}, {"maintenance":"audit"}, {"maintenance":"repair"} (both also with "after":CURSOR, the `next` of their last report), {"maintenance":"rebuild","listing":"all"} and {"maintenance":"rebuild","listing":"org#ORG_ID"}"#;

/// The field that makes an object a command.
const NAME: &str = "maintenance";

impl Command {
    /// Reads a command: a JSON object with the field `maintenance`, and otherwise only this command's own fields.
    ///
    /// # Errors
    /// The text is anything else, for example an HTTP event.
    pub fn parse(event: &str) -> Result<Self, InvalidCommand> {
        let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(event) else {
            return Err(InvalidCommand("The event is not a JSON object.".into()));
        };
        let Some(name) = fields.remove(NAME) else {
            return Err(InvalidCommand(format!("The event has no field `{NAME}`.")));
        };
        let command = match name.as_str() {
            Some("upkeep") => Self::Upkeep,
            Some("audit") => Self::Audit { after: after(&mut fields)? },
            Some("repair") => Self::Repair { after: after(&mut fields)? },
            Some("rebuild") => Self::Rebuild { listing: listing(&mut fields)? },
            _ => return Err(InvalidCommand(format!("The value of `{NAME}` is not a command."))),
        };
        match fields.keys().next() {
            None => Ok(command),
            Some(field) => Err(InvalidCommand(format!("The command {name} has no field `{field}`."))),
        }
    }

    /// The command's name in events and reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Upkeep => "upkeep",
            Self::Audit { .. } => "audit",
            Self::Repair { .. } => "repair",
            Self::Rebuild { .. } => "rebuild",
        }
    }
}

fn after(fields: &mut Map<String, Value>) -> Result<Option<AuditCursor>, InvalidCommand> {
    match fields.remove("after") {
        None | Some(Value::Null) => Ok(None),
        Some(cursor) => cursor
            .as_str()
            .and_then(|cursor| cursor.parse().ok())
            .map(Some)
            .ok_or_else(|| InvalidCommand("The value of `after` is not the `next` of a report.".into())),
    }
}

fn listing(fields: &mut Map<String, Value>) -> Result<Listing, InvalidCommand> {
    let listing = fields.remove("listing");
    let named = listing.as_ref().and_then(Value::as_str).and_then(|name| name.parse().ok());
    named.ok_or_else(|| InvalidCommand("A rebuild needs the name of a listing in `listing`.".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OrgId;

    #[test]
    fn command_is_read_from_its_object() {
        let cursor = "mentor#usr_1 slot";
        let org = OrgId::parse("org_002").expect("an id");
        for (event, command) in [
            (r#"{"maintenance":"upkeep"}"#, Command::Upkeep),
            (r#" { "maintenance" : "audit" } "#, Command::Audit { after: None }),
            (r#"{"maintenance":"audit","after":null}"#, Command::Audit { after: None }),
            (r#"{"after":"mentor#usr_1 slot","maintenance":"audit"}"#, Command::Audit { after: cursor.parse().ok() }),
            (r#"{"maintenance":"repair","after":"mentor#usr_1 slot"}"#, Command::Repair { after: cursor.parse().ok() }),
            (r#"{"maintenance":"rebuild","listing":"all"}"#, Command::Rebuild { listing: Listing::All }),
            (r#"{"maintenance":"rebuild","listing":"org#org_002"}"#, Command::Rebuild { listing: Listing::Org(org) }),
        ] {
            assert_eq!(Command::parse(event), Ok(command), "{event}");
        }
    }

    #[test]
    fn command_with_anything_else_is_refused_with_what_to_send() {
        for (event, reason) in [
            ("", "not a JSON object"),
            ("[]", "not a JSON object"),
            (r#""audit""#, "not a JSON object"),
            (r#"["maintenance","audit"]"#, "not a JSON object"),
            (r#"{"maintenance":"audit"}{}"#, "not a JSON object"),
            ("{}", "no field `maintenance`"),
            (r#"{"Maintenance":"audit"}"#, "no field `maintenance`"),
            (r#"{"body":{"maintenance":"audit"}}"#, "no field `maintenance`"),
            (r#"{"maintenance":"drop"}"#, "not a command"),
            (r#"{"maintenance":"Audit"}"#, "not a command"),
            (r#"{"maintenance":["audit"]}"#, "not a command"),
            (r#"{"maintenance":null}"#, "not a command"),
            (r#"{"maintenance":"upkeep","after":"a b"}"#, "\"upkeep\" has no field `after`"),
            (r#"{"maintenance":"audit","listing":"all"}"#, "\"audit\" has no field `listing`"),
            (r#"{"maintenance":"audit","rawPath":"/"}"#, "\"audit\" has no field `rawPath`"),
            (r#"{"maintenance":"audit","after":""}"#, "`after`"),
            (r#"{"maintenance":"audit","after":7}"#, "`after`"),
            (r#"{"maintenance":"rebuild"}"#, "`listing`"),
            (r#"{"maintenance":"rebuild","listing":null}"#, "`listing`"),
            (r#"{"maintenance":"rebuild","listing":"org#"}"#, "`listing`"),
            (r#"{"maintenance":"rebuild","listing":"org_002"}"#, "`listing`"),
        ] {
            let message = Command::parse(event).expect_err(event).to_string();
            assert!(message.contains(reason), "{event}: {message}");
            assert!(message.contains(r#"Send one of {"maintenance":"upkeep"}"#), "{event}: {message}");
        }
    }
}
