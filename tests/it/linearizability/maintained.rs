//! Histories in which an operator forgets a mentor, or an organisation leaves, while calls run. Runs are stopped anywhere,
//! and repeated.

use std::collections::BTreeMap;
use std::time::Duration;

use dev::{TestService, audit, simulated};
use referral_codes::commands::{CommandError, Maintenance, Report};
use referral_codes::limits::{FORGOTTEN_FOR_GOOD_AFTER, MAINTENANCE_TIMEOUT};
use referral_codes::model::Sources;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use ulid::Ulid;

use super::clients::Callers;
use super::histories::{Processes, Trouble, judge};
use super::history::{Answer, Operation, Request};
use super::model::millis;
use crate::audit_and_repair::table::{Item, dump};

pub async fn run(service: &TestService, command: &Value) -> Result<Report, CommandError> {
    let random = fastrand::Rng::with_seed(service.clock.unix_millis());
    let random = std::sync::Mutex::new(random);
    // Stands still during the run, so that the history knows when the run has ended a code.
    let now = service.clock.now();
    let sources = Sources::new(move || now, move || random.lock().unwrap().u128(..));
    let maintenance = Maintenance::new(service.store.clone(), sources);
    maintenance.run(&command.to_string(), MAINTENANCE_TIMEOUT, "test").await
}

/// Forgets the mentor by a run that ends here or there, and then by runs until one is done. Each is in the history.
pub async fn forget(service: &TestService, callers: &Callers, stops: &[Duration]) {
    let command = json!({ "maintenance": "forget", "mentor_id": callers.mentor() });
    for nth in 0.. {
        let (now, called) = (service.clock.unix_millis(), callers.history.tick());
        let stop = stops.get(nth).copied().unwrap_or(MAINTENANCE_TIMEOUT);
        let report = timeout(stop, run(service, &command)).await;
        let is_done = matches!(report, Ok(Ok(Report::Forget { done: true, .. })));
        callers.history.record(Request::Forget, now, called, is_done.then_some(Answer::Done));
        if is_done {
            return;
        }
        assert!(nth < 50, "never done: {report:?}");
        sleep(Duration::from_secs(1)).await;
    }
}

/// Adds to the history which codes the runs of [`forget`] may have ended. The clock stood still during each, so they are
/// those whose records say that they ended then.
async fn add_ended(service: &TestService, callers: &Callers) {
    let seconds = |millis: u64| millis / 1000;
    let ended = ended_codes(service, callers).await;
    for run in callers.history.operations().into_iter().filter(|call| call.request == Request::Forget) {
        let by_this = |(made, at): &(&Ulid, &u64)| **at == seconds(run.now.max(made.timestamp_ms()));
        for (made, _) in ended.iter().filter(by_this) {
            let request = Request::EndActive(seconds(made.timestamp_ms()));
            callers.history.add(Operation { request, ..run.clone() });
        }
    }
}

/// When the mentor's codes were made that were invalidated, and when they ended, in Unix seconds.
async fn ended_codes(service: &TestService, callers: &Callers) -> BTreeMap<Ulid, u64> {
    dump(service).await.values().filter_map(|item| ended(item, callers.mentor())).collect()
}

fn ended(item: &Item, mentor: &str) -> Option<(Ulid, u64)> {
    let text = |name: &str| item.get(name)?.as_s().ok();
    let is_theirs = text("mentor_id").is_some_and(|id| id == mentor || id.starts_with("forgotten-"));
    let ended_at = item.get("ended_at")?.as_n().ok()?.parse().ok()?;
    (is_theirs && text("status")? == "invalidated").then_some((text("ulid")?.parse().ok()?, ended_at))
}

/// The upkeep, as often as it fails.
pub async fn upkeep(service: &TestService) {
    while let Err(error) = run(service, &json!({ "maintenance": "upkeep" })).await {
        assert!(matches!(error, CommandError::Failed(_)), "{error}");
        sleep(Duration::from_secs(1)).await;
    }
}

/// One history. Fails, too, if an item names the mentor at the end.
pub fn forgotten(seed: u64, trouble: Trouble) -> Result<(), String> {
    simulated(seed, async {
        let processes = Processes::start(seed, trouble).await;
        let (mut rng, callers) = (fastrand::Rng::with_seed(seed), processes.mentors[0].clone());
        for _ in 0..2 {
            let stops: Vec<_> = (0..rng.usize(0..3)).map(|_| Duration::from_millis(rng.u64(0..400))).collect();
            let begins = Duration::from_millis(rng.u64(0..3_000));
            let operator = async {
                sleep(begins).await;
                forget(&processes.processes[1], &callers, &stops).await;
                upkeep(&processes.processes[0]).await;
            };
            tokio::join!(operator, processes.call(&mut rng));
        }
        processes.calm_down().await;
        let service = &processes.processes[0];
        add_ended(service, &callers).await;
        judge(service, &processes.mentors).await?;
        forget(service, &callers, &[]).await;
        service.clock.advance(FORGOTTEN_FOR_GOOD_AFTER + Duration::from_secs(10));
        upkeep(service).await;
        let named = dump(service).await.into_iter().find(|item| format!("{item:?}").contains(callers.mentor()));
        if let Some(named) = named {
            return Err(format!("an item names the mentor: {named:?}"));
        }
        audit(service).await
    })
}

/// One history. Fails, too, if a code of the organisation is active at the end, or made while it was closed.
pub fn left(seed: u64, trouble: Trouble) -> Result<(), String> {
    simulated(seed, async {
        let processes = Processes::start(seed, trouble).await;
        let [service, other] = &processes.processes;
        let mut rng = fastrand::Rng::with_seed(seed);
        let command = json!({ "maintenance": "leave", "org_id": "org", "action": "end" });
        let operator = async {
            sleep(Duration::from_millis(rng.u64(0..3_000))).await;
            let began: Vec<_> = processes.mentors.iter().map(|callers| callers.history.tick()).collect();
            let stop = Duration::from_millis(rng.u64(0..100_000));
            drop(timeout(stop, run(other, &command)).await);
            while !matches!(run(other, &command).await, Ok(Report::Leave { done: true, .. })) {
                sleep(Duration::from_secs(1)).await;
            }
            began
        };
        let mut phase = fastrand::Rng::with_seed(seed);
        let (began, ()) = tokio::join!(operator, processes.call(&mut phase));
        let closed: Vec<_> = processes.mentors.iter().map(|callers| callers.history.tick()).collect();
        processes.call(&mut phase).await;
        processes.calm_down().await;
        service.clock.advance(Duration::from_secs(46 * 60));
        upkeep(service).await;
        for (callers, called) in processes.mentors.iter().zip(began) {
            // Which codes have ended, and when, the table tells. A DELETE may have ended them, too.
            for (made, at) in ended_codes(service, callers).await {
                let request = Request::EndActive(made.timestamp_ms() / 1000);
                callers.history.add(Operation { request, now: at * 1000, called, answered: None });
            }
        }
        judge(service, &processes.mentors).await?;
        for (callers, closed) in processes.mentors.iter().zip(closed) {
            for Operation { request, now, called, answered } in callers.history.operations() {
                // A request of before may have made a code late, which a call then shows.
                if let Some((_, Answer::Created(code) | Answer::Code(code))) = answered
                    && matches!(request, Request::Post { .. } | Request::Put(_))
                    && (code.org_id == "org" && millis(&code.created_at) >= now / 1000 * 1000 && called > closed)
                {
                    return Err(format!("made while the organisation was closed: {code:?}"));
                }
            }
        }
        let now = service.clock.unix_millis() / 1000;
        let is_active = |item: &Item| {
            let is = |name: &str, text: &str| item.get(name).is_some_and(|value| value.as_s().is_ok_and(|s| s == text));
            let expires_at = item.get("expires_at").map_or(u64::MAX, |at| at.as_n().unwrap().parse().unwrap());
            is("org_id", "org") && is("status", "active") && expires_at > now
        };
        match dump(service).await.values().find(|item| is_active(item)) {
            Some(item) => Err(format!("active in a closed organisation: {item:?}")),
            None => Ok(()),
        }
    })
}
