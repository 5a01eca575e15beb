//! Histories in which a table is damaged, as a restore damages it, and repaired while calls run.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{TestService, audit, simulated};
use referral_codes::store::StoreError;

use super::checker::check;
use super::clients::{Callers, Items};
use super::histories::{Processes, Trouble};
use super::history::{Operation, Request};
use crate::audit_and_repair::table::{Items as Table, dump, findings, put, repair_all};

/// Plentiful ids: while a claim is missing its string can be given out again, and then a person must decide. Still clocks: a
/// repair knows the time of a lost change to the second.
const TROUBLE: Trouble = Trouble { clocks_move: false, scarce_ids: false, faults: 0.05, ..Trouble::ALL };

/// Sends a change whose caller gets no answer. Returns the table before it and after it.
async fn lost_change(service: &TestService, callers: &Callers, request: Request) -> [Table; 2] {
    service.clock.advance(Duration::from_secs(1));
    let before = dump(service).await;
    let (now, called) = (service.clock.unix_millis(), callers.history.tick());
    service.send(request.call(callers.mentor())).await;
    callers.history.record(Operation { request, now, called, answered: None });
    [before, dump(service).await]
}

/// Takes some of a change's items back to what they were, as the seed decides. Returns whether it has.
async fn damage(service: &TestService, [before, after]: &[Table; 2], rng: &mut fastrand::Rng) -> bool {
    let changed = after.iter().filter(|(key, item)| before.get(*key) != Some(item));
    let lost: Vec<_> = changed.map(|(key, _)| key).filter(|_| rng.bool()).collect();
    for key in &lost {
        match before.get(*key) {
            Some(item) => put(service, item).await,
            None => {
                let (pk, sk) = (*key).clone();
                let delete = service.client.delete_item().table_name(&service.table);
                delete.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(sk)).send().await.unwrap();
            }
        }
    }
    !lost.is_empty()
}

/// One history. Returns whether the table was damaged.
pub fn history(seed: u64) -> Result<bool, String> {
    simulated(seed, async {
        let processes = Processes::start(seed, TROUBLE).await;
        let (callers, mut rng) = (processes.mentors[0].clone(), fastrand::Rng::with_seed(seed));
        processes.call(&mut rng).await;
        processes.calm_down().await;
        callers.read_codes().await;
        let request = callers.next_change(&mut rng);
        let is_invalidation = matches!(request, Request::Delete { .. });
        let tables = lost_change(&processes.processes[0], &callers, request.clone()).await;
        let is_damaged = damage(&processes.processes[0], &tables, &mut rng).await;
        processes.processes[0].clock.advance(Duration::from_secs(2));
        if is_invalidation {
            // A call may replace the slot's copy, which alone has the time of the end. Then the repair ends the record anew.
            let (now, called) = (processes.processes[0].clock.unix_millis(), callers.history.tick());
            callers.history.record(Operation { request, now, called, answered: None });
        }
        callers.meet(Items::Contradicting);
        processes.meet_faults(seed, TROUBLE.faults);
        let until_repair = Duration::from_millis(rng.u64(0..200));
        let repair = async {
            tokio::time::sleep(until_repair).await;
            while let Err(error) = repair_all(&processes.processes[1], 7).await {
                assert!(matches!(error, StoreError::Unavailable(_) | StoreError::Contended(_)), "{error}");
            }
            callers.meet(Items::Repaired);
        };
        tokio::join!(repair, processes.call(&mut rng));
        processes.call(&mut rng).await;
        processes.calm_down().await;

        let service = &processes.processes[0];
        let left = findings(service, 1_000).await.map_err(|error| error.to_string())?;
        if !left.is_empty() {
            return Err(format!("after the repair, the audit finds {left:#?}"));
        }
        audit(service).await?;
        for mentor in &processes.mentors {
            mentor.read_all().await;
            check(&mentor.history.operations()).map_err(|refuted| refuted.0)?;
        }
        Ok(is_damaged)
    })
}
