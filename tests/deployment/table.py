"""The items of a table, past the service: what a restore would bring, and what a look at the table shows."""

import json


def scan(dynamodb, table):
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def put_all(dynamodb, table, items):
    for item in items:
        dynamodb.put_item(TableName=table, Item=item)


def delete_all(dynamodb, table, items):
    for item in items:
        dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})


def find(items, pk):
    """The one item of a partition that has no other."""
    [found] = [item for item in items if item["pk"]["S"] == pk]
    return found


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(milliseconds, randomness):
    number = milliseconds << 80 | randomness
    return "".join(CROCKFORD[number >> 5 * place & 31] for place in reversed(range(26)))


def renamed(items, code, digits, created_ms):
    """The items of one change as if the service had given its code these digits, at this time."""
    [record] = [item for item in items if item["sk"]["S"] == "record"]
    randomness = int(digits, 16) << 80 - 4 * len(digits)
    new = {
        code["id"]: f"rc_{digits}",
        code["code"]: code["code"].rsplit("-", 1)[0] + "-" + digits[:4].upper(),
        record["ulid"]["S"]: ulid(created_ms, randomness),
    }
    text = json.dumps(items)
    for before, after in new.items():
        text = text.replace(before, after)
    return json.loads(text)
