//! The database in a folder, for one process at a time.
//!
//! The engine isolates transactions by a lock within its process, and remembers their tokens in memory. So over one file
//! there may be one engine. A lock on a second file keeps other processes away. The operating system releases it when the
//! process ends, in whichever way.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// A database file that this process alone uses, as long as this value exists.
pub struct Database {
    file: PathBuf,
    _lock: File,
}

impl Database {
    /// The database in this folder. Folder and file are created if they are absent.
    ///
    /// # Errors
    /// With a message for the user: the folder cannot be written in, or another process uses the database.
    pub fn open_or_create(folder: &Path) -> Result<Self, String> {
        let cannot_write = |error| {
            format!("Cannot write in the folder {}: {error}. Choose another one with --data.", folder.display())
        };
        std::fs::create_dir_all(folder).map_err(cannot_write)?;
        let open = |name| OpenOptions::new().append(true).create(true).open(folder.join(name));
        let lock = open("referral-codes.lock").map_err(cannot_write)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => format!(
                "Another process uses the database in the folder {}. Stop that server or wait for that command, or choose \
                 another folder with --data.",
                folder.display()
            ),
            TryLockError::Error(error) => cannot_write(error),
        })?;
        open(FILE).map_err(cannot_write)?;
        Ok(Self { file: folder.join(FILE), _lock: lock })
    }

    /// The database in this folder, if there is one.
    ///
    /// # Errors
    /// As [`Self::open_or_create`], or there is none.
    pub fn existing(folder: &Path) -> Result<Self, String> {
        if folder.join(FILE).exists() {
            Self::open_or_create(folder)
        } else {
            Err(format!("There is no database in the folder {}. Choose its folder with --data.", folder.display()))
        }
    }

    /// Where it is.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

const FILE: &str = "referral-codes.db";
