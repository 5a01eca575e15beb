"""The commands of docs/operation.md that stand in a block, run as they stand there."""

import re
import subprocess

from cloud import environment
from events import ROOT
from issuer import Issuer
from test_access import AUDIENCE


def block_of(title):
    section = (ROOT / "docs/operation.md").read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    [block] = re.findall(r"```sh\n(.*?)```", section, re.S)
    return block


def budget_is_set(stack, check):
    options = {"env": environment(stack.url), "text": True, "capture_output": True}
    done = subprocess.run(["bash", "-c", block_of("A budget")], **options)
    check.equal("the command that sets a budget", done.returncode, 0, done.stderr)
    account = stack.client("sts").get_caller_identity()["Account"]
    [budget] = stack.client("budgets").describe_budgets(AccountId=account)["Budgets"]
    check.equal("... of 25 dollars a month", (float(budget["BudgetLimit"]["Amount"]), budget["TimeUnit"]), (25, "MONTHLY"))


def issuer_is_asked_before_a_deployment(check):
    def ask(issuer, token=""):
        command, changes = re.subn(r"(?m)^ISSUER=.*$", f"ISSUER={issuer}", block_of("The identity provider"))
        assert changes == 1
        done = subprocess.run(["bash", "-c", f"TOKEN='{token}'\n{command}"], text=True, capture_output=True)
        return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]

    good, elliptic, stranger = Issuer(), Issuer(), Issuer()
    elliptic.key_type = "EC"
    check.equal("an issuer", ask(good.url), (0, "JwtAudience is one of the audiences of your tokens"))
    check.equal("... and its token", ask(good.url, good.token(AUDIENCE)), (0, f"JwtAudience is one of {AUDIENCE}"))
    only_client = good.token(None, client_id="app")
    check.equal("... and one with a client_id", ask(good.url, only_client), (0, "JwtAudience is one of app"))
    check.equal("a slash too many", ask(f"{good.url}/"), (1, f"JwtIssuer must be {good.url}"))
    check.equal("another issuer's token", ask(good.url, stranger.token(AUDIENCE)), (1, f"the token's iss is {stranger.url}"))
    other_key = good.token(AUDIENCE, key_id="key-2")
    check.equal("a key that is not published", ask(good.url, other_key), (1, "the issuer has no RSA key key-2"))
    by_es256 = good.token(AUDIENCE, algorithm="ES256")
    check.equal("an ES256 token", ask(good.url, by_es256), (1, "the token is signed by ES256, which is not RSA"))
    check.equal("an issuer without an RSA key", ask(elliptic.url)[0], 1)
    status, error = ask(f"{good.url}/absent")
    check.true("an issuer without a discovery document", status == 1 and "404" in error, error)
