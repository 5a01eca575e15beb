"""Tables whose items contradict each other, as a restore at an unlucky moment can bring them."""

from table import find, scan


class Tear:
    """Items taken out and put in, past the service. `undo` makes the table as it was before."""

    def __init__(self, stack, taken=(), added=()):
        self.stack, self.dynamodb = stack, stack.client("dynamodb")
        self.taken, self.added = list(taken), list(added)

    @property
    def table(self):
        return self.stack.outputs["TableName"]

    def make(self):
        self._replace(self.taken, self.added)
        return self

    def undo(self):
        self._replace(self.added, self.taken)

    def _replace(self, old, new):
        for item in old:
            self.dynamodb.delete_item(TableName=self.table, Key={"pk": item["pk"], "sk": item["sk"]})
        for item in new:
            self.dynamodb.put_item(TableName=self.table, Item=item)


def items_of(stack):
    return scan(stack.client("dynamodb"), stack.outputs["TableName"])


def claim_is_missing(stack, code):
    """The code's string could be given out again."""
    return Tear(stack, taken=[find(items_of(stack), f"code#{code['code']}")])


def page_is_not_counted(stack, code):
    """A page of the mentor's earlier codes which the slot does not know."""
    key = {"pk": {"S": f"mentor#{code['mentor_id']}"}, "sk": {"S": "slot#00007"}}
    return Tear(stack, added=[key | {"format": {"N": "1"}, "earlier": {"L": []}}])
