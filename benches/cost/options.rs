//! The command line.

use std::path::PathBuf;

pub const HELP: &str = "\
What the service costs in Lambda, cold and warm, compared with functions that do as little as possible.

Usage: cargo bench --bench cost -- [options]

  --check           only compare the service with its limits, and fail if one is exceeded
  --service FILE    measure this binary instead of a new build
  --probe FILE      measure this bare probe instead of a new build
  --deployed FILE   with --check: compare the size of this binary with the limits too
  --profile-dir DIR keep callgrind's files in this folder, for callgrind_annotate: callgrind.out.1 is the start, .2 the
                    first answer, .4 a hundred warm requests
  -h, --help        print this

Without --check it takes some minutes besides the builds. Instructions are counted if valgrind is installed.
";

#[derive(Default)]
pub struct Options {
    pub check: bool,
    pub service: Option<PathBuf>,
    pub probe: Option<PathBuf>,
    pub deployed: Option<PathBuf>,
    pub profile_dir: Option<PathBuf>,
}

impl Options {
    /// Reads the command line. None if it asks for help.
    pub fn read() -> Result<Option<Self>, lexopt::Error> {
        use lexopt::prelude::*;
        let mut options = Self::default();
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            let file = match argument {
                // Cargo passes it to every benchmark.
                Long("bench") => continue,
                Long("check") => {
                    options.check = true;
                    continue;
                }
                Long("service") => &mut options.service,
                Long("probe") => &mut options.probe,
                Long("deployed") => &mut options.deployed,
                Long("profile-dir") => &mut options.profile_dir,
                Long("help") | Short('h') => return Ok(None),
                other => return Err(other.unexpected()),
            };
            *file = Some(arguments.value()?.into());
        }
        Ok(Some(options))
    }
}
