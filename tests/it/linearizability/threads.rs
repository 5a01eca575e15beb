//! Histories of callers on several threads.

use dev::{TestService, for_each_seed};
use tokio::runtime::Builder;

use super::clients::{self, Callers};
use super::histories::judge;

/// The engine and the callers run on several threads. Here the seed decides the calls and the faults, but not their
/// interleaving.
#[test]
fn callers_on_several_threads() {
    for_each_seed(2, |seed| {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let service = TestService::builder().scarce_ids(seed).build().await;
            service.faults.random_quick(seed, 0.15);
            let mentors = ["usr_0", "usr_1"].map(|mentor| Callers::new(&service, mentor));
            clients::run(&mentors, 4, 6, &mut fastrand::Rng::with_seed(seed)).await;
            service.faults.clear_faults();
            judge(&service, &mentors).await
        })
    });
}
