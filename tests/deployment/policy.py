"""The policy of a deployed function's role, as IAM has it: what it allows, and the same with one permission less."""

import contextlib
import copy
import json


class Policy:
    def __init__(self, stack, function):
        """`function` is the output with the function's name."""
        self.iam = stack.client("iam")
        role = stack.client("lambda").get_function_configuration(FunctionName=stack.outputs[function])["Role"]
        self.role = role.rsplit("/", 1)[1]
        [self.name] = self.iam.list_role_policies(RoleName=self.role)["PolicyNames"]
        document = self.iam.get_role_policy(RoleName=self.role, PolicyName=self.name)["PolicyDocument"]
        self.document = json.loads(document) if isinstance(document, str) else document

    def permissions(self):
        """Each permission: the statement that gives it, and the action."""
        statements = self.document["Statement"]
        return [(statement["Sid"], action) for statement in statements for action in actions(statement)]

    @contextlib.contextmanager
    def without(self, sid, action):
        """The role has all permissions but this one."""
        document = copy.deepcopy(self.document)
        [statement] = [statement for statement in document["Statement"] if statement["Sid"] == sid]
        statement["Action"] = [other for other in actions(statement) if other != action]
        if not statement["Action"]:
            document["Statement"].remove(statement)
        self._put(document)
        try:
            yield
        finally:
            self._put(self.document)

    def _put(self, document):
        self.iam.put_role_policy(RoleName=self.role, PolicyName=self.name, PolicyDocument=json.dumps(document))


def actions(statement):
    action = statement["Action"]
    return [action] if isinstance(action, str) else list(action)
