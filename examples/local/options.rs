//! The command line of the local server.

use std::path::PathBuf;

use serde_json::json;

/// What `--help` prints.
pub const HELP: &str = "\
The referral code service on this machine, over an embedded DynamoDB. It needs no AWS account, no Docker, no Java.

Usage: cargo run --example local -- [options]            serves the API
       cargo run --example local -- COMMAND [options]    maintains the database of --data, and prints one JSON line

  --port PORT            serve the API on this port of 127.0.0.1 (default: 3000)
  --data DIR             store the database in this folder, so that it survives restarts (default: ./data)
  --memory               store the database in memory only
  --demo                 begin with two hundred codes of five organisations, unless there are codes already; to empty the
                         database, delete its folder
  --dynamodb-port PORT   serve the embedded DynamoDB itself on this port, for cargo lambda watch or the AWS CLI
                         (default: any free port)
  -h, --help             print this help

Commands. They need a database that no server uses:

  upkeep                 bring the page indexes up to date; a server does so by itself
  audit                  find items that contradict each other
  repair                 find them, and repair what can be repaired
  rebuild LISTING        count a whole listing, and correct its page index: all, or org#ORG_ID

  --after CURSOR         begin an audit or a repair here: the `next` of an earlier one

The environment variables of docs/settings.md (CAMPAIGN, JOIN_URL_BASE, …) work here too.
";

/// The options of the command line.
#[derive(PartialEq, Eq, Debug)]
pub struct Options {
    /// The port of the API.
    pub port: u16,
    /// The port of the engine. 0 means any free port.
    pub dynamodb_port: u16,
    /// The folder of the database. None means in memory.
    pub data: Option<PathBuf>,
    /// Whether to begin with demo data.
    pub demo: bool,
    /// A maintenance command, in place of the server, as the event that names it.
    pub command: Option<String>,
}

impl Options {
    /// Reads the command line. None if it asks for help.
    ///
    /// # Errors
    /// With a message for the user.
    pub fn read() -> Result<Option<Self>, lexopt::Error> {
        use lexopt::prelude::*;
        let mut options = Self { port: 3000, dynamodb_port: 0, data: Some("data".into()), demo: false, command: None };
        let mut words: Vec<String> = Vec::new();
        let mut after = None;
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("port") => options.port = arguments.value()?.parse()?,
                Long("dynamodb-port") => options.dynamodb_port = arguments.value()?.parse()?,
                Long("data") => options.data = Some(arguments.value()?.into()),
                Long("memory") => options.data = None,
                Long("demo") => options.demo = true,
                Long("after") => after = Some(arguments.value()?.string()?),
                Long("help") | Short('h') => return Ok(None),
                Value(word) => words.push(word.string()?),
                other => return Err(other.unexpected()),
            }
        }
        options.command = command(&words, after)?;
        if options.command.is_some() && options.data.is_none() {
            return Err("A command needs a database, and --memory has none".into());
        }
        if options.command.is_some() && options.demo {
            return Err("--demo belongs to the server".into());
        }
        Ok(Some(options))
    }
}

/// The event of the command in these words. Whether there is such a command is for the maintenance to say.
fn command(words: &[String], after: Option<String>) -> Result<Option<String>, lexopt::Error> {
    let mut event = match words {
        [] if after.is_none() => return Ok(None),
        [] => return Err("--after belongs to the commands audit and repair".into()),
        [name] => json!({ "maintenance": name }),
        [name, listing] => json!({ "maintenance": name, "listing": listing }),
        [_, _, third, ..] => return Err(format!("Unexpected argument {third:?}").into()),
    };
    if let Some(after) = after {
        event["after"] = after.into();
    }
    Ok(Some(event.to_string()))
}
