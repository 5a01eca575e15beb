# The commands of this project. `cargo run --example local` and `cargo test` work without just.
#
# A recipe finds its tools on PATH. CONTRIBUTING.md says where they come from; `.ci/run` installs them all, at the
# versions in `.ci/tools`, and then runs `just ci`.

set shell := ["bash", "-euo", "pipefail", "-c"]

# Tasks that need nothing but what every `WebDriver` has. `expiry_is_in` types a date, and each browser takes its parts in an order of
# its own.
every_day := "dialogs:: making:: many:: paging:: --skip expiry_is_in"

[private]
default:
    @just --list --unsorted

# Start the service on this machine, over an embedded DynamoDB
run *OPTIONS:
    cargo run --locked --example local -- {{ OPTIONS }}

# Run the tests, or those whose name contains FILTER
test *FILTER:
    cargo test --locked {{ FILTER }}

# Use the pages in a real browser, as a person does; with FILTER only the tests whose name contains it
browser *FILTER:
    cargo build --locked --example local
    cargo test --locked --test browser -- {{ FILTER }}

# The tasks of every day in Firefox and in WebKit, but for `rows_are_checked`, whose table WebKit's MiniBrowser does not save
browser-engines:
    TEST_ENGINE=firefox cargo test --locked --test browser -- {{ every_day }}
    TEST_ENGINE=webkit xvfb-run --auto-servernum cargo test --locked --test browser -- {{ every_day }} --skip rows_are_checked

# Take the pictures of the pages in docs/images anew
screenshots:
    cargo build --locked --example local
    cargo test --locked --test browser -- --ignored --exact screenshots::screenshots

# Format, lints, rustdoc, licences, the dependencies of the Lambda, and unused ones
check:
    cargo fmt --all --check
    cargo clippy --locked --workspace --all-targets -- -D warnings
    cargo clippy --locked --test browser -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --quiet --no-deps --lib --document-private-items
    cargo deny --locked check licenses bans sources
    .ci/lambda-tree
    cargo machete

# Look the dependencies up in the database of advisories, a Git repository on GitHub
advisories:
    cargo deny --locked check advisories

# Write what the function is built of (an SBOM, CycloneDX): its own crates, and none that only tests bring in
sbom FILE="target/referral-codes.cdx.json":
    .ci/sbom {{ FILE }}

# Check template.yaml with the SAM CLI and cfn-lint, and what CloudFormation gets of it
template:
    sam validate --lint --region eu-north-1
    cfn-lint --regions eu-north-1 -- template.yaml
    "$(dirname "$(command -v ministack)")/python3" tests/template/test_translated.py

# Scan template.yaml for weak settings; what is skipped has its reason there
policy:
    .ci/policy

# Lint docs/openapi.yaml, and call the local server with what it describes
openapi:
    .ci/openapi

# Make clients of docs/openapi.yaml with the programs that read it, and use them against the local server
readers *NAMES:
    cargo build --locked --example local
    "${READERS_PYTHON:-python3}" tests/readers/run.py "${CARGO_TARGET_DIR:-target}/debug/examples/local" {{ NAMES }}

# Build the function with `sam build`, for each architecture that this toolchain has
build:
    .ci/sam-build

# Compare the release binary with the cost limits (and the size of BINARY, another build of it)
cost BINARY="":
    .ci/cost-limits {{ BINARY }}

# Measure cold starts and warm requests: times, CPU, memory and instructions of every call
bench-cost *OPTIONS:
    cargo bench --locked --bench cost -- {{ OPTIONS }}

# Put a mix of calls on the local server and on the function, and see how both stand overload; --calls 1000000 takes long
load *OPTIONS:
    cargo build --locked --example local --bin referral-codes
    cargo bench --locked --profile dev --bench load -- {{ OPTIONS }}

# Measure pages of listings of up to 100,000 codes, with the page index and without it, as docs/listing.md shows them
listing-figures:
    cargo test --locked --test it -- --ignored --nocapture figures_are

# It prints its first seed, and TEST_FIRST_SEED=N repeats it. A history of a forgetting may leave so much open that looking
# for an order of it does not end.
# Search 1,000 new histories of each kind for an answer that no order of the calls explains
search SEEDS="1000":
    TEST_SEEDS={{ SEEDS }} cargo test --locked --test it -- linearizability::kinds --nocapture --test-threads=1

# Run what is too long for every change: more seeds, always the same ones, more cases of each property, and the deep model.
long:
    TEST_FIRST_SEED=1 TEST_SEEDS=60 cargo test --locked --test it -- linearizability::kinds agreement skewed busy break_nothing scenarios_with_torn --test-threads=1
    PROPTEST_CASES=1000 cargo test --locked --lib
    PROPTEST_CASES=100 cargo test --locked --test it -- listing:: typed_codes times
    PROPTEST_CASES=5000 cargo test --locked --test it -- malformed_input
    cargo test --locked --test it -- --ignored protocol:: long_

# Print codes and QR codes, read them as a camera would, and follow them to their pages
scanned:
    cargo build --locked --example local
    "${SCANNED_PYTHON:-python3}" tests/scanned/run.py "${CARGO_TARGET_DIR:-target}/debug/examples/local"

# Run the integration tests against ministack instead of the embedded engine
ministack:
    .ci/ministack

# Deploy the built template to an emulated cloud, call it, and run the commands of docs/runbook.md
deployment:
    .ci/deployment

# Send the events of events/ to the binary under `cargo lambda watch`
cargo-lambda:
    .ci/cargo-lambda

# Run the tests and review the snapshots that changed
snapshots:
    cargo insta test --review --test it

# What must hold before a change lands
ci: _checked-and-built deployment browser test

# What must hold before a release: `ci`, and all that takes longer
full: _all-checked-and-built deployment (cost "target/sam/Function/bootstrap") browser browser-engines readers sbom scanned listing-figures long test

# The release builds take one core, and the checks the other.
[parallel]
[private]
_checked-and-built: _checks build

[private]
_checks: check template policy

[parallel]
[private]
_all-checked-and-built: _all-checks _all-builds

[private]
_all-checks: _checks openapi cargo-lambda ministack

[private]
_all-builds: build
    cargo build --locked --release --quiet
