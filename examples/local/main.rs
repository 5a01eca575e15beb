//! The service on this machine with one command: the Lambda handler behind plain HTTP, over an embedded DynamoDB.
//!
//! `cargo run --example local -- --help` lists the options. The engine and the table are those of the tests (`dev`).

#![allow(clippy::large_futures, clippy::print_stdout, missing_docs, reason = "a program for a terminal, not a library")]

mod database;
mod demo;
mod docs_page;
mod options;
mod server;

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use database::Database;
use dev::{Engine, plain_http, sdk_config, template};
use lambda_http::tracing::level_filters::LevelFilter;
use lambda_http::tracing::subscriber;
use lambda_http::tracing::subscriber::filter::Targets;
use lambda_http::tracing::subscriber::layer::SubscriberExt;
use lambda_http::tracing::subscriber::util::SubscriberInitExt;
use options::{HELP, Options};
use referral_codes::commands::{Command, Maintenance};
use referral_codes::http::{BASE_PATH, Service};
use referral_codes::model::Sources;
use referral_codes::settings::Settings;
use referral_codes::store::{self, Store};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

const TABLE: &str = "referral-codes";

/// The pause between two upkeeps of the server, and the longest that one takes: it counts on while codes are made fast.
const UPKEEP_PAUSE: Duration = Duration::from_secs(10);
const UPKEEP_TIME_LIMIT: Duration = Duration::from_mins(5);

/// A command on this machine may take as long as it needs; this is what its time limit can hold.
const COMMAND_TIME_LIMIT: Duration = Duration::from_hours(24);

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Options::read() {
        Ok(None) => {
            print!("{HELP}");
            Ok(())
        }
        Ok(Some(options)) => start(&options).await,
        Err(error) => Err(format!("{error}. See --help.")),
    };
    let Err(error) = done else { return ExitCode::SUCCESS };
    eprintln!("{error}");
    ExitCode::FAILURE
}

async fn start(options: &Options) -> Result<(), String> {
    log_warnings();
    let variable = |name: &str| std::env::var(name).ok();
    let settings = Settings::read(|name| match name {
        "TABLE_NAME" => Some(TABLE.into()),
        "CONSOLE" => variable(name).or_else(|| Some("on".into())),
        _ => variable(name),
    });
    let settings = settings.map_err(|error| error.to_string())?;
    match &options.command {
        Some(command) => carry_out(command, options, &settings).await,
        None => serve(options, settings).await,
    }
}

/// Carries out a maintenance command on the database, and prints its report.
async fn carry_out(command: &str, options: &Options, settings: &Settings) -> Result<(), String> {
    Command::parse(command).map_err(|invalid| invalid.to_string())?;
    let folder = options.data.as_deref().ok_or("A command needs a database")?;
    let database = Database::existing(folder)?;
    let (engine, store) = open(Some(&database), options.dynamodb_port, settings).await?;
    let report = Maintenance::new(store, Sources::system()).run(command, COMMAND_TIME_LIMIT, "local").await;
    drop(engine);
    println!("{}", serde_json::json!(report.map_err(|error| error.to_string())?));
    Ok(())
}

/// The engine over the database, or in memory without one, and a store over its table, which is created if it is absent.
async fn open(database: Option<&Database>, port: u16, settings: &Settings) -> Result<(Engine, Store), String> {
    let engine = Engine::start(database.map(Database::file), port)?;
    let client = store::client(&sdk_config(&engine.endpoint(), plain_http()).await);
    template::create_table(&client, TABLE).await?;
    Ok((engine, Store::new(client, TABLE, settings.service.listing_settle_seconds)))
}

/// Runs the upkeep again and again. A failure is in the log.
async fn keep_up(maintenance: Maintenance) {
    loop {
        let _ = maintenance.run(r#"{"maintenance":"upkeep"}"#, UPKEEP_TIME_LIMIT, "local upkeep").await;
        tokio::time::sleep(UPKEEP_PAUSE).await;
    }
}

async fn serve(options: &Options, settings: Settings) -> Result<(), String> {
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

    let database = options.data.as_deref().map(Database::open_or_create).transpose()?;
    let (engine, store) = open(database.as_ref(), options.dynamodb_port, &settings).await?;
    let demo =
        if options.demo && demo::fill(&settings.service, &store).await? { ", with 200 codes to look at" } else { "" };
    let upkeep = tokio::spawn(keep_up(Maintenance::new(store.clone(), Sources::system())));
    let has_console = settings.service.console;
    let service = Service::new(settings.service, store, Sources::system());

    let stored =
        database.as_ref().map_or_else(|| "in memory".to_owned(), |open| format!("in {}", open.file().display()));
    greet(&format!("http://{address}"), has_console, &engine.endpoint(), &(stored + demo));
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let stop = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    let served = axum::serve(listener, docs_page::routes().merge(server::router(Arc::new(service))))
        .with_graceful_shutdown(stop)
        .await;
    upkeep.abort();
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

fn greet(url: &str, has_console: bool, endpoint: &str, stored: &str) {
    let codes = format!("{url}{BASE_PATH}");
    let console = if has_console { format!("The console: {url}/console\n") } else { String::new() };
    println!(
        "\
Listening on {url} (Ctrl-C stops).
{console}The API, to read and to try: {url}/docs
The table {TABLE} is stored {stored}. Its DynamoDB endpoint is {endpoint}.

Try this in another terminal:
  curl -s {codes} -H 'content-type: application/json' -d '{{\"mentor_id\":\"usr_4491\",\"org_id\":\"org_002\",\"mentor_name\":\"Jan\"}}'
  curl -s '{codes}?page=1&limit=20'
  curl -s {codes}/$(curl -s '{codes}?limit=1' | grep -o 'rc_[0-9a-f]*' | head -1)/url
"
    );
}
