"""Each fixture of `events/http-api`, as an HTTP call through the gateway, answers as its snapshot says.

The other fixtures are the same calls in other forms: `tests/it/fixtures.rs` has them.
"""

import json
import re

from cloud import REGION, ROOT
from table import put_example

# The order in which they can be sent to one code: what ends it comes last.
ENDPOINTS = ["list", "get", "get-or-create", "build-url", "rotate", "invalidate"]
# What the gateway makes the headers `x-forwarded-…` and `host` of, and what `send` adds to each call that needs it.
NOT_SENT = {"host", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "authorization"}
# The times and ids of which a call makes new ones.
NEW = re.compile(r"rc_(?!8f3a21bc)[0-9a-f]{8}|VERV-(?!8F3A)[0-9A-F]{4}|(?!2026-01-10T09)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def send(stack, endpoint):
    event = json.loads((ROOT / "events/http-api" / f"{endpoint}.json").read_text())
    path = event["rawPath"] + ("?" + event["rawQueryString"] if event["rawQueryString"] else "")
    headers = {name: value for name, value in event["headers"].items() if name not in NOT_SENT}
    body = json.loads(event["body"]) if "body" in event else None
    return stack.send(event["requestContext"]["http"]["method"], path, body=body, headers=headers)


def snapshot(endpoint):
    """The answer that the test in Rust expects of this fixture."""
    text = (ROOT / "tests/it/snapshots" / f"it__fixtures__http-api-{endpoint}.snap").read_text()
    return json.loads(text.split("\n---\n", 1)[1])


def fixtures_answer_as_their_snapshots(stack, check):
    """The table of the stack must be empty."""
    items = put_example(stack)
    for endpoint in ENDPOINTS:
        # The table holds the example, as it was made, and nothing else.
        stack.table.replace(stack.table.scan(), items)
        reply, expected = send(stack, endpoint), snapshot(endpoint)
        answer = (reply.status, {name: reply.headers.get(name) for name in expected["headers"]}, NEW.sub("NEW", reply.text))
        expected = (expected["statusCode"], expected["headers"], NEW.sub("NEW", expected["body"]))
        check.equal(f"{endpoint} answers as its snapshot", answer, expected)
    stack.table.replace(stack.table.scan(), [])


def outputs_are_usable_as_printed(stack, check):
    """Each output names what is there. The tests use the others as they are: the API's URL, the functions, the table."""
    outputs, functions = stack.outputs, stack.client("lambda")
    host = f"https://{stack.api_id}.execute-api.{REGION}.amazonaws.com/api/v1/referral-codes"
    check.equal("ApiUrl is the URL of the codes", outputs["ApiUrl"], host)
    check.status("... and the list is there", stack.send("GET", stack.base), 200)
    groups = {group["logGroupName"] for group in stack.client("logs").describe_log_groups()["logGroups"]}
    named = {outputs[name] for name in outputs if name.endswith("LogGroupName")}
    check.equal("the log groups are there", (len(named), named - groups), (3, set()))
    routes = {line.get("route") for line in stack.log_lines("LogGroupName") if line.get("message") == "request completed"}
    check.true("LogGroupName has a line of each kind of request", routes >= {"list", "get", "rotate"}, routes)
    for name, alike in [("FunctionName", "LogGroupName"), ("MaintenanceFunctionName", "MaintenanceLogGroupName")]:
        logging = functions.get_function_configuration(FunctionName=outputs[name])["LoggingConfig"]
        check.equal(f"{name} logs to {alike}", logging["LogGroup"], outputs[alike])
    keys = stack.client("dynamodb").describe_table(TableName=outputs["TableName"])["Table"]["KeySchema"]
    check.equal("TableName is the table", [key["AttributeName"] for key in keys], ["pk", "sk"])
