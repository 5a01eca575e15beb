//! The binary as on Lambda Managed Instances: a process gets several events at once, and Lambda ends no call that takes
//! longer than `Timeout`.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html>

use axum::Router;
use axum::http::StatusCode;
use dev::{BASE, Call, serve};
use tokio::task::JoinSet;

use crate::lambda_binary::{function_over, send};

/// Three of a process's four events wait for a table that never answers. The fourth does not wait for them, and they end by
/// the deadline of their own.
#[tokio::test]
#[ignore = "long: waits for the deadline of a call, 8 s"]
async fn calls_of_a_silent_table_end_by_themselves_and_hold_up_no_other() {
    let mut tasks = JoinSet::new();
    let silent = Router::new().fallback(std::future::pending::<StatusCode>);
    let program = function_over(&serve(&mut tasks, silent).await);
    let function = program.variable("AWS_LAMBDA_MAX_CONCURRENCY", "4").start().await;
    let mut waiting = Box::pin(async {
        tokio::join!(
            send(&function, Call::get(BASE)),
            send(&function, Call::get(&format!("{BASE}/rc_00000000"))),
            send(&function, Call::create("m", "o")),
        )
    });
    let elsewhere = || send(&function, Call::get("/elsewhere"));
    tokio::select! {
        biased;
        replies = &mut waiting => panic!("a silent table has an answer: {replies:?}"),
        reply = elsewhere() => reply.expect_problem(404, "route_not_found"),
    };
    let (list, get, create) = waiting.await;
    for reply in [list, get, create] {
        reply.expect_problem(503, "unavailable");
    }
    elsewhere().await.expect_problem(404, "route_not_found");
}
