//! The engine on a socket: it serves DynamoDB's own HTTP protocol on loopback.
//!
//! It runs on a thread and a runtime of its own, because it works under one lock and would block tasks on the same
//! thread. What it has acknowledged is on disk: it syncs at every commit.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::thread::JoinHandle;

use dynoxide::Database;
use tokio::sync::oneshot;

/// A running engine; it stops when dropped.
pub struct Engine {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Starts an engine that keeps its tables in `file`, or in memory without one, on a port of loopback. Port 0 means
    /// any free port.
    ///
    /// # Errors
    /// With a message for the user, if the file cannot be opened or the port is taken.
    pub fn start(file: Option<&Path>, port: u16) -> Result<Self, String> {
        let database = match file {
            Some(file) => Database::new(&file.to_string_lossy())
                .map_err(|error| format!("cannot open the database {}: {error}", file.display()))?,
            None => Database::memory().map_err(|error| format!("cannot create a database in memory: {error}"))?,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|error| format!("cannot serve the engine on port {port}: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let until = async {
                    let _ = stopped.await;
                };
                if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, until).await {
                    eprintln!("the engine has stopped: {error}");
                }
            });
        });
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
