//! The service on this machine with one command: the Lambda handler behind plain HTTP, over an embedded DynamoDB.
//!
//! `cargo run --example local -- --help` lists the options. The engine and the table are those of the tests (`dev`).

#![allow(clippy::large_futures, clippy::print_stdout, missing_docs, reason = "a program for a terminal, not a library")]

mod options;
mod server;

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use dev::{Engine, plain_http, sdk_config, template};
use lambda_http::tracing::level_filters::LevelFilter;
use lambda_http::tracing::subscriber;
use lambda_http::tracing::subscriber::filter::Targets;
use lambda_http::tracing::subscriber::layer::SubscriberExt;
use lambda_http::tracing::subscriber::util::SubscriberInitExt;
use options::{HELP, Options};
use referral_codes::http::{BASE_PATH, Service};
use referral_codes::model::Sources;
use referral_codes::settings::Settings;
use referral_codes::store::{self, Store};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

const TABLE: &str = "referral-codes";

#[tokio::main]
async fn main() -> ExitCode {
    match Options::read() {
        Ok(None) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Ok(Some(options)) => match run(&options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("{error}. See --help.");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), String> {
    log_warnings();
    let variable = |name: &str| std::env::var(name).ok();
    let settings = Settings::read(|name| if name == "TABLE_NAME" { Some(TABLE.into()) } else { variable(name) })
        .map_err(|error| error.to_string())?;

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.map_err(|error| {
        let port = options.port;
        match error.kind() {
            std::io::ErrorKind::AddrInUse => format!("Port {port} is in use. Choose another one with --port."),
            std::io::ErrorKind::PermissionDenied => {
                format!("Port {port} needs administrator rights. Choose a port above 1023 with --port.")
            }
            _ => format!("Cannot listen on port {port}: {error}. Choose another one with --port."),
        }
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;

    let file = options.data.as_deref().map(writable_database).transpose()?;
    let engine = Engine::start(file.as_deref(), options.dynamodb_port)?;
    let client = store::client(&sdk_config(&engine.endpoint(), plain_http()).await);
    template::create_table(&client, TABLE).await?;
    let store = Store::new(client, TABLE, settings.service.listing_settle_seconds);
    let service = Service::new(settings.service, store, Sources::system());

    let stored = file.map_or_else(|| "in memory".to_owned(), |file| format!("in {}", file.display()));
    greet(&format!("http://{address}"), &engine.endpoint(), &stored);
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let stop = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    let served = axum::serve(listener, server::router(Arc::new(service))).with_graceful_shutdown(stop).await;
    drop(engine);
    println!("\nStopped.");
    served.map_err(|error| error.to_string())
}

/// Logs warnings to standard error. The engine's own warnings are left out: it warns of each failed condition. Failed
/// conditions are expected, and the service logs every other error itself.
fn log_warnings() {
    let lines = subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let shown = Targets::new().with_default(LevelFilter::WARN).with_target("dynoxide", LevelFilter::ERROR);
    subscriber::registry().with(lines).with(shown).init();
}

fn greet(url: &str, endpoint: &str, stored: &str) {
    let codes = format!("{url}{BASE_PATH}");
    println!(
        "\
Listening on {url} (Ctrl-C stops).
The table {TABLE} is stored {stored}. Its DynamoDB endpoint is {endpoint}.

Try this in another terminal:
  curl -s {codes} -H 'content-type: application/json' -d '{{\"mentor_id\":\"usr_4491\",\"org_id\":\"org_002\",\"mentor_name\":\"Jan\"}}'
  curl -s '{codes}?page=1&limit=20'
  curl -s {codes}/$(curl -s '{codes}?limit=1' | grep -o 'rc_[0-9a-f]*' | head -1)/url
"
    );
}

/// The database file in this folder, which is created if it is absent and checked to be writable.
fn writable_database(folder: &Path) -> Result<std::path::PathBuf, String> {
    let file = folder.join("referral-codes.db");
    let opened = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::OpenOptions::new().append(true).create(true).open(&file).map(drop));
    opened.map_err(|error| {
        format!("Cannot write in the folder {}: {error}. Choose another one with --data.", folder.display())
    })?;
    Ok(file)
}
