"""A changed parameter is a stack update, and takes effect in the next call."""


def changed_parameters_take_effect(stack, check):
    before = stack.send("POST", stack.base, body={"mentor_id": "usr_before", "org_id": "org_u"})
    check.equal("without CodeValidDays a code does not expire", before.json["expires_at"], None)
    stack.deploy(CodeValidDays="30", JoinUrlBase="https://join.example")
    after = stack.send("POST", stack.base, body={"mentor_id": "usr_after", "org_id": "org_u"})
    check.true("with CodeValidDays=30 a new code expires", after.json["expires_at"], after)
    check.equal("with JoinUrlBase its URL is there", after.json["url"], f"https://join.example?ref={after.json['code']}")
    same = stack.send("GET", f"{stack.base}/{before.json['id']}").json
    kept = {name: value for name, value in before.json.items() if name != "url"}
    check.equal("a code that was made before is as it was", {name: same[name] for name in kept}, kept)
