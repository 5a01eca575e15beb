//! The command line of the local server.

use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
The referral code service on this machine, over an embedded DynamoDB. It needs no AWS account, no Docker, no Java.

Usage: cargo run --example local -- [options]

  --port PORT            serve the API on this port of 127.0.0.1 (default: 3000)
  --data DIR             store the database in this folder, so that it survives restarts (default: ./data)
  --memory               store the database in memory only
  --dynamodb-port PORT   serve the embedded DynamoDB itself on this port, for cargo lambda watch or the AWS CLI
                         (default: any free port)
  -h, --help             print this help

The environment variables of the README (CAMPAIGN, JOIN_URL_BASE, …) work here too.
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
}

impl Options {
    /// Reads the command line. None if it asks for help.
    ///
    /// # Errors
    /// With a message for the user.
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
