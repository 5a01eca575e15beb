//! The Lambda binary: it connects settings, client and runtime. Everything else is in the library.
//!
//! The same binary runs on classic Lambda, one event at a time, and on Lambda Managed Instances, several at once
//! (`AWS_LAMBDA_MAX_CONCURRENCY`). Only the second gets worker threads: they cost start time, and one event has no use
//! for them. With one thread, code that blocks stops its event's time-outs too.

use std::process::ExitCode;
use std::sync::Arc;

use lambda_http::lambda_runtime::tower::util::MapRequestLayer;
use lambda_http::lambda_runtime::{self, LambdaEvent, LambdaInvocation, Runtime, service_fn};
use lambda_http::tracing;
use lambda_http::tracing::level_filters::LevelFilter;
use lambda_http::tracing::subscriber::util::SubscriberInitExt;
use referral_codes::commands::Maintenance;
use referral_codes::http::Service;
use referral_codes::lambda::Function;
use referral_codes::log_lines::json_lines;
use referral_codes::model::Sources;
use referral_codes::settings::Settings;
use referral_codes::store::{self, Store};

/// The allocator of the function; the library has none of its own (docs/adr/0021-mimalloc-and-size.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(missing) = LAMBDA_VARIABLES.into_iter().find(|name| std::env::var_os(name).is_none()) {
        eprintln!(
            "This is the Lambda function. It needs the Lambda runtime, which is not here: {missing} is not set.\n\
             To run the service on this machine:\n\n    cargo run --example local\n\n\
             To run the function under an emulated Lambda, see CONTRIBUTING.md (cargo lambda watch)."
        );
        return ExitCode::FAILURE;
    }
    log_as_json();
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A line like every other, so that the queries of docs/queries find it.
            tracing::error!(%error, "start failed");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<(), lambda_runtime::Error> {
    let settings = Settings::read(|name| std::env::var(name).ok())?;
    runtime()?.block_on(serve(settings))
}

/// The variables without which the Lambda runtime panics.
const LAMBDA_VARIABLES: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
];

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let concurrency = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok().and_then(|number| number.parse().ok());
    let mut builder = if concurrency.unwrap_or(1) > 1 {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build()
}

async fn serve(settings: Settings) -> Result<(), lambda_runtime::Error> {
    // What makes events asks no table.
    let function = if settings.events { Function::Events } else { function_over_the_table(settings).await? };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
    let handler = service_fn(move |LambdaEvent { payload: (), mut context }| {
        let event = context.xray_trace_id.take().unwrap_or_default();
        function.clone().handle(LambdaEvent::new(event, context))
    });
    Box::pin(Runtime::new(handler).layer(MapRequestLayer::new(unread)).run_concurrent()).await
}

/// Takes the event past the runtime, in a field of the context that nothing reads after this. The runtime would parse it, which
/// the handler does anyway: 3 % of a call. So it gets `null` to parse.
fn unread(mut invocation: LambdaInvocation) -> LambdaInvocation {
    let event = std::mem::replace(&mut invocation.body, "null".into());
    // What is no text is no event: the handler gets an empty one.
    invocation.context.xray_trace_id = String::from_utf8(event.into()).ok();
    invocation
}

async fn function_over_the_table(settings: Settings) -> Result<Function, lambda_runtime::Error> {
    let client = store::connect(settings.ca_bundle.as_deref())?;
    let store = Store::new(client, settings.table_name, settings.service.listing_settle_seconds);
    store.warm_up().await;
    let sources = Sources::system();
    Ok(if settings.maintenance {
        Function::Maintenance(Arc::new(Maintenance::new(store, sources)))
    } else {
        Function::Api(Arc::new(Service::new(settings.service, store, sources)))
    })
}

/// Logs one JSON object per line, as CloudWatch reads them. Lambda's advanced logging controls set
/// `AWS_LAMBDA_LOG_LEVEL`; a release build has no lines below INFO. A panic is a line, too, with its place and message.
fn log_as_json() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").ok().and_then(|level| level.parse().ok());
    json_lines(level.unwrap_or(LevelFilter::INFO), std::io::stdout).init();
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(panic = %panic, "panic in request");
    }));
}
