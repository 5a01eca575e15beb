"""The functions' own roles are enough for every call and every command, and the emulated cloud's IAM does look at them.

That their policies allow nothing else is in `tests/it/template.rs`: `template_policy_allows_…`.
"""

import json

from stack import document
from table import fill, stray_page


def failing_calls(stack):
    """One call of each kind, and those that fail."""
    code, to_end = stack.create("usr_1", "org_p").json, stack.create("usr_2", "org_p").json
    rotated = stack.rotate(code).json
    queries = ["", "?org_id=org_p", "?cursor=", f"?code={code['code']}", "?mentor_id=usr_1", "?mentor_id=usr_1&status=active"]
    reads = [f"{stack.base}{query}" for query in queries] + [f"{stack.base}/{rotated['id']}{end}" for end in ("", "/url")]
    calls = [("GET", path) for path in [*reads, f"/r/{rotated['code']}", f"/r/{rotated['code']}.svg", "/openapi.yaml"]]
    calls.append(("DELETE", f"{stack.base}/{to_end['id']}"))
    replies = {call: stack.send(*call) for call in calls}
    return {call: reply for call, reply in replies.items() if reply.status >= 400}


def permissions_are_enough(stack, check):
    check.equal("every call works", failing_calls(stack), {})
    fill(stack)
    code, table = stack.create("usr_torn", "org_p").json, stack.table
    with table.torn(taken=table.claim(code), added=stray_page(code)):
        reports = [stack.maintain(maintenance=name) for name in ("audit", "repair", "upkeep")]
        reports.append(stack.maintain(maintenance="rebuild", listing="all"))
    check.equal("every command works", [report for report in reports if report.get("done") is not True], [])
    check.equal("... and two things are repaired", reports[1].get("repaired"), 2)


def missing_permission_is_missed(stack, check):
    iam, functions = stack.client("iam"), stack.client("lambda")
    role = functions.get_function_configuration(FunctionName=stack.outputs["FunctionName"])["Role"].rsplit("/", 1)[1]
    [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = document(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
    put = lambda statements: iam.put_role_policy(
        RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy | {"Statement": statements})
    )
    put([statement for statement in policy["Statement"] if statement["Sid"] != "ReadTheListings"])
    check.status("without the permission to read the indexes, a list fails", stack.send("GET", stack.base), 500, "internal")
    put(policy["Statement"])
