"""Codes in the table of a stack: the owner's example code, and many old ones."""

import calendar
import json
import time

from table import delete_all, put_all, renamed, scan

# The code in the owner's examples.
MENTOR = {"mentor_id": "usr_4491", "org_id": "org_002", "mentor_name": "Jan"}
DIGITS, CREATED = "8f3a21bc", "2026-01-10T09:00:00Z"


class OwnersCode:
    """The owner's example code in the table of a stack: made by a call, then given the example's digits and time."""

    def __init__(self, stack, token=None):
        self.dynamodb, self.table = stack.client("dynamodb"), stack.outputs["TableName"]
        old = scan(self.dynamodb, self.table)
        made = stack.send("POST", stack.base, token, MENTOR)
        created = calendar.timegm(time.strptime(CREATED, "%Y-%m-%dT%H:%M:%SZ")) * 1000
        items = [item for item in scan(self.dynamodb, self.table) if item not in old]
        self.items = renamed(items, made.json, DIGITS, created)
        delete_all(self.dynamodb, self.table, items)
        put_all(self.dynamodb, self.table, self.items)

    def put_alone(self):
        """Makes the table hold this code, as it was made, and nothing else."""
        self.empty()
        put_all(self.dynamodb, self.table, self.items)

    def empty(self):
        delete_all(self.dynamodb, self.table, scan(self.dynamodb, self.table))


# The first page mark is that of the hundredth code.
MARKED = 101


def fill(stack, token=None):
    """So many codes that they have a page mark, and so old that it is due. They are copies of one that a call has made."""
    dynamodb, table = stack.client("dynamodb"), stack.outputs["TableName"]
    old = scan(dynamodb, table)
    mentor = {"mentor_id": "usr_first", "org_id": "org_002"}
    code = stack.send("POST", stack.base, token, mentor).json
    made = [item for item in scan(dynamodb, table) if item not in old]
    an_hour_ago = int(time.time() * 1000) - 3_600_000
    for nth in range(MARKED):
        items = json.loads(json.dumps(made).replace("usr_first", f"usr_{nth:03d}"))
        put_all(dynamodb, table, renamed(items, code, f"{nth:04x}{nth:04x}", an_hour_ago + nth))
