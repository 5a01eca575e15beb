//! The listed prices, and the two mixes of traffic, from which `bill` makes the tables of docs/costs.md. The one place to
//! change one.

/// Dollars for one unit, in US East (N. Virginia), without any free tier.
pub struct Price {
    pub what: &'static str,
    pub unit: &'static str,
    pub units: f64,
    pub dollars: f64,
}

impl Price {
    pub const fn of(&self, units: f64) -> f64 {
        units / self.units * self.dollars
    }
}

const fn price(what: &'static str, unit: &'static str, units: f64, dollars: f64) -> Price {
    Price { what, unit, units, dollars }
}

pub const API: Price = price("API Gateway, HTTP API", "million calls", 1e6, 1.00);
pub const INVOCATIONS: Price = price("Lambda, invocations", "million", 1e6, 0.20);
pub const COMPUTE: Price = price("Lambda, x86_64", "million GB-seconds", 1e6, 16.6667);
pub const READ_UNITS: Price = price("DynamoDB, on-demand reads", "million units", 1e6, 0.125);
pub const WRITE_UNITS: Price = price("DynamoDB, on-demand writes", "million units", 1e6, 0.625);
pub const STORAGE: Price = price("DynamoDB, storage", "GB and month", 1.0, 0.25);
pub const RECOVERY: Price = price("DynamoDB, point-in-time recovery", "GB and month", 1.0, 0.20);
pub const RESTORE: Price = price("DynamoDB, a restore", "GB", 1.0, 0.15);
pub const LOGS: Price = price("CloudWatch, logs taken in", "GB", 1.0, 0.50);
pub const METRIC: Price = price("CloudWatch, a metric of our own", "month", 1.0, 0.30);
pub const ALARM: Price = price("CloudWatch, a metric in an alarm", "month", 1.0, 0.10);
pub const DASHBOARD: Price = price("CloudWatch, a dashboard", "month", 1.0, 3.00);
pub const SCHEDULES: Price = price("EventBridge Scheduler", "million invocations", 1e6, 1.00);
pub const PIPES: Price = price("EventBridge Pipes (`EventBusName`)", "million records", 1e6, 0.40);
pub const EVENTS: Price = price("EventBridge, events on a bus (`EventBusName`)", "million", 1e6, 1.00);
pub const TRANSFER: Price = price("Transfer to the internet", "GB", 1.0, 0.09);
pub const TRACES: Price = price("X-Ray (`Tracing=Active`)", "million traces", 1e6, 5.00);
pub const KEY: Price = price("KMS, a key of yours (`LogKeyArn`)", "month", 1.0, 1.00);
pub const KEY_USES: Price = price("KMS, uses of a key (`TableEncryption=AWS_MANAGED_KEY`)", "million", 1e6, 3.00);

pub const ALL: [&Price; 19] = [
    &API,
    &INVOCATIONS,
    &COMPUTE,
    &READ_UNITS,
    &WRITE_UNITS,
    &STORAGE,
    &RECOVERY,
    &RESTORE,
    &LOGS,
    &METRIC,
    &ALARM,
    &DASHBOARD,
    &SCHEDULES,
    &PIPES,
    &EVENTS,
    &TRANSFER,
    &TRACES,
    &KEY,
    &KEY_USES,
];

/// A month of an organisation: how many calls of each operation, in the order of `bill::OPERATIONS`, and how many codes
/// the table holds.
pub struct Mix {
    pub name: &'static str,
    pub calls: [f64; 8],
    pub codes: f64,
}

pub const MIXES: [Mix; 2] = [
    Mix {
        name: "a small organisation",
        calls: [40_000.0, 30_000.0, 10_000.0, 10_000.0, 1_000.0, 500.0, 500.0, 8_000.0],
        codes: 20_000.0,
    },
    Mix { name: "a large one", calls: [2e6, 4e6, 350_000.0, 3e6, 500_000.0, 100_000.0, 50_000.0, 50e6], codes: 10e6 },
];
