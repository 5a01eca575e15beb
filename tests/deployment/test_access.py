"""The stack with `Access=jwt`: tokens of a local issuer, through the gateway, to the release binary."""

import re

from cloud import invoke, routes
from issuer import tampered, unsigned

AUDIENCE = "referral-codes"
ORIGIN = "https://app.org.no"
BASE = "/api/v1/referral-codes"
DOUBLED = BASE + BASE

# The routes that take no token. All others do.
OPEN_PAGES = ["/openapi.yaml", "/console", "/console/{file}"]
OPEN = {"OPTIONS /{proxy+}", "ANY /r", "ANY /r/{proxy+}", "ANY /R", "ANY /R/{proxy+}"} | {f"{method} {path}" for method in ("GET", "HEAD") for path in OPEN_PAGES}


def preflight_event(path):
    http = {"method": "OPTIONS", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"}
    return {
        "version": "2.0",
        "routeKey": "OPTIONS /{proxy+}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "codes.example", "origin": ORIGIN, "access-control-request-method": "PUT"},
        "requestContext": {"http": http, "requestId": "preflight", "routeKey": "OPTIONS /{proxy+}", "stage": "$default"},
        "isBase64Encoded": False,
    }


def parameters(issuer):
    """Of a stack that takes the issuer's tokens."""
    issued = {"JwtIssuer": issuer.url, "JwtAudience": AUDIENCE}
    return issued | {"Access": "jwt", "MentorClaim": "mentor_id", "CorsOrigins": ORIGIN}


def routes_are_guarded_but_for_the_open_ones(stack, check):
    deployed = routes(stack.api_id, stack.url)
    check.equal("the open routes", {key for key, kind in deployed.items() if kind == "NONE"}, OPEN)
    check.equal("the guarded routes", sum(kind == "JWT" for kind in deployed.values()), 13)


def tokens_open_what_their_claims_say(stack, issuer, stranger, check):
    send = stack.send

    def token(scope, org, **claims):
        return issuer.token(AUDIENCE, scope=scope, org_id=org, **claims)

    writer, other_org = token("openid codes:write", "org_002"), token("codes:write", "org_003")
    reader, scopeless = token("codes:read", "org_002"), token("openid", "org_002")
    admin, mentor = token("codes:admin", None), token("codes:write", "org_002", mentor_id="usr_4491")

    check.heading("good tokens")
    created = send("POST", BASE, writer, {"mentor_id": "usr_4491", "org_id": "org_002", "mentor_name": "Jan"})
    check.status("a writer makes a code", created, 201)
    code = f"{BASE}/{created.json['id']}"
    check.equal("the gateway's request id is there to quote", bool(created.headers.get("apigw-requestid")), True, created)
    colleague = send("POST", BASE, writer, {"mentor_id": "usr_5000", "org_id": "org_002"})
    for who, bearer in {"writer": writer, "reader": reader, "admin": admin, "mentor": mentor}.items():
        check.equal(f"a {who} gets it", send("GET", code, bearer).json, created.json)
        check.status(f"a {who} gets its URL", send("GET", f"{code}/url", bearer), 200)
    check.status("HEAD, through $default", send("HEAD", code, reader), 200)
    check.status("a trailing slash, through $default", send("GET", f"{BASE}/", reader), 200)
    check.status("the doubled path", send("GET", DOUBLED + code.removeprefix(BASE), reader), 200)
    check.equal("the list is the organisation's", send("GET", BASE, reader).json["pagination"]["total"], 2)
    check.equal("... and the mentor's", send("GET", BASE, mentor).json["pagination"]["total"], 1)

    check.heading("tokens that allow less")
    check.status("a reader changes nothing", send("DELETE", code, reader), 403, "insufficient_scope")
    refused = send("GET", code, scopeless)
    check.status("a token without a scope of ours", refused, 403, "insufficient_scope")
    challenge = 'Bearer error="insufficient_scope", scope="codes:read"'
    check.equal("... is told which", refused.headers.get("www-authenticate"), challenge, refused)
    check.status("a token without an organisation", send("GET", code, token("codes:write", None)), 403, "org_mismatch")
    check.status("a token of two organisations", send("GET", code, token("codes:write", ["org_002", "org_003"])), 403, "org_mismatch")
    # The gateway hands over a number as a text, so this is the token of the organisation 42.
    check.status("a token of a numbered organisation", send("GET", code, token("codes:write", 42)), 404, "code_not_found")
    absent = f"{BASE}/rc_00000000"
    without_id = lambda reply: re.sub(r'"request_id":"[^"]*"', "", reply.text)
    for method, body in [("GET", None), ("DELETE", None), ("PUT", {"mentor_id": "usr_4491", "action": "rotate"})]:
        foreign, none = send(method, code, other_org, body), send(method, absent, other_org, body)
        check.status(f"{method} by another organisation", foreign, 404, "code_not_found")
        check.equal("... as if the code were not there", without_id(foreign), without_id(none))
    check.equal("another organisation's list is empty", send("GET", BASE, other_org).json["pagination"]["total"], 0)
    check.status("a list of another organisation", send("GET", f"{BASE}?org_id=org_002", other_org), 403, "org_mismatch")
    taken = send("POST", BASE, other_org, {"mentor_id": "usr_4491", "org_id": "org_003"})
    check.status("a mentor with a code elsewhere", taken, 409, "mentor_in_other_org")
    check.equal("... which is not told", created.json["id"] in taken.text, False, taken)
    check.status("a colleague's code, to a mentor", send("GET", f"{BASE}/{colleague.json['id']}", mentor), 404, "code_not_found")
    for_colleague = send("POST", BASE, mentor, {"mentor_id": "usr_5000", "org_id": "org_002"})
    check.status("a mentor for a colleague", for_colleague, 403, "mentor_mismatch")

    check.heading("tokens that the gateway refuses, on every route")
    bad = {
        "no token": None,
        "no JWT": "secret",
        "an expired token": issuer.token(AUDIENCE, lifetime=-10, scope="codes:admin"),
        "a token that is not valid yet": issuer.token(AUDIENCE, scope="codes:admin", nbf=4102444800),
        "a token for another audience": issuer.token("another-api", scope="codes:admin"),
        "a token of another issuer": stranger.token(AUDIENCE, scope="codes:admin"),
        "a token of another issuer in this one's name": stranger.token(AUDIENCE, scope="codes:admin", iss=issuer.url),
        "a tampered token": tampered(reader, scope="codes:admin"),
        "an unsigned token": unsigned(admin),
    }
    for what, bearer in bad.items():
        calls = [("GET", BASE), ("POST", BASE), ("GET", code), ("PUT", code), ("DELETE", code), ("GET", f"{code}/url")]
        calls += [("GET", f"{BASE}/"), ("HEAD", code), ("DELETE", f"{code}/"), ("GET", DOUBLED), ("GET", f"{BASE}/x/y")]
        statuses = {send(method, path, bearer).status for method, path in calls}
        check.equal(f"{what}: 401", statuses, {401})
    check.equal("nothing has happened to the code", send("GET", code, reader).json, created.json)

    check.heading("what is open")
    # The emulated gateway answers every OPTIONS by itself. So the function gets the preflight's event directly, and the
    # routes below show that no authorizer is in front of it.
    preflight = invoke(stack.outputs["FunctionName"], preflight_event(code), stack.url)
    check.status("a preflight", preflight, 204)
    check.equal("... of a listed origin", preflight.headers.get("access-control-allow-origin"), ORIGIN, preflight)
    check.equal("... of the path's methods", preflight.headers.get("access-control-allow-methods"), "DELETE, GET, HEAD, OPTIONS, PUT")
    read = send("GET", code, reader, headers={"origin": ORIGIN})
    check.equal("an answer that a page may read", read.headers.get("access-control-allow-origin"), ORIGIN, read)
    link = send("GET", f"/r/{created.json['code']}", headers={"accept": "application/json"})
    check.status("a short link, without a token", link, 200)
    told = {"code", "status", "url", "short_url"}
    check.equal("... tells the code and its URLs alone", set(link.json), told, link)
    page = send("GET", f"/r/{created.json['code']}/x", headers={"accept": "text/html"})
    check.equal("a wrong link shows a page", (page.status, page.text[:15]), (404, "<!doctype html>"), page)
    for path in ["/r", "/R", f"/R/{created.json['code']}/x"]:
        check.status(f"{path} asks for no token", send("GET", path), 404)
    check.status("a link in capitals", send("GET", f"/R/{created.json['code']}"), 302)
    check.status("its QR code", send("GET", f"/r/{created.json['code']}.svg"), 200)
    check.status("the description of the API", send("GET", "/openapi.yaml"), 200)
    check.equal("/console asks for no token", send("GET", "/console").status == 401, False)

    check.heading("changes")
    rotated = send("PUT", code, mentor, {"mentor_id": "usr_4491", "action": "rotate"})
    check.status("a mentor rotates the own code", rotated, 200)
    ended = send("DELETE", f"{BASE}/{rotated.json['id']}", writer)
    check.status("the organisation invalidates it", ended, 200)
    check.status("an admin sees the end", send("GET", f"{BASE}/{rotated.json['id']}/url", admin), 410, "code_not_active")
