"""The commands of `docs/runbook.md`, run in its order by bash, with the AWS CLI and the SAM CLI, on the emulated cloud.

What a reader has, the commands have: a checkout with the build of `sam build`, keys, and a token. Four things differ. The
host of the output ApiUrl is in no DNS, so a `curl` of the test's own sends the call to the emulated gateway.
`samconfig.toml` gets the test's issuer. DynamoDB's control plane takes no change at once, as AWS's does (`slow_tables`). And waits are short.
"""

import os
import re
import shutil
import subprocess

from cloud import ROOT, environment
from slow_tables import SlowTables
from table import put_example

BLOCK = re.compile(r"^```sh( untried)?\n(.*?)^```\n(\*Untried:\* [^\n]+)?", re.M | re.S)

# What the commands of a section must have printed, besides that none has failed.
# The emulated cloud writes no access log, and finds log events without regard to a pattern of JSON fields.
PRINTED = {
    "Deploy": [r'"pagination":', r'"findings": ?\[\]'],
    "Roll back": [r"(?m)^2\s", r'"pagination":', r"(?m)^3$"],
    "Restore the table": [
        r"(?m)^ENABLED$",
        r'(?s)true,\s.*"by-creation",\s*{\s*"MaxReadRequestUnits": 4000.*"by-org",\s*{\s*"MaxReadRequestUnits": 4000',
        r'"findings": ?\["[^"]+/claim of [^"]+ is missing',
        r'"repaired": ?1, ?"left": ?\[\]',
        r'"findings": ?\[\]',
        r'"pagination":',
        r"(?m)^referral-codes-Table-",
    ],
    "Rebuild a page index": [r'"maintenance": ?"rebuild".*"done": ?true', r'"maintenance": ?"upkeep".*"done": ?true'],
    "A code has leaked": [
        r'"status":"invalidated"',
        r'"code_not_active".*"code_status":"invalidated"',
        r'"mentor_id":"usr_4491".*"status":"active"',
        r'"outcome":"invalidated"',
    ],
    "An organisation leaves": [r'"action": ?"count", ?"count": ?0', r'"action": ?"end".*"done": ?true', r'"action": ?"reopen"'],
    "Forget a mentor": [r'"pseudonym": ?"forgotten-.*"done": ?true'],
    "Without an alarm": [r"(?m)^ACTIVE$", r'"jwks_uri"', r"HTTP/1.1 401"],
    "The alarms": [r'"status":4\d\d', r"ENABLED", r'"maintenance": ?"upkeep"'],
}

CURL = """#!/usr/bin/env bash
# The emulated gateway has one address for the hosts of all APIs, and names the API in the path.
arguments=()
for argument in "$@"; do
    arguments+=("$(sed -E 's#^https://([0-9a-f]+)\\.execute-api\\.[^/]+#'"$GATEWAY"'/\\1#' <<<"$argument")")
done
exec {curl} "${{arguments[@]}}"
"""

# Variables and functions live on from block to block, as in a reader's shell.
SHELL = """
set -euo pipefail
[ ! -e state ] || source ./state
{block}
{{ declare -p | grep -E '^declare -(-|x) [A-Z]+=' | grep -vE ' (UID|EUID|PPID|BASH[A-Z]*|SHELLOPTS)='; declare -f; }} >state
"""


class Shell:
    """A reader's shell: a folder with what a checkout has, and the tools on PATH."""

    def __init__(self, stack, folder, issuer, architecture):
        self.folder = folder
        for name in ("events", "template.yaml"):
            (folder / name).symlink_to(ROOT / name)
        (folder / ".aws-sam").mkdir()
        (folder / ".aws-sam/build").symlink_to(stack.template.parent)
        config = (ROOT / "samconfig.toml").read_text()
        for before, after in [
            ("https://issuer.example", issuer.url),
            ('"Access=jwt"', f'"Access=jwt", "Architecture={architecture}"'),
        ]:
            assert before in config, f"samconfig.toml has no {before}"
            config = config.replace(before, after)
        (folder / "samconfig.toml").write_text(config)
        (folder / "bin").mkdir()
        curl = folder / "bin/curl"
        curl.write_text(CURL.format(curl=shutil.which("curl")))
        curl.chmod(0o755)
        # What a command waits for takes no time there.
        sleep = folder / "bin/sleep"
        sleep.write_text("#!/bin/sh\n")
        sleep.chmod(0o755)
        (folder / "bin/sitecustomize.py").write_text("import time\nlong = time.sleep\ntime.sleep = lambda seconds: long(min(seconds, 0.5))\n")
        self.slow_tables = SlowTables(stack.url, stack.calls_are_stopped)
        self.environment = environment(stack.url) | {
            "AWS_ENDPOINT_URL_DYNAMODB": self.slow_tables.url,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(folder / "bin"),
            "GATEWAY": f"{stack.url}/_aws/execute-api",
            "ISSUER": issuer.url,
            "TOKEN": issuer.admin(),
            "AWS_PAGER": "",
        }

    def run(self, block):
        """What a block prints, and whether all of its commands have succeeded. A question is answered with yes."""
        options = {"cwd": self.folder, "env": self.environment, "input": "y\n", "text": True}
        command = ["bash", "-c", SHELL.format(block=block)]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


class BeforeSections:
    """What the test does before a section, so that there is something to do for its commands."""

    def __init__(self, stack, issuer):
        self.stack, self.token, self.claim = stack, issuer.admin(), None

    def of(self, title):
        stack = self.stack
        if title == "Restore the table":
            stack.look()
            code = stack.create("usr_torn", "org_002", self.token).json
            self.claim = stack.table.claim(code)
            stack.table.replace(self.claim, [])
        if title == "Rebuild a page index":
            stack.look()
            stack.table.replace([], self.claim)
        if title == "A code has leaked":
            put_example(stack, self.token)
            # Here, because the section changes the audience.
            assert stack.create("usr_forgotten", "org_002", self.token).status == 201


def sections():
    """Each section of the runbook: its title and its blocks."""
    text = (ROOT / "docs/runbook.md").read_text()
    parts = re.split(r"^## (.+)\n", text, flags=re.M)[1:]
    return {title: BLOCK.findall(body) for title, body in zip(parts[::2], parts[1::2])}


def commands_of_the_runbook_work(stack, check, folder, issuer, architecture):
    shell, before = Shell(stack, folder, issuer, architecture), BeforeSections(stack, issuer)
    for title, blocks in sections().items():
        before.of(title)
        printed = ""
        for is_untried, block, reason in blocks:
            first = block.strip().splitlines()[0]
            if is_untried:
                if check.true(f"{title}: {first} is not run, and has a reason", reason):
                    check.heading(f"{title}: {first} is not run. {reason}")
                continue
            check.true(f"{title}: no reason stands below {first}, which is run", not reason)
            done = shell.run(block)
            printed += done.stdout
            check.equal(f"{title}: {first}", done.returncode, 0, done.stdout[-2000:])
        for pattern in PRINTED.get(title, []):
            check.true(f"{title}: it prints {pattern}", re.search(pattern, printed), printed[-6000:])
    check.equal("every section that must print something is there", set(PRINTED) - set(sections()), set())
    expected = {"InvalidRestoreTimeException", "ContinuousBackupsUnavailableException"}
    check.equal("what AWS refuses at first was sent again, and nothing else came too early", shell.slow_tables.noted, expected)
