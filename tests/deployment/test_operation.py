"""The commands of docs/operation.md that stand in a block, run as they stand there."""

import re
import subprocess

from cloud import ROOT, environment
from issuer import AUDIENCE, Issuer


def block_of(title):
    section = (ROOT / "docs/operation.md").read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    [block] = re.findall(r"```sh\n(.*?)```", section, re.S)
    return block


def bash(command, **options):
    return subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def budget_is_set(stack, check):
    done = bash(block_of("A budget"), env=environment(stack.url))
    check.equal("the command that sets a budget", done.returncode, 0, done.stdout)
    account = stack.client("sts").get_caller_identity()["Account"]
    [budget] = stack.client("budgets").describe_budgets(AccountId=account)["Budgets"]
    check.equal("... of 25 dollars a month", (float(budget["BudgetLimit"]["Amount"]), budget["TimeUnit"]), (25, "MONTHLY"))


def issuer_is_asked_before_a_deployment(_stack, check):
    good, elliptic, stranger = Issuer(), Issuer(), Issuer()
    elliptic.key_type = "EC"
    for what, issuer, token, status, says in [
        ("an issuer", good.url, "", 0, "JwtAudience is one of the audiences of your tokens"),
        ("... and its token", good.url, good.token(), 0, f"JwtAudience is one of {AUDIENCE}"),
        ("... and one with a client_id", good.url, good.token(None, client_id="app"), 0, "JwtAudience is one of app"),
        ("a slash too many", f"{good.url}/", "", 1, f"JwtIssuer must be {good.url}"),
        ("another issuer's token", good.url, stranger.token(), 1, f"the token's iss is {stranger.url}"),
        ("a key that is not published", good.url, good.token(key_id="key-2"), 1, "the issuer has no RSA key key-2"),
        ("an ES256 token", good.url, good.token(algorithm="ES256"), 1, "the token is signed by ES256, which is not RSA"),
        ("an issuer without an RSA key", elliptic.url, "", 1, ""),
        ("an issuer without a discovery document", f"{good.url}/absent", "", 1, "404"),
    ]:
        command, changes = re.subn(r"(?m)^ISSUER=.*$", f"ISSUER={issuer}", block_of("The identity provider"))
        assert changes == 1
        done = bash(f"TOKEN='{token}'\n{command}")
        last = done.stdout.strip().splitlines()[-1]
        is_said = last == says if status == 0 else says in last
        check.equal(what, (done.returncode, is_said), (status, True), last)
