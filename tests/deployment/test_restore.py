"""A restored table, used by `RestoredTableName`: torn as a restore can bring it, audited, repaired, called.

The emulated cloud's restore copies all items as they are, so the tears are made by hand, in the restored table.
"""

from table import find, scan
from tears import Tear

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


def restored_table_is_used_repaired_and_left_again(stack, check):
    send, base, dynamodb = stack.send, stack.base, stack.client("dynamodb")
    post = lambda mentor: send("POST", base, body={"mentor_id": mentor, "org_id": "org_r"})
    put = lambda code: send("PUT", f"{base}/{code['id']}", body={"mentor_id": code["mentor_id"], "action": "rotate"})
    kept, old, ended, slotless = (post(f"usr_{name}").json for name in ("kept", "old", "ended", "slotless"))
    before = {item["sk"]["S"]: item for item in scan(dynamodb, stack.outputs["TableName"]) if old["id"] in str(item)}
    new = put(old).json
    send("DELETE", f"{base}/{ended['id']}")
    copy_of(stack, check)
    own_table = stack.outputs["TableName"]
    stack.deploy(RestoredTableName=RESTORED)
    named = (stack.outputs["TableName"], stack.outputs["OwnTableName"])
    check.equal("the outputs name both tables", named, (RESTORED, own_table))

    # The rotation of `old` without its record's end and without the new record; the claim and the slot have arrived.
    items = scan(dynamodb, RESTORED)
    half_a_rotation = Tear(stack, taken=[find(items, f"id#{new['id']}")], added=[before["record"]])
    # The end of `ended` in its record alone, and a mentor whose slot is missing.
    record = find(items, f"id#{ended['id']}")
    active = {name: value for name, value in record.items() if name != "ended_at"} | {"status": {"S": "active"}}
    half_an_end = Tear(stack, added=[active])
    no_slot = Tear(stack, taken=[find(items, "mentor#usr_slotless")])
    for tear in (half_a_rotation, half_an_end, no_slot):
        tear.make()
    found = stack.maintain(maintenance="audit")
    for who in ("usr_old", "usr_ended", "usr_slotless"):
        check.true(f"the audit finds what is wrong with {who}", any(who in finding for finding in found["findings"]), found)
    check.equal("... and nothing else", [finding for finding in found["findings"] if "usr_kept" in finding], [])
    repaired = stack.maintain(maintenance="repair")
    check.equal("the repair leaves nothing", (repaired.get("left"), repaired.get("done")), ([], True), repaired)
    check.equal("a second audit finds nothing", stack.maintain(maintenance="audit").get("findings"), [])

    check.equal("a code that was whole is as it was", send("GET", f"{base}/{kept['id']}").json, kept)
    check.equal("the rotation is whole again", post("usr_old").json, new)
    check.equal("... from its other end", send("GET", f"{base}/{old['id']}").json.get("successor_id"), new["id"])
    check.status("the ended code has no URL", send("GET", f"{base}/{ended['id']}/url"), 410, "code_not_active")
    check.equal("the mentor without a slot has the code that was", post("usr_slotless").json["id"], slotless["id"])
    check.status("a code is made", post("usr_later"), 201)
    check.status("a code is rotated", put(kept), 200)
    own = {item["pk"]["S"] for item in scan(dynamodb, stack.outputs["OwnTableName"])}
    check.equal("the stack's own table got none of it", "mentor#usr_later" in own, False)

    stack.deploy(RestoredTableName="")
    check.equal("back again, the codes are those of the own table", send("GET", f"{base}/{kept['id']}").json, kept)
    check.true("the restored table stays", scan(dynamodb, RESTORED))
