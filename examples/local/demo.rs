//! Demo data: two hundred codes of five organisations, made in the course of a year up to now by calls of the API itself.
//!
//! Everything but the year follows from one seed, so the codes are always the same.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use dev::{BASE, Call, Reply};
use lambda_http::lambda_runtime::{Context, LambdaEvent};
use referral_codes::http::Service;
use referral_codes::lambda::handle;
use referral_codes::model::Sources;
use referral_codes::settings::{Access, ServiceSettings};
use referral_codes::store::Store;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const CODES: u64 = 200;
const ORGS: [&str; 5] = ["bergen_ung", "nordlys", "oslo_volunteers", "sami_siida", "vest_redning"];
const NAMES: [&str; 20] = [
    "Jan", "Åse", "Ingrid", "Ole", "Fatima", "Máret", "Øystein", "Kari", "Ahmed", "Sigrid", "Þór", "Linh", "Bjørn",
    "Zofia", "Nils", "Aino", "Emil", "Leila", "Tuva", "Łukasz",
];
const DAY: u64 = 86_400;

/// Makes the codes, if the table has none. Whether it made them.
///
/// # Errors
/// With a message for the user: a call was refused.
pub async fn fill(settings: &ServiceSettings, store: &Store) -> Result<bool, String> {
    // Whoever may call later, this may now.
    let settings = ServiceSettings { access: Access::Public, ..settings.clone() };
    let since_1970 = SystemTime::UNIX_EPOCH.elapsed().map_err(|error| error.to_string())?.as_secs();
    let clock = Arc::new(AtomicU64::new(since_1970 - 365 * DAY));
    let mut rng = fastrand::Rng::with_seed(1);
    let (clock_of_service, ids) = (clock.clone(), Mutex::new(rng.fork()));
    let now = move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock_of_service.load(Ordering::Relaxed));
    let id = move || ids.lock().map_or(0, |mut ids| ids.u128(..));
    let service = Arc::new(Service::new(settings, store.clone(), Sources::new(now, id)));
    let send = async |call: Call| {
        let event = LambdaEvent::new(call.event().to_string(), Context::default());
        let answer = handle(service.clone(), event).await;
        let reply = Reply::read(&serde_json::from_str(answer.get()).map_err(|error| error.to_string())?);
        if reply.status < 400 { Ok(reply.json()) } else { Err(format!("The demo data: {}", reply.body)) }
    };
    if send(Call::get(&format!("{BASE}?limit=1"))).await?["data"][0].is_object() {
        return Ok(false);
    }

    let mut active: Vec<Value> = Vec::new();
    for made in 0..CODES {
        clock.fetch_add(rng.u64(DAY..DAY * 18 / 10), Ordering::Relaxed);
        if made % 8 == 7 {
            let old = active.swap_remove(rng.usize(..active.len()));
            active.push(send(Call::rotate(&old)).await?);
            continue;
        }
        let (name, org) = (NAMES[rng.usize(..NAMES.len())], ORGS[rng.usize(..ORGS.len())]);
        let mut create = Call::create(&format!("usr_{}", 5_000 + made), org).with("mentor_name", name);
        if made % 6 == 0 {
            // Some of these have expired by now.
            let end = clock.load(Ordering::Relaxed) + rng.u64(60..500) * DAY;
            let end = OffsetDateTime::from_unix_timestamp(i64::try_from(end).unwrap_or_default());
            let end = end.ok().and_then(|end| end.format(&Rfc3339).ok());
            create = create.with("expires_at", end);
            send(create).await?;
        } else {
            active.push(send(create).await?);
        }
        if made % 12 == 5 {
            send(Call::invalidate(&active.swap_remove(rng.usize(..active.len())))).await?;
        }
    }
    Ok(true)
}
