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
from functools import partial

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from checks import Checks
from cloud import cloud
from issuer import AUDIENCE, Issuer
from stack import Stack
from table import fill
from test_access import ORIGIN, routes_are_guarded_but_for_the_open_ones, tokens_open_what_their_claims_say
from test_changes import production_profile_is_refused_as_it_is_shipped, table_outlives_its_stack
from test_events import events_are_made_if_a_bus_is_named
from test_fixtures import fixtures_answer_as_their_snapshots, outputs_are_usable_as_printed
from test_operation import budget_is_set, issuer_is_asked_before_a_deployment
from test_permissions import missing_permission_is_missed, permissions_are_enough
from test_roll_out import changes_are_versions_and_the_alias_moves_back
from test_runbook import commands_of_the_runbook_work
from test_schedule import schedule_runs_the_upkeep

# The processor of this machine, for which `.ci/sam-build` has built last.
ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]


class Part:
    """One stack and its tests, one after the other. Parts run side by side."""

    def __init__(self, name, template, url):
        self.stack, self.checks = Stack(name, template, url), []

    def test(self, title, *tests):
        check = Checks(title)
        self.checks.append(check)
        with check.running():
            for test in tests:
                test(self.stack, check)


def public_stack(part, _folder):
    """As the contract has it: `Access=public`."""
    part.test("the API of the public stack", fixtures_answer_as_their_snapshots, outputs_are_usable_as_printed)
    part.test("permissions", permissions_are_enough, missing_permission_is_missed)
    part.test("versions and the alias", changes_are_versions_and_the_alias_moves_back)
    part.test("a refused profile", production_profile_is_refused_as_it_is_shipped)
    part.test("the deleted stack", table_outlives_its_stack)


def guarded_stack(part, _folder):
    """`Access=jwt`, the console, and an upkeep every minute."""
    issuer = Issuer()
    settings = {"Architecture": ARCHITECTURE, "UpkeepSchedule": "rate(1 minute)", "Console": "on"}
    settings |= {"Access": "jwt", "JwtIssuer": issuer.url, "JwtAudience": AUDIENCE, "MentorClaim": "mentor_id", "CorsOrigins": ORIGIN}
    part.test("the deployment with tokens", lambda stack, check: stack.deploy(**settings))
    part.test("the page for operators", issuer_is_asked_before_a_deployment, budget_is_set)
    tokens = partial(tokens_open_what_their_claims_say, issuer=issuer)
    part.test("access by token", routes_are_guarded_but_for_the_open_ones, tokens)
    old_codes = lambda stack, check: fill(stack, issuer.admin())
    part.test("the schedule", old_codes, schedule_runs_the_upkeep)
    part.test("events", partial(events_are_made_if_a_bus_is_named, token=issuer.admin()))


def runbook_stack(part, folder):
    """The production environment of samconfig.toml, deployed by the runbook itself."""
    part.test("the runbook", partial(commands_of_the_runbook_work, folder=folder, issuer=Issuer(), architecture=ARCHITECTURE))


# The stack of each part, and its tests. The runbook's has the name that samconfig.toml gives to production.
PARTS = {
    "public": ("referral-codes-public", public_stack),
    "guarded": ("referral-codes-jwt", guarded_stack),
    "runbook": ("referral-codes", runbook_stack),
}


def main():
    template = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "target/sam/template.yaml").resolve()
    if not template.exists():
        raise SystemExit(f"{template} is not there: run `sam build --build-dir target/sam` first")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor() as pool:
        work = pathlib.Path(folder)
        (work / "checkout").mkdir()
        with cloud(work) as url:
            parts = {part: Part(name, template, url) for part, (name, _) in PARTS.items()}
            # The first deployment in a cloud is alone.
            parts["public"].test("the first deployment", lambda stack, check: stack.deploy(Architecture=ARCHITECTURE))
            wanted = sys.argv[2:] or PARTS
            for part in [pool.submit(PARTS[part][1], parts[part], work / "checkout") for part in wanted]:
                part.result()
            checks = [check for part in parts.values() for check in part.checks]
            made, failed = sum(check.made for check in checks), sum(check.failed for check in checks)
            print(f"\n{made} checks, {failed} failed, in {time.monotonic() - started:.0f} s")
            # Inside, so that the end shows the cloud's log.
            if failed or not made:
                sys.exit(1)


main()
