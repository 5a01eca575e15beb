//! The binary itself: what it says when it cannot start, and how it answers under a Runtime API.

use std::process::Command;

use crate::harness::template;

fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_referral-codes"));
    command.env_clear();
    command
}

fn in_lambda() -> Command {
    let mut command = binary();
    for (name, value) in [
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "codes"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ] {
        command.env(name, value);
    }
    command
}

fn complaint(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!told.contains("panicked"), "{told}");
    told
}

#[test]
fn outside_lambda_it_says_how_to_start_the_local_server() {
    let told = complaint(binary());
    assert!(told.contains("cargo run --example local") && told.contains("AWS_LAMBDA_RUNTIME_API"), "{told}");
}

#[test]
fn what_is_wrong_with_the_settings_is_said_plainly_and_all_at_once() {
    let mut command = in_lambda();
    command.env("CAMPAIGN", "verv").env("CODE_VALID_DAYS", "soon");
    let told = complaint(command);
    for name in ["TABLE_NAME is not set", "CAMPAIGN is \"verv\"", "CODE_VALID_DAYS is \"soon\""] {
        assert!(told.contains(name), "{told}");
    }
    let mut command = in_lambda();
    command.env("TABLE_NAME", "codes").env("AWS_CA_BUNDLE", "/absent.pem");
    assert!(complaint(command).contains("AWS_CA_BUNDLE: cannot read /absent.pem"));
}

#[test]
fn the_template_builds_this_binary() {
    let function = template::template()["Resources"]["Function"].clone();
    assert_eq!(function["Metadata"]["BuildProperties"]["Binary"], env!("CARGO_PKG_NAME"));
}
