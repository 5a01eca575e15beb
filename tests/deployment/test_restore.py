"""A restored table, used by `RestoredTableName` and left again.

The emulated cloud's restore copies all items as they are. What a repair does to a torn table is the matter of
`tests/it/audit_and_repair`, and the way there, with its waits, that of `test_runbook`.
"""

from table import scan

RESTORED = "referral-codes-public-restored"


def copy_of(stack, check):
    """A new table with the items of the stack's own, as a point-in-time restore makes it."""
    dynamodb = stack.client("dynamodb")
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=stack.outputs["OwnTableName"], TargetTableName=RESTORED, UseLatestRestorableTime=True
    )
    dynamodb.get_waiter("table_exists").wait(TableName=RESTORED, WaiterConfig={"Delay": 1})
    items = [sorted(scan(dynamodb, table), key=str) for table in (stack.outputs["OwnTableName"], RESTORED)]
    check.equal("the restored table has the items", items[1], items[0])


def restored_table_is_used_and_left_again(stack, check):
    send, base, dynamodb = stack.send, stack.base, stack.client("dynamodb")
    post = lambda mentor: send("POST", base, body={"mentor_id": mentor, "org_id": "org_r"})
    kept = post("usr_kept").json
    copy_of(stack, check)
    own_table = stack.outputs["TableName"]
    stack.deploy(RestoredTableName=RESTORED)
    named = (stack.outputs["TableName"], stack.outputs["OwnTableName"])
    check.equal("the outputs name both tables", named, (RESTORED, own_table))
    check.equal("an audit finds nothing", stack.maintain(maintenance="audit").get("findings"), [])
    check.equal("a code is as it was", send("GET", f"{base}/{kept['id']}").json, kept)
    check.status("a code is made", post("usr_later"), 201)
    body = {"mentor_id": "usr_kept", "action": "rotate"}
    check.status("a code is rotated", send("PUT", f"{base}/{kept['id']}", body=body), 200)
    own = {item["pk"]["S"] for item in scan(dynamodb, own_table)}
    check.equal("the stack's own table got none of it", "mentor#usr_later" in own, False)

    stack.deploy(RestoredTableName="")
    check.equal("back again, the codes are those of the own table", send("GET", f"{base}/{kept['id']}").json, kept)
    check.true("the restored table stays", scan(dynamodb, RESTORED))
