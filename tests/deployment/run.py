"""The stack on an emulated cloud: deployed by `sam deploy` from what `sam build` has written, called, changed, deleted.

    python3 tests/deployment/run.py [BUILT_TEMPLATE [PART...]]

`.ci/deployment` runs it, with the tools that it needs. Three stacks stand in one cloud, and are tested side by side: one
as the contract has it (the part public), one that takes tokens (guarded), and one that the runbook deploys (runbook). Each
`test_*.py` has one idea, and its functions are the tests. The run prints one line per check, and fails if one did not hold.
"""

import concurrent.futures
import pathlib
import platform
import sys
import tempfile
import time

from checks import Checks
from cloud import cloud
from codes import fill
from issuer import Issuer
from stack import Stack
from test_access import AUDIENCE, parameters, routes_are_guarded_but_for_the_open_ones, tokens_open_what_their_claims_say
from test_deletion import table_outlives_its_stack
from test_fixtures import (
    fixtures_answer_as_their_snapshots,
    fixtures_of_open_routes_are_answered_without_a_token,
    outputs_are_usable_as_printed,
)
from test_operation import budget_is_set, issuer_is_asked_before_a_deployment
from test_parameters import changed_parameters_take_effect, own_table_may_be_named, refused_parameters_change_nothing
from test_permissions import api_permissions_are_each_needed, maintenance_permissions_are_each_needed
from test_restore import restored_table_is_used_and_left_again
from test_roll_out import alarms_tell_their_topics, changes_are_versions_and_the_alias_moves_back
from test_runbook import BeforeSections, Shell, commands_of_the_runbook_work
from test_schedule import schedule_is_that_of_the_upkeep, schedule_runs_the_upkeep

# The processor of this machine, for which `.ci/sam-build` has built last.
ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]

# The stack of each part. The runbook's has the name that samconfig.toml gives to production.
STACKS = {"public": "referral-codes-public", "guarded": "referral-codes-jwt", "runbook": "referral-codes"}


class Part:
    """One stack and its tests, one after the other. Parts run side by side."""

    def __init__(self, name, template, url):
        self.stack, self.checks = Stack(name, template, url), []

    def test(self, title, *tests):
        check = Checks(title)
        self.checks.append(check)
        with check.running():
            for test in tests:
                test(check)


def public_stack(part):
    """As the contract has it: `Access=public`."""
    stack = part.stack
    part.test(
        "the API of the public stack",
        lambda check: fixtures_answer_as_their_snapshots(stack, ["http-api", "http-api-doubled-path"], check),
        lambda check: outputs_are_usable_as_printed(stack, check),
    )
    part.test("permissions of the function behind the API", lambda check: api_permissions_are_each_needed(stack, check))
    part.test("permissions of the maintenance function", lambda check: maintenance_permissions_are_each_needed(stack, check))
    part.test(
        "a changed parameter",
        lambda check: changed_parameters_take_effect(stack, check),
        lambda check: refused_parameters_change_nothing(stack, check),
        lambda check: own_table_may_be_named(stack, check),
    )
    part.test("versions and the alias", lambda check: changes_are_versions_and_the_alias_moves_back(stack, check))
    part.test("alarms", lambda check: alarms_tell_their_topics(stack, check))
    part.test("a restored table", lambda check: restored_table_is_used_and_left_again(stack, check))
    part.test("the deleted stack", lambda check: table_outlives_its_stack(stack, check))


def guarded_stack(part):
    """`Access=jwt`, the console, and an upkeep every minute."""
    issuer, stranger = Issuer(), Issuer()
    stack, admin = part.stack, lambda: issuer.token(AUDIENCE, scope="codes:admin")
    of_fixture = lambda claims: issuer.token(AUDIENCE, **{name: claims[name] for name in ("scope", "org_id", "sub")})
    settings = {"Architecture": ARCHITECTURE, "UpkeepSchedule": "rate(1 minute)", "Console": "on"}
    part.test(
        "the fixtures with claims, and those without",
        lambda check: stack.deploy(**settings, **parameters(issuer)),
        lambda check: fixtures_answer_as_their_snapshots(stack, ["http-api-jwt"], check, of_fixture),
        lambda check: fixtures_of_open_routes_are_answered_without_a_token(stack, check, admin()),
    )
    part.test(
        "the page for operators", issuer_is_asked_before_a_deployment, lambda check: budget_is_set(stack, check)
    )
    part.test(
        "access by token",
        lambda check: routes_are_guarded_but_for_the_open_ones(stack, check),
        lambda check: tokens_open_what_their_claims_say(stack, issuer, stranger, check),
    )
    part.test(
        "the schedule",
        lambda check: schedule_is_that_of_the_upkeep(stack, check),
        lambda check: fill(stack, admin()),
        lambda check: schedule_runs_the_upkeep(stack, check),
    )


def runbook_stack(part, folder):
    """The production environment of samconfig.toml, deployed by the runbook itself."""
    issuer, stack = Issuer(), part.stack
    shell = Shell(folder, stack.template, stack.url, issuer, ARCHITECTURE, stack.calls_are_stopped)
    before = BeforeSections(stack, issuer)
    part.test("the runbook", lambda check: commands_of_the_runbook_work(shell, before, check))


def main():
    template = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "target/sam/template.yaml").resolve()
    if not template.exists():
        raise SystemExit(f"{template} is not there: run `sam build --build-dir target/sam` first")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor() as pool:
        work = pathlib.Path(folder)
        (work / "checkout").mkdir()
        with cloud(work) as url:
            parts = {part: Part(name, template, url) for part, name in STACKS.items()}
            # The first deployment in a cloud is alone.
            first = parts["public"]
            first.test("the first deployment", lambda check: first.stack.deploy(Architecture=ARCHITECTURE))
            tests = {
                "public": public_stack,
                "guarded": guarded_stack,
                "runbook": lambda part: runbook_stack(part, work / "checkout"),
            }
            for part in [pool.submit(tests[part], parts[part]) for part in sys.argv[2:] or tests]:
                part.result()
        checks = [check for part in parts.values() for check in part.checks]
        made, failed = sum(check.made for check in checks), sum(check.failed for check in checks)
        if failed:
            print((work / "ministack.log").read_text()[-6000:])
    print(f"\n{made} checks, {failed} failed, in {time.monotonic() - started:.0f} s")
    sys.exit(1 if failed or not made else 0)


main()
