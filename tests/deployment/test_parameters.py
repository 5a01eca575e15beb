"""A changed parameter is a stack update, and takes effect in the next call; one that no function would start with is refused."""

import subprocess

from cloud import REGION, environment
from events import ROOT


def changed_parameters_take_effect(stack, check):
    before = stack.send("POST", stack.base, body={"mentor_id": "usr_before", "org_id": "org_u"})
    check.equal("without CodeValidDays a code does not expire", before.json["expires_at"], None)
    stack.deploy(CodeValidDays="30", JoinUrlBase="https://join.example")
    after = stack.send("POST", stack.base, body={"mentor_id": "usr_after", "org_id": "org_u"})
    check.true("with CodeValidDays=30 a new code expires", after.json["expires_at"], after)
    check.equal("with JoinUrlBase its URL is there", after.json["url"], f"https://join.example?ref={after.json['code']}")
    same = stack.send("GET", f"{stack.base}/{before.json['id']}").json
    kept = {name: value for name, value in before.json.items() if name != "url"}
    check.equal("a code that was made before is as it was", {name: same[name] for name in kept}, kept)


def refused_parameters_change_nothing(stack, check):
    """Each value of each setting is compared in `tests/it/parameters.rs`."""
    try:
        stack.deploy(CodeValidDays="40000")
        refusal = ""
    except RuntimeError as error:
        refusal = str(error)
    check.true("CodeValidDays=40000 is refused", "CodeValidDays" in refusal and "pattern" in refusal, refusal)
    command = ["sam", "deploy", "--config-file", str(ROOT / "samconfig.toml"), "--config-env", "production"]
    command += ["--template-file", str(stack.template), "--stack-name", "as-shipped", "--region", REGION]
    done = subprocess.run(command, env=environment(stack.url), text=True, capture_output=True, input="n\n")
    told = done.stdout + done.stderr
    check.true("the production profile is refused as it is shipped", done.returncode != 0, told)
    check.true("... and is told why", "JwtIssuer' must be the issuer of your tokens" in told, told)


def own_table_may_be_named(stack, check):
    """Then nothing in the function changes, and Lambda refuses a version that is as the last one."""
    own = stack.outputs["OwnTableName"]
    for name in (own, ""):
        stack.deploy(RestoredTableName=name)
        check.equal(f"RestoredTableName={name!r} is the stack's own table", stack.outputs["TableName"], own)
