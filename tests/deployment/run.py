"""The stack on an emulated cloud: deployed by `sam deploy` from what `sam build` has written, called, changed, deleted.

    python3 tests/deployment/run.py [BUILT_TEMPLATE]

`.ci/deployment` runs it, with the tools that it needs. Two stacks stand in one cloud, and are tested side by side: one as
the contract has it, and one that takes tokens. Each `test_*.py` has one idea, and its functions are the tests. The run
prints one line per check, and fails with the number of checks that did not hold.
"""

import concurrent.futures
import pathlib
import platform
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checks import Checks  # noqa: E402
from cloud import cloud  # noqa: E402
from codes import fill  # noqa: E402
from issuer import Issuer  # noqa: E402
from stack import Stack  # noqa: E402
from test_access import AUDIENCE, parameters, routes_are_guarded_but_for_the_open_ones  # noqa: E402
from test_access import tokens_open_what_their_claims_say  # noqa: E402
from test_deletion import table_outlives_its_stack  # noqa: E402
from test_fixtures import fixtures_answer_as_their_snapshots, outputs_are_usable_as_printed  # noqa: E402
from test_parameters import changed_parameters_take_effect  # noqa: E402
from test_permissions import permissions_of_the_api_s_function_are_each_needed  # noqa: E402
from test_permissions import permissions_of_the_maintenance_function_are_each_needed  # noqa: E402
from test_restore import restored_table_is_used_repaired_and_left_again  # noqa: E402
from test_roll_out import alarms_tell_the_topic, changes_are_versions_and_the_alias_moves_back  # noqa: E402
from test_schedule import schedule_is_that_of_the_upkeep, schedule_runs_the_upkeep  # noqa: E402

# The processor of this machine, for which `.ci/sam-build` has built last.
ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]


def public_stack(template, url):
    """As the contract has it: `Access=public`."""
    stack = Stack("referral-codes", template, url)
    with Checks("the API of the public stack").running() as check:
        stack.deploy(Architecture=ARCHITECTURE)
        fixtures_answer_as_their_snapshots(stack, ["http-api", "http-api-doubled-path"], check)
        outputs_are_usable_as_printed(stack, check)
    yield check
    with Checks("permissions of the function behind the API").running() as check:
        permissions_of_the_api_s_function_are_each_needed(stack, check)
    yield check
    with Checks("permissions of the maintenance function").running() as check:
        permissions_of_the_maintenance_function_are_each_needed(stack, check)
    yield check
    with Checks("a changed parameter").running() as check:
        changed_parameters_take_effect(stack, check)
    yield check
    with Checks("versions and the alias").running() as check:
        changes_are_versions_and_the_alias_moves_back(stack, check)
    yield check
    with Checks("alarms").running() as check:
        alarms_tell_the_topic(stack, check)
    yield check
    with Checks("a restored table").running() as check:
        restored_table_is_used_repaired_and_left_again(stack, check)
    yield check
    with Checks("the deleted stack").running() as check:
        table_outlives_its_stack(stack, check)
    yield check


def guarded_stack(template, url):
    """`Access=jwt`, and an upkeep every minute."""
    issuer, stranger = Issuer(), Issuer()
    stack = Stack("referral-codes-jwt", template, url)
    with Checks("the fixtures with claims").running() as check:
        stack.deploy(Architecture=ARCHITECTURE, UpkeepSchedule="rate(1 minute)", **parameters(issuer))
        token_for = lambda claims: issuer.token(AUDIENCE, **{name: claims[name] for name in ("scope", "org_id", "sub")})
        fixtures_answer_as_their_snapshots(stack, ["http-api-jwt"], check, token_for)
    yield check
    with Checks("access by token").running() as check:
        routes_are_guarded_but_for_the_open_ones(stack, check)
        tokens_open_what_their_claims_say(stack, issuer, stranger, check)
    yield check
    with Checks("the schedule").running() as check:
        schedule_is_that_of_the_upkeep(stack, check)
        fill(stack, issuer.token(AUDIENCE, scope="codes:admin"))
        schedule_runs_the_upkeep(stack, check)
    yield check


def main():
    template = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "target/sam/template.yaml").resolve()
    if not template.exists():
        raise SystemExit(f"{template} is not there: run `sam build --build-dir target/sam` first")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor() as pool:
        work = pathlib.Path(folder)
        parts = []
        try:
            with cloud(work) as url:
                stacks = [pool.submit(lambda stack=stack: list(stack(template, url))) for stack in (public_stack, guarded_stack)]
                parts = [check for stack in stacks for check in stack.result()]
        finally:
            failed = sum(check.failed for check in parts)
            if failed or not parts:
                print((work / "ministack.log").read_text()[-6000:])
    made = sum(check.made for check in parts)
    print(f"\n{made} checks, {failed} failed, in {time.monotonic() - started:.0f} s")
    sys.exit(1 if failed or not made else 0)


main()
