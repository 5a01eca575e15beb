"""The stack with `Access=jwt`: tokens of a local issuer, through the gateway, to the release binary.

What the gateway makes of tokens, and which routes it guards. What the function makes of claims is in `tests/it/access`.
"""

ORIGIN = "https://app.org.no"
BASE = "/api/v1/referral-codes"

# The routes that take no token. All others do.
OPEN_PAGES = ["/openapi.yaml", "/console", "/console/{file}"]
OPEN = {"OPTIONS /{proxy+}", "ANY /r", "ANY /r/{proxy+}", "ANY /R", "ANY /R/{proxy+}"} | {f"{method} {path}" for method in ("GET", "HEAD") for path in OPEN_PAGES}


def routes_are_guarded_but_for_the_open_ones(stack, check):
    routes = stack.client("apigatewayv2").get_routes(ApiId=stack.api_id, MaxResults="100")["Items"]
    by_kind = lambda kind: {route["RouteKey"] for route in routes if route.get("AuthorizationType", "NONE") == kind}
    check.equal("the open routes", by_kind("NONE"), OPEN)
    check.equal("the guarded routes", len(by_kind("JWT")), 13)


def tokens_open_what_their_claims_say(stack, check, issuer):
    send = stack.send

    def token(scope, org, **claims):
        return issuer.token(scope=scope, org_id=org, **claims)

    writer, reader = token("openid codes:write", "org_002"), token("codes:read", "org_002")
    admin, mentor = issuer.admin(), token("codes:write", "org_002", mentor_id="usr_4491")

    check.heading("good tokens")
    created = stack.create("usr_4491", "org_002", writer, mentor_name="Jan")
    check.status("a writer makes a code", created, 201)
    check.true("the gateway's request id is there to quote", created.headers.get("apigw-requestid"), created)
    code, string = f"{BASE}/{created.json['id']}", created.json["code"]
    stack.create("usr_5000", "org_002", writer)
    for who, bearer in {"writer": writer, "reader": reader, "admin": admin, "mentor": mentor}.items():
        check.equal(f"a {who} gets it", send("GET", code, bearer).json, created.json)
    for what, method, path in [("HEAD", "HEAD", code), ("a trailing slash", "GET", f"{BASE}/"), ("the doubled path", "GET", BASE + code)]:
        check.status(f"{what}, through its route or $default", send(method, path, reader), 200)
    for whose, bearer, total in [("organisation", reader, 2), ("mentor", mentor, 1)]:
        check.equal(f"the list is the {whose}'s", send("GET", BASE, bearer).json["pagination"]["total"], total)

    check.heading("tokens that allow less")
    check.status("a reader changes nothing", send("DELETE", code, reader), 403, "insufficient_scope")
    check.status("a mentor for a colleague", stack.create("usr_5000", "org_002", mentor), 403, "mentor_mismatch")

    check.heading("what the gateway refuses, and what is open")
    calls = [("GET", BASE), ("POST", BASE), ("GET", code), ("PUT", code), ("DELETE", code), ("GET", f"{code}/url")]
    calls += [("GET", f"{BASE}/"), ("HEAD", code), ("DELETE", f"{code}/"), ("GET", BASE + BASE), ("GET", f"{BASE}/x/y")]
    for what, bearer in [("no token", None), ("an expired token", issuer.token(lifetime=-10, scope="codes:admin"))]:
        check.equal(f"{what}: 401 on every route", {send(method, path, bearer).status for method, path in calls}, {401})
    read = send("GET", code, reader, headers={"origin": ORIGIN})
    check.equal("a page of a listed origin may read the answer", read.headers.get("access-control-allow-origin"), ORIGIN, read)
    for path, status in [("/r", 404), ("/R", 404), (f"/R/{string}/x", 404), (f"/R/{string}", 302), (f"/r/{string}.svg", 200)]:
        check.status(f"{path} asks for no token", send("GET", path), status)
    for path in ("/openapi.yaml", "/console", "/console/console.js"):
        check.status(f"{path} asks for no token", send("GET", path), 200)

    check.heading("changes")
    rotated = stack.rotate(created.json, mentor)
    check.status("a mentor rotates the own code", rotated, 200)
    new = f"{BASE}/{rotated.json['id']}"
    check.status("the organisation invalidates it", send("DELETE", new, writer), 200)
    check.status("an admin sees the end", send("GET", f"{new}/url", admin), 410, "code_not_active")
