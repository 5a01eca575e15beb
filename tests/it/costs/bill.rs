//! What the service costs in dollars: docs/costs.md, computed from its own table of units, from lines and answers that
//! are measured here, and from [`super::prices`].
//!
//! The time that Lambda bills cannot be measured without AWS, so it is a model; docs/costs.md says how wrong it may be.

#![allow(clippy::cast_precision_loss, reason = "small numbers of bytes, metrics and resources")]

use std::collections::BTreeSet;

use dev::metrics::{Alarm, Level, MetricFilter, access_line};
use dev::{BASE, Call, CodeFixture, Reply, TestService, log_lines, template};
use serde_json::{Value, json};

use super::prices::{self, MIXES, Mix, Price};

/// An operation: its name, its row in the table of units, and the time that its requests to the table take.
pub struct Operation {
    name: &'static str,
    row: &'static str,
    table_ms: f64,
}

const fn operation(name: &'static str, row: &'static str, table_ms: f64) -> Operation {
    Operation { name, row, table_ms }
}

/// The time of a `GetItem` or a `Query`, and of a transaction, as Lambda sees them. Assumed: AWS promises single-digit
/// milliseconds for the first and says nothing of the second.
const READ_MS: f64 = 5.0;
const TRANSACTION_MS: f64 = 15.0;
/// The CPU time of a request of one round trip is 0.27 ms (docs/performance.md). 256 MiB get 256/1769 of a CPU.
const CPU_MS: f64 = 0.27 * 1769.0 / 256.0;
const MEMORY_GB: f64 = 256.0 / 1024.0;

const FIRST_PAGE: &str = "`GET /`, `GET /?org_id=`: first page of 1,040 and of 10,040 codes";

pub const OPERATIONS: [Operation; 8] = [
    operation("list, first page", FIRST_PAGE, READ_MS),
    operation("get", "`GET /:id`, `GET /:id/url`", READ_MS),
    operation("build the URL", "`GET /:id`, `GET /:id/url`", READ_MS),
    operation("get the mentor's code", "`POST`, the mentor has an active code", READ_MS),
    operation("create", "`POST`, a new code", READ_MS + TRANSACTION_MS),
    operation("rotate", "`PUT`", READ_MS + TRANSACTION_MS),
    operation("invalidate", "`DELETE`", READ_MS + TRANSACTION_MS),
    operation("short link", "`GET /r/{code}`, `GET /r/{code}.svg`, after that", READ_MS),
];

/// The two lines that Lambda adds to each invocation, `platform.start` and `platform.report`. Assumed.
const PLATFORM_BYTES: usize = 600;
/// CloudWatch counts so many bytes for each event besides its text. A call leaves four.
const EVENT_BYTES: usize = 26;
/// What API Gateway adds to an answer, and TLS around it. Assumed.
const ENVELOPE_BYTES: usize = 200;
/// Of a code in the table: its record with two index entries, its claim and its slot, 100 bytes more for each of the five.
/// As in the contract they take 1.2 KB; a mentor with earlier codes has more in the slot.
const STORED_BYTES: f64 = 1_500.0;
/// Upkeeps in 30 days at the default rate. What each takes is assumed; a test of the page index holds the units to less.
const UPKEEPS: f64 = 30.0 * 24.0 * 60.0;
const UPKEEP_MS: f64 = 100.0;
const UPKEEP_READ_UNITS: f64 = 10.0;
const UPKEEP_BYTES: f64 = 1_000.0;

/// What one call takes.
struct Taken {
    read_units: f64,
    write_units: f64,
    billed_ms: f64,
    log_bytes: usize,
    sent_bytes: usize,
}

impl Taken {
    fn dollars(&self) -> [f64; 6] {
        let gb = |bytes: usize| bytes as f64 / 1e9;
        [
            prices::API.of(1.0),
            prices::INVOCATIONS.of(1.0) + prices::COMPUTE.of(self.billed_ms / 1e3 * MEMORY_GB),
            prices::READ_UNITS.of(self.read_units),
            prices::WRITE_UNITS.of(self.write_units),
            prices::LOGS.of(gb(self.log_bytes)),
            prices::TRANSFER.of(gb(self.sent_bytes)),
        ]
    }
}

/// A file of the repository.
fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Round trips, read units and write units of a row of the page's table of units, which a test of its own holds to what is counted.
fn counted(call: &str) -> [f64; 3] {
    let page = read("docs/costs.md");
    let row = page.lines().find_map(|line| line.strip_prefix(&format!("| {call} | "))).expect(call);
    let cells: Vec<f64> = row.trim_end_matches(" |").split(" | ").map(|cell| cell.parse().expect(call)).collect();
    cells.try_into().unwrap()
}

/// The bytes of a call's log: the function's line, with values as long as they are in Lambda, Lambda's own and the gateway's.
fn log_bytes(lines: &[Value], route: &str) -> usize {
    let [line] = lines else { panic!("a call leaves one line: {lines:?}") };
    let mut line = line.clone();
    for (field, value) in [
        ("duration_ms", json!(12.345)),
        ("timestamp", json!("2026-11-24T16:00:00.000000Z")),
        ("request_id", json!("0172d91a-fbff-4010-8d03-84ce57e973f5")),
        ("gateway_request_id", json!("JKJaXmPLvHcESHA=")),
        ("source_ip", json!("203.0.113.117")),
    ] {
        line[field] = value;
    }
    line.to_string().len() + PLATFORM_BYTES + access_line(route, 200).len() + 4 * EVENT_BYTES
}

fn sent_bytes(reply: &Reply) -> usize {
    let headers: usize = reply.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    reply.body.len() + headers + ENVELOPE_BYTES
}

/// What a call of each operation takes, measured over codes as in the contract.
async fn measured() -> Vec<Taken> {
    let service = TestService::builder().in_process().build().await;
    let now = service.clock.now();
    service.fill(&CodeFixture::series(25, now, std::time::Duration::from_secs(1), &["org_002"])).await;
    let make = async |mentor: &str| service.create(mentor, "org_002").await;
    let [read, rotated, ended] = [make("usr_4491").await, make("usr_4492").await, make("usr_4493").await];
    let calls = [
        Call::get(BASE),
        Call::read(&read),
        Call::url(&read),
        Call::create("usr_4491", "org_002"),
        Call::create("usr_4494", "org_002"),
        Call::rotate(&rotated),
        Call::invalidate(&ended),
        Call::get(&format!("/r/{}", read["code"].as_str().unwrap())),
    ];
    let mut taken = Vec::new();
    for (call, Operation { row, table_ms, .. }) in calls.into_iter().zip(OPERATIONS) {
        let route = format!("{} {}", call.method, call.path);
        let (reply, lines) = log_lines(service.send(call)).await;
        assert!(reply.status < 400, "{route}: {reply:?}");
        let [round_trips, read_units, write_units] = counted(row);
        taken.push(Taken {
            read_units,
            write_units,
            billed_ms: (table_ms + round_trips * CPU_MS).ceil(),
            log_bytes: log_bytes(&lines, &route).next_multiple_of(10),
            sent_bytes: sent_bytes(&reply).next_multiple_of(10),
        });
    }
    taken
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    format!("| {} |", cells.into_iter().collect::<Vec<_>>().join(" | "))
}

fn cents(dollars: f64) -> String {
    format!("{dollars:.2}")
}

fn prices_table() -> Vec<String> {
    let cell = |price: &Price| {
        let dollars = if price.dollars < 1.0 { format!("{}", price.dollars) } else { format!("{:.2}", price.dollars) };
        row([price.what.to_owned(), price.unit.to_owned(), dollars])
    };
    prices::ALL.into_iter().map(cell).collect()
}

fn millions_table(taken: &[Taken]) -> Vec<String> {
    let cells = |(operation, taken): (&Operation, &Taken)| {
        let parts = taken.dollars().map(|dollars| dollars * 1e6);
        let total = parts.iter().sum::<f64>();
        row([operation.name.to_owned()].into_iter().chain(parts.map(cents)).chain([cents(total)]))
    };
    OPERATIONS.iter().zip(taken).map(cells).collect()
}

/// What costs the same whatever the calls are, for a month, at one setting of `Alarms`. An alarm on metric math is billed for
/// each metric in it: <https://aws.amazon.com/cloudwatch/pricing/>.
fn fixed(level: Level) -> Vec<(String, f64)> {
    let template = template::template();
    let filters = MetricFilter::all();
    let made = filters.iter().filter(|filter| Level::of(&template["Resources"][filter.name.as_str()]) <= level);
    let metrics = made.map(|filter| &filter.metric).collect::<BTreeSet<_>>().len() as f64;
    let alarms = Alarm::all();
    let watched =
        alarms.iter().filter(|alarm| alarm.level <= level).map(|alarm| alarm.metrics.len()).sum::<usize>() as f64;
    let dashboards = f64::from(u8::from(Level::of(&template["Resources"]["Dashboard"]) <= level));
    let upkeep = prices::SCHEDULES.of(1.0)
        + prices::INVOCATIONS.of(1.0)
        + prices::COMPUTE.of(UPKEEP_MS / 1e3 * MEMORY_GB)
        + prices::READ_UNITS.of(UPKEEP_READ_UNITS)
        + prices::LOGS.of(UPKEEP_BYTES / 1e9);
    vec![
        (format!("{metrics} metrics of our own"), prices::METRIC.of(metrics)),
        (format!("{watched} metrics in alarms"), prices::ALARM.of(watched)),
        (format!("{dashboards} dashboards"), prices::DASHBOARD.of(dashboards)),
        (format!("{UPKEEPS} upkeeps"), UPKEEPS * upkeep),
    ]
}

fn total(fixed: &[(String, f64)]) -> f64 {
    fixed.iter().map(|(_, dollars)| dollars).sum()
}

fn fixed_table() -> Vec<String> {
    let [essential, full] = [Level::Essential, Level::Full].map(fixed);
    let together = [&essential, &full].map(|fixed| cents(total(fixed)));
    let cells = essential
        .into_iter()
        .zip(full)
        .map(|(essential, full)| row([essential.0, cents(essential.1), full.0, cents(full.1)]));
    let [essential, full] = together;
    cells.chain([row(["together".to_owned(), essential, "together".to_owned(), full])]).collect()
}

/// Without the metrics and alarms that are free in an account.
#[test]
fn alarms_by_default_cost_at_most_two_and_a_half_dollars() {
    let fixed = fixed(Level::Essential);
    let watching = total(&fixed[..3]);
    assert!(watching <= 2.50, "{fixed:?}");
}

fn mixes_table(taken: &[Taken]) -> Vec<String> {
    let fixed = total(&fixed(Level::Essential));
    let cells = |mix: &Mix| {
        let mut parts = [0.0; 6];
        for (calls, taken) in mix.calls.iter().zip(taken) {
            for (part, dollars) in parts.iter_mut().zip(taken.dollars()) {
                *part += calls * dollars;
            }
        }
        let gb = mix.codes * STORED_BYTES / 1e9;
        let stored = prices::STORAGE.of(gb) + prices::RECOVERY.of(gb);
        let total = parts.iter().sum::<f64>() + stored + fixed;
        let calls = mix.calls.iter().sum::<f64>() / 1e6;
        let name = format!("{}: {calls} million calls, {} codes", mix.name, mix.codes);
        row([name].into_iter().chain(parts.map(cents)).chain([stored, fixed, total].map(cents)))
    };
    MIXES.iter().map(cells).collect()
}

#[tokio::test(start_paused = true)]
async fn bills_are_those_in_docs_costs() {
    let taken = measured().await;
    let document = read("docs/costs.md");
    let mut wrong = Vec::new();
    for (title, table) in [
        ("prices", prices_table()),
        ("a million calls", millions_table(&taken)),
        ("fixed", fixed_table()),
        ("mixes", mixes_table(&taken)),
    ] {
        let from = document.lines().skip_while(|line| *line != format!("<!-- {title} -->"));
        // The marker, an empty line, the head and the line below it.
        let stated: Vec<_> = from.skip(4).take_while(|line| line.starts_with('|')).collect();
        if stated != table {
            wrong.push(format!("<!-- {title} -->\n{}\n", table.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "docs/costs.md states other figures than these:\n\n{}", wrong.join("\n"));
}
