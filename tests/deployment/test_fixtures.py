"""Each fixture of `events/` that an HTTP API sends, as an HTTP call through the gateway, answers as its snapshot says."""

from cloud import REGION
from codes import OwnersCode
from events import ENDPOINTS, ROOT, Fixture, comparable, snapshot

def fixtures_answer_as_their_snapshots(stack, kinds, check, token_for=lambda claims: None):
    """`kinds` are folders of `events/`. The table of the stack must be empty."""
    code = OwnersCode(stack, token_for(Fixture(kinds[0], "get").claims))
    for kind in kinds:
        for endpoint in ENDPOINTS:
            fixture = Fixture(kind, endpoint)
            code.put_alone()
            reply = fixture.send(stack, token_for(fixture.claims))
            status, headers, body = snapshot(kind, endpoint)
            answer = (reply.status, {name: reply.headers.get(name) for name in headers}, comparable(reply.text))
            check.equal(f"{fixture.name} answers as its snapshot", answer, (status, headers, comparable(body)))
    code.empty()


# The fixtures of the open routes, as `tests/it/fixtures.rs` has them: the status and how the body begins.
OPEN = {
    "short-link": (302, ""),
    "short-link-json": (200, '{"code":"JAN-VERV-8F3A","status":"active","url":"https://app.org.no/join?ref=JAN-VERV-8F3A"'),
    "qr-code": (200, "<svg "),
    "openapi": (200, "openapi: 3.1.0"),
    "console": (200, "<!doctype html>"),
    "console-file": (200, "let token = null;"),
}


def fixtures_of_open_routes_are_answered_without_a_token(stack, check, token):
    """The table of the stack must be empty, and the console on."""
    code = OwnersCode(stack, token)
    check.equal("each fixture is sent", {path.stem for path in (ROOT / "events/http-api-open").iterdir()}, set(OPEN))
    for name, (status, beginning) in OPEN.items():
        reply = Fixture("http-api-open", name).send(stack)
        answer = (reply.status, reply.text.lstrip()[: len(beginning)])
        check.equal(f"http-api-open/{name} is answered", answer, (status, beginning))
    code.empty()


def outputs_are_usable_as_printed(stack, check):
    """Each output names what is there. The tests use the others as they are: the API's URL, the functions, the table."""
    host = f"https://{stack.api_id}.execute-api.{REGION}.amazonaws.com/api/v1/referral-codes"
    check.equal("ApiUrl is the URL of the codes", stack.outputs["ApiUrl"], host)
    check.status("... and the list is there", stack.send("GET", stack.base), 200)
    groups = {group["logGroupName"] for group in stack.client("logs").describe_log_groups()["logGroups"]}
    named = {stack.outputs[name] for name in stack.outputs if name.endswith("LogGroupName")}
    check.equal("the log groups are there", (len(named), named - groups), (3, set()))
    lines = stack.log_lines(stack.outputs["LogGroupName"])
    routes = {line.get("route") for line in lines if line.get("message") == "request completed"}
    check.true("LogGroupName has a line of each kind of request", routes >= {"list", "get", "rotate"}, routes)
    functions = stack.client("lambda")
    for name, alike in [("FunctionName", "LogGroupName"), ("MaintenanceFunctionName", "MaintenanceLogGroupName")]:
        configuration = functions.get_function_configuration(FunctionName=stack.outputs[name])
        check.equal(f"{name} logs to {alike}", configuration["LoggingConfig"]["LogGroup"], stack.outputs[alike])
    keys = stack.client("dynamodb").describe_table(TableName=stack.outputs["TableName"])["Table"]["KeySchema"]
    check.equal("TableName is the table", [key["AttributeName"] for key in keys], ["pk", "sk"])
