"""The items of a stack's table, past the service: codes that time would bring, and what a restore would bring."""

import calendar
import contextlib
import json
import time

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Table:
    def __init__(self, dynamodb, name):
        self.dynamodb, self.name = dynamodb, name

    def scan(self):
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.name, ConsistentRead=True)
        return sorted((item for page in pages for item in page["Items"]), key=str)

    def replace(self, old, new):
        """Takes items out and puts others in."""
        for item in old:
            self.dynamodb.delete_item(TableName=self.name, Key={"pk": item["pk"], "sk": item["sk"]})
        for item in new:
            self.dynamodb.put_item(TableName=self.name, Item=item)

    @contextlib.contextmanager
    def torn(self, taken=(), added=()):
        """Items that contradict each other, as a restore at an unlucky moment can bring them; then all is as before."""
        self.replace(taken, added)
        yield
        self.replace(added, taken)

    def claim(self, code):
        """The item without which the code's string could be given out again."""
        return [item for item in self.scan() if item["pk"]["S"] == f"code#{code['code']}"]


def stray_page(code):
    """A page of the mentor's earlier codes which the slot does not know."""
    key = {"pk": {"S": f"mentor#{code['mentor_id']}"}, "sk": {"S": "slot#00007"}}
    return [key | {"format": {"N": "1"}, "earlier": {"L": []}}]


def items_of_a_new_code(stack, token, **body):
    """A code that a call makes now, and its items."""
    old = stack.table.scan()
    code = stack.create(token=token, **body).json
    return code, [item for item in stack.table.scan() if item not in old]


def renamed(items, code, digits, created_ms):
    """The items of one change as if the service had given its code these digits, at this time."""
    [record] = [item for item in items if item["sk"]["S"] == "record"]
    ulid = created_ms << 80 | int(digits, 16) << 80 - 4 * len(digits)
    text = json.dumps(items)
    for before, after in [
        (code["id"], f"rc_{digits}"),
        (code["code"], code["code"].rsplit("-", 1)[0] + "-" + digits[:4].upper()),
        (record["ulid"]["S"], "".join(CROCKFORD[ulid >> 5 * place & 31] for place in reversed(range(26)))),
    ]:
        text = text.replace(before, after)
    return json.loads(text)


def put_example(stack, token=None):
    """Puts the code of the owner's examples, made by a call, into the table. Returns its items."""
    code, made = items_of_a_new_code(stack, token, mentor="usr_4491", org="org_002", mentor_name="Jan")
    created = calendar.timegm((2026, 1, 10, 9, 0, 0)) * 1000
    items = renamed(made, code, "8f3a21bc", created)
    stack.table.replace(made, items)
    return items


def fill(stack, token=None):
    """So many codes that they have a page mark, and so old that it is due. They are copies of one that a call has made."""
    code, made = items_of_a_new_code(stack, token, mentor="usr_first", org="org_002")
    an_hour_ago = int(time.time() * 1000) - 3_600_000
    # The first page mark is that of the hundredth code.
    for nth in range(101):
        items = json.loads(json.dumps(made).replace("usr_first", f"usr_{nth:03d}"))
        stack.table.replace([], renamed(items, code, f"{nth:04x}{nth:04x}", an_hour_ago + nth))
