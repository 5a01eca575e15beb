"""Each permission of each function's policy, taken away: what it is for fails, and everything else still works.

The policy is changed on the deployed role, so the emulated cloud's IAM decides. An operation that fails for want of a
permission is a 500 `internal`, or an error of the maintenance function.
"""

import itertools

from codes import fill
from policy import Policy
from tears import claim_is_missing, page_is_not_counted

# What each permission of the function behind the API is for. The reads of changes by another process
# (TransactGetItems) need GetItem, as transactions have no permission of their own.
API = {
    ("ReadAndWriteItems", "dynamodb:GetItem"): {
        "list", "list of an organisation", "list by code", "list of a mentor's active code", "get", "build the URL",
        "get the mentor's code", "create", "rotate", "invalidate", "short link", "QR code",
    },
    ("ReadAndWriteItems", "dynamodb:BatchGetItem"): {"list of a mentor's codes"},
    ("ReadAndWriteItems", "dynamodb:PutItem"): {"create", "rotate"},
    ("ReadAndWriteItems", "dynamodb:UpdateItem"): {"rotate", "invalidate"},
    ("ReadAndWriteItems", "dynamodb:Query"): {"list of a mentor's codes"},
    ("ReadTheListings", "dynamodb:Query"): {"list", "list of an organisation", "list by cursor"},
}

# And of the maintenance function, on a table with page marks. A repair begins with an audit.
REPAIRING = {"put a claim back", "delete a stray page"}
AUDITING = {"audit"} | REPAIRING
MAINTENANCE = {
    ("ScanAndMendItems", "dynamodb:Scan"): AUDITING,
    # What an audit suspects it reads again by a TransactGetItems.
    ("ScanAndMendItems", "dynamodb:GetItem"): REPAIRING | {"upkeep", "rebuild"},
    ("ScanAndMendItems", "dynamodb:BatchGetItem"): AUDITING,
    ("ScanAndMendItems", "dynamodb:Query"): {"upkeep", "rebuild"},
    ("ScanAndMendItems", "dynamodb:PutItem"): {"put a claim back"},
    # An upkeep writes nothing here: the page marks are right. A rebuild begins by setting the head back.
    ("ScanAndMendItems", "dynamodb:UpdateItem"): {"rebuild"},
    ("ScanAndMendItems", "dynamodb:DeleteItem"): {"delete a stray page"},
    ("ScanAndMendItems", "dynamodb:ConditionCheckItem"): REPAIRING,
    ("ReadTheListings", "dynamodb:Query"): {"upkeep", "rebuild"},
}


class Calls:
    """One call of each operation, each for codes of its own."""

    def __init__(self, stack):
        self.stack, self.mentors = stack, itertools.count(1)

    def post(self, mentor=None):
        mentor = mentor or f"usr_{next(self.mentors)}"
        return self.stack.send("POST", self.stack.base, body={"mentor_id": mentor, "org_id": "org_p"})

    def put(self, code):
        body = {"mentor_id": code["mentor_id"], "action": "rotate"}
        return self.stack.send("PUT", f"{self.stack.base}/{code['id']}", body=body)

    def prepare(self):
        """The calls by name, ready to be sent: what they need is there."""
        base, send = self.stack.base, self.stack.send
        code, to_rotate, to_end = (self.post().json for _ in range(3))
        rotated = self.put(self.post().json).json
        return {
            "list": lambda: send("GET", base),
            "list of an organisation": lambda: send("GET", f"{base}?org_id=org_p"),
            "list by cursor": lambda: send("GET", f"{base}?cursor="),
            "list by code": lambda: send("GET", f"{base}?code={code['code']}"),
            "list of a mentor's codes": lambda: send("GET", f"{base}?mentor_id={rotated['mentor_id']}"),
            "list of a mentor's active code": lambda: send("GET", f"{base}?mentor_id={code['mentor_id']}&status=active"),
            "get": lambda: send("GET", f"{base}/{code['id']}"),
            "build the URL": lambda: send("GET", f"{base}/{code['id']}/url"),
            "get the mentor's code": lambda: self.post(code["mentor_id"]),
            "create": lambda: self.post(),
            "rotate": lambda: self.put(to_rotate),
            "invalidate": lambda: send("DELETE", f"{base}/{to_end['id']}"),
            "short link": lambda: send("GET", f"/r/{code['code']}", headers={"accept": "application/json"}),
            "QR code": lambda: send("GET", f"/r/{code['code']}.svg"),
            "description": lambda: send("GET", "/openapi.yaml"),
        }


def failed(replies):
    """The calls that failed. One that did so otherwise than by a 500 `internal` has its answer beside its name."""
    failures = {name: reply for name, reply in replies.items() if reply.status >= 300}
    is_internal = lambda reply: reply.status == 500 and '"code":"internal"' in reply.text
    return {name if is_internal(reply) else f"{name}: {reply}" for name, reply in failures.items()}


def api_permissions_are_each_needed(stack, check):
    policy, calls = Policy(stack, "FunctionName"), Calls(stack)
    check.equal("the policy has these permissions", set(policy.permissions()), set(API))
    check.equal("with all of them everything works", failed({name: call() for name, call in calls.prepare().items()}), set())
    for permission, needing in API.items():
        prepared = calls.prepare()
        with policy.without(*permission):
            replies = {name: call() for name, call in prepared.items()}
        check.equal(f"without {permission[1]} ({permission[0]}) what needs it fails", failed(replies), needing)
    check.equal("with all again everything works", failed({name: call() for name, call in calls.prepare().items()}), set())


class Commands:
    """One command of each kind. A repair has a tear of its own, which is there for no other command."""

    def __init__(self, stack):
        fill(stack)
        self.stack, self.code = stack, Calls(stack).post("usr_torn").json

    def failing(self):
        stack = self.stack
        results = {name: stack.maintain(maintenance=name) for name in ("audit", "upkeep")}
        results["rebuild"] = stack.maintain(maintenance="rebuild", listing="all")
        for repair, tear in [
            ("put a claim back", claim_is_missing(stack, self.code)),
            ("delete a stray page", page_is_not_counted(stack, self.code)),
        ]:
            tear.make()
            results[repair] = stack.maintain(maintenance="repair")
            tear.undo()
        return {name for name, result in results.items() if result.get("errorType") == "MaintenanceFailed"}


def maintenance_permissions_are_each_needed(stack, check):
    policy, commands = Policy(stack, "MaintenanceFunctionName"), Commands(stack)
    check.equal("the policy has these permissions", set(policy.permissions()), set(MAINTENANCE))
    check.equal("with all of them every command works", commands.failing(), set())
    for permission, needing in MAINTENANCE.items():
        with policy.without(*permission):
            failing = commands.failing()
        check.equal(f"without {permission[1]} ({permission[0]}) what needs it fails", failing, needing)
    check.equal("with all again every command works", commands.failing(), set())
