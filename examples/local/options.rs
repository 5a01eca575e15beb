//! The command line of the local server.

use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
The referral code service on this machine, over an embedded DynamoDB. No AWS account, no Docker, no Java.

Usage: cargo run --example local -- [options]

  --port PORT            serve the API on this port of 127.0.0.1 (3000)
  --data DIR             keep the database in this folder (./data); it survives restarts
  --memory               keep the database in memory, and forget it at the end
  --dynamodb-port PORT   serve the embedded DynamoDB itself on this port, for cargo lambda watch or the AWS CLI
                         (any free port)
  -h, --help             print this

The settings of the README (CAMPAIGN, JOIN_URL_BASE, …) are read from the environment here too.
";

/// What the command line asks for.
#[derive(PartialEq, Eq, Debug)]
pub struct Options {
    /// Where to serve the API.
    pub port: u16,
    /// Where to serve the engine; 0 for any free port.
    pub dynamodb_port: u16,
    /// The database's folder; none keeps it in memory.
    pub data: Option<PathBuf>,
}

impl Options {
    /// Reads the command line; none when it asks for help.
    ///
    /// # Errors
    /// With a message for people.
    pub fn read() -> Result<Option<Self>, lexopt::Error> {
        use lexopt::prelude::*;
        let mut options = Self { port: 3000, dynamodb_port: 0, data: Some("data".into()) };
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("port") => options.port = arguments.value()?.parse()?,
                Long("dynamodb-port") => options.dynamodb_port = arguments.value()?.parse()?,
                Long("data") => options.data = Some(arguments.value()?.into()),
                Long("memory") => options.data = None,
                Long("help") | Short('h') => return Ok(None),
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(options))
    }
}
