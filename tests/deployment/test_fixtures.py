"""Each fixture of `events/` that an HTTP API sends, as an HTTP call through the gateway, answers as its snapshot says."""

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

# The fixtures of the open routes, as `tests/it/fixtures.rs` has them: the status and how the body begins.
OPEN = {
    "short-link": (302, ""),
    "short-link-json": (200, '{"code":"JAN-VERV-8F3A","status":"active","url":"https://app.org.no/join?ref=JAN-VERV-8F3A"'),
    "qr-code": (200, "<svg "),
    "openapi": (200, "openapi: 3.1.0"),
    "console": (200, "<!doctype html>"),
    "console-file": (200, "let token = null;"),
}


def event(kind, endpoint):
    return json.loads((ROOT / "events" / kind / f"{endpoint}.json").read_text())


def claims(event):
    return event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})


def send(stack, event, token=None):
    path = event["rawPath"] + ("?" + event["rawQueryString"] if event["rawQueryString"] else "")
    headers = {name: value for name, value in event["headers"].items() if name not in NOT_SENT}
    body = json.loads(event["body"]) if "body" in event else None
    return stack.send(event["requestContext"]["http"]["method"], path, token, body, headers)


def snapshot(kind, endpoint):
    """The answer that the test in Rust expects of this fixture; with a token, as without."""
    kind = kind.removesuffix("-jwt")
    text = (ROOT / "tests/it/snapshots" / f"it__fixtures__{kind}-{endpoint}.snap").read_text()
    return json.loads(text.split("\n---\n", 1)[1])


def fixtures_answer_as_their_snapshots(stack, check, kinds, token_for=lambda claims: None):
    """`kinds` are folders of `events/`. The table of the stack must be empty."""
    items = put_example(stack, token_for(claims(event(kinds[0], "get"))))
    for kind in kinds:
        for endpoint in ENDPOINTS:
            # The table holds the example, as it was made, and nothing else.
            stack.table.replace(stack.table.scan(), items)
            fixture = event(kind, endpoint)
            reply, expected = send(stack, fixture, token_for(claims(fixture))), snapshot(kind, endpoint)
            answer = (reply.status, {name: reply.headers.get(name) for name in expected["headers"]}, NEW.sub("NEW", reply.text))
            expected = (expected["statusCode"], expected["headers"], NEW.sub("NEW", expected["body"]))
            check.equal(f"{kind}/{endpoint} answers as its snapshot", answer, expected)
    stack.table.replace(stack.table.scan(), [])


def fixtures_of_open_routes_are_answered_without_a_token(stack, check, token):
    """The table of the stack must be empty, and the console on."""
    items = put_example(stack, token)
    check.equal("each fixture is sent", {path.stem for path in (ROOT / "events/http-api-open").iterdir()}, set(OPEN))
    for name, (status, beginning) in OPEN.items():
        reply = send(stack, event("http-api-open", name))
        answer = (reply.status, reply.text.lstrip()[: len(beginning)])
        check.equal(f"http-api-open/{name} is answered", answer, (status, beginning))
    stack.table.replace(items, [])


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
