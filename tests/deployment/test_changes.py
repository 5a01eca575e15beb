"""Stack updates: changed parameters, a restored table that is used and left again, and at last the deletion.

The emulated cloud's restore copies all items as they are. What a repair does to a torn table is the matter of
`tests/it/audit_and_repair`, and the way there, with its waits, that of `test_runbook`.
"""

from cloud import ROOT
from loopback import wait_for
from table import Table


def changed_parameters_take_effect(stack, check):
    before = stack.create("usr_before").json
    check.equal("without CodeValidDays a code does not expire", before["expires_at"], None)
    stack.deploy(CodeValidDays="30", JoinUrlBase="https://join.example")
    after = stack.create("usr_after").json
    check.true("with CodeValidDays=30 a new code expires", after["expires_at"], after)
    check.equal("with JoinUrlBase its URL is there", after["url"], f"https://join.example?ref={after['code']}")
    check.equal("a code that was made before is as it was", stack.get(before).json | {"url": before["url"]}, before)


def refused_parameters_change_nothing(stack, check):
    """One that no function would start with. Each value of each setting is compared in `tests/it/parameters.rs`."""
    refused = ""
    try:
        stack.deploy(CodeValidDays="40000")
    except RuntimeError as error:
        refused = str(error)
    check.true("CodeValidDays=40000 is refused", "CodeValidDays" in refused and "pattern" in refused, refused)
    production = ["--config-file", str(ROOT / "samconfig.toml"), "--config-env", "production", "--stack-name", "as-shipped"]
    done = stack.sam_deploy(*production)
    is_told = "JwtIssuer' must be the issuer of your tokens" in done.stdout
    check.true("the production profile is refused as it is shipped, and is told why", done.returncode != 0 and is_told, done.stdout)


def own_table_may_be_named(stack, check):
    """Then nothing in the function changes, and Lambda refuses a version that is as the last one."""
    own = stack.outputs["OwnTableName"]
    for name in (own, ""):
        stack.deploy(RestoredTableName=name)
        check.equal(f"RestoredTableName={name!r} is the stack's own table", stack.outputs["TableName"], own)


def restored_table_is_used_and_left_again(stack, check):
    own, kept, dynamodb = stack.table, stack.create("usr_kept").json, stack.client("dynamodb")
    restored = Table(dynamodb, "referral-codes-public-restored")
    dynamodb.restore_table_to_point_in_time(SourceTableName=own.name, TargetTableName=restored.name, UseLatestRestorableTime=True)
    dynamodb.get_waiter("table_exists").wait(TableName=restored.name, WaiterConfig={"Delay": 1})
    before = own.scan()
    check.equal("the restored table has the items", restored.scan(), before)
    stack.deploy(RestoredTableName=restored.name)
    named = (stack.outputs["TableName"], stack.outputs["OwnTableName"])
    check.equal("the outputs name both tables", named, (restored.name, own.name))
    check.equal("an audit finds nothing", stack.maintain(maintenance="audit").get("findings"), [])
    check.equal("a code is as it was", stack.get(kept).json, kept)
    check.status("a code is made", stack.create("usr_later"), 201)
    check.status("a code is rotated", stack.rotate(kept), 200)
    check.equal("the stack's own table got none of it", own.scan(), before)

    stack.deploy(RestoredTableName="")
    check.equal("back again, the codes are those of the own table", stack.get(kept).json, kept)
    check.true("the restored table stays", restored.scan())


def table_outlives_its_stack(stack, check):
    cloudformation, before = stack.client("cloudformation"), stack.table.scan()
    check.true("the table has codes", len(before) > 3, len(before))
    cloudformation.delete_stack(StackName=stack.name)

    def is_deleted():
        stacks = cloudformation.list_stacks()["StackSummaries"]
        return [other["StackStatus"] for other in stacks if other["StackName"] == stack.name][0] == "DELETE_COMPLETE"

    check.true("the stack is deleted", wait_for(is_deleted, 30))
    check.equal("every item is still there", stack.table.scan(), before)
    functions = {function["FunctionName"] for function in stack.client("lambda").list_functions()["Functions"]}
    own = {stack.outputs["FunctionName"], stack.outputs["MaintenanceFunctionName"]}
    check.equal("the functions are gone", functions & own, set())
    check.true("the API is gone", stack.send("GET", stack.base).status >= 400)
