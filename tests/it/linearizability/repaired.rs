//! Histories in which a table is damaged, as a restore damages it, and repaired while calls run.

use std::time::Duration;

use dev::{TestService, audit, simulated};
use referral_codes::store::StoreError;

use super::checker::check;
use super::clients::{Callers, Items};
use super::histories::{Processes, Trouble};
use super::history::{Answer, Operation, Request};
use crate::audit_and_repair::lost_rotation::LostRotation;
use crate::audit_and_repair::table::{Items as Table, dump, findings, repair_all, restore};

/// Plentiful ids: while a claim is missing its string can be given out again, and then a person must decide. Still clocks: a
/// repair knows the time of a lost change to the second.
const TROUBLE: Trouble = Trouble { clocks_move: false, scarce_ids: false, faults: 0.05, ..Trouble::ALL };

/// A change whose caller gets no answer, and the table before it and after it.
struct LostChange {
    called: u64,
    answer: Option<Answer>,
    before: Table,
    after: Table,
}

impl LostChange {
    async fn send(service: &TestService, callers: &Callers, request: Request) -> Self {
        service.clock.advance(Duration::from_secs(1));
        let before = dump(service).await;
        let (now, called) = (service.clock.unix_millis(), callers.history.tick());
        callers.history.tick();
        let answer = request.read(&service.send(request.call(callers.mentor())).await);
        callers.history.record(Operation { request: Request::Lost(Box::new(request)), now, called, answered: None });
        Self { called, answer, before, after: dump(service).await }
    }

    /// The table with some of the change's items as they were before, as the seed decides.
    fn damaged(&self, rng: &mut fastrand::Rng) -> Table {
        let mut table = self.after.clone();
        let changed = self.after.iter().filter(|(key, item)| self.before.get(*key) != Some(item));
        for (key, _) in changed.filter(|_| rng.bool()) {
            match self.before.get(key) {
                Some(item) => drop(table.insert(key.clone(), item.clone())),
                None => drop(table.remove(key)),
            }
        }
        table
    }
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
        let change = LostChange::send(&processes.processes[0], &callers, request).await;
        let table = change.damaged(&mut rng);
        restore(&processes.processes[0], &table).await;
        processes.processes[0].clock.advance(Duration::from_secs(2));
        let lost = LostRotation::of(&change.before, &table, change.called, change.answer.as_ref());
        if let Some(lost) = &lost {
            lost.record(&callers.history, processes.processes[0].clock.unix_millis());
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
            let mut operations = mentor.history.operations();
            if let Some(lost) = lost.as_ref().filter(|_| mentor.mentor() == callers.mentor()) {
                lost.explain(&mut operations);
            }
            check(&operations).map_err(|refuted| refuted.0)?;
        }
        Ok(table != change.after)
    })
}
