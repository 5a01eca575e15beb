"""The fixtures of `events/` as HTTP calls, and the answers that the snapshots of `tests/it/fixtures.rs` hold."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

# The order in which they can be sent to one code: what ends it comes last.
ENDPOINTS = ["list", "get", "get-or-create", "build-url", "rotate", "invalidate"]
# What the gateway makes the headers `x-forwarded-…` and `host` of, and what the caller sends by itself.
NOT_SENT = {"host", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"}
# The times and ids of which a call makes new ones.
NEW = re.compile(r"rc_(?!8f3a21bc)[0-9a-f]{8}|VERV-(?!8F3A)[0-9A-F]{4}|(?!2026-01-10T09)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Fixture:
    """One file of `events/KIND/`."""

    def __init__(self, kind, endpoint):
        self.name = f"{kind}/{endpoint}"
        event = json.loads((ROOT / "events" / kind / f"{endpoint}.json").read_text())
        context = event["requestContext"]
        self.method = context["http"]["method"]
        self.path = event["rawPath"] + ("?" + event["rawQueryString"] if event["rawQueryString"] else "")
        self.headers = {name: value for name, value in event["headers"].items() if name not in NOT_SENT}
        self.body = json.loads(event["body"]) if "body" in event else None
        self.claims = context.get("authorizer", {}).get("jwt", {}).get("claims", {})

    def send(self, stack, token=None):
        headers = {name: value for name, value in self.headers.items() if name != "authorization"}
        return stack.send(self.method, self.path, token, self.body, headers)


def snapshot(kind, endpoint):
    """The status, the headers and the body that the test in Rust expects of this fixture; with a token, as without."""
    kind = kind.removesuffix("-jwt")
    text = (ROOT / "tests/it/snapshots" / f"it__fixtures__{kind}-{endpoint}.snap").read_text()
    answer = json.loads(text.split("\n---\n", 1)[1])
    return answer["statusCode"], answer["headers"], answer["body"]


def comparable(text):
    """A body without the times and ids that the call has made."""
    return NEW.sub("NEW", text)
