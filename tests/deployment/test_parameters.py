"""A changed parameter is a stack update, and takes effect in the next call."""

import re


def changed_parameters_take_effect(stack, check):
    before = stack.send("POST", stack.base, body={"mentor_id": "usr_before", "org_id": "org_u"})
    check.equal("without CodeValidDays a code does not expire", before.json["expires_at"], None)
    check.true("its campaign is the default", re.fullmatch(r"[A-Z]+-VERV-[0-9A-F]{4}", before.json["code"]), before)
    stack.deploy(CodeValidDays="30", Campaign="TREKK")
    after = stack.send("POST", stack.base, body={"mentor_id": "usr_after", "org_id": "org_u"})
    check.true("with CodeValidDays=30 a new code expires", after.json["expires_at"], after)
    check.true("with Campaign=TREKK its string has it", "-TREKK-" in after.json["code"], after)
    same = stack.send("GET", f"{stack.base}/{before.json['id']}")
    check.equal("a code that was made before is as it was", same.json, before.json)
    stack.deploy(CodeValidDays="", Campaign="VERV")
    back = stack.send("POST", stack.base, body={"mentor_id": "usr_back", "org_id": "org_u"})
    check.equal("back again, a new code does not expire", (back.json["expires_at"], "-VERV-" in back.json["code"]), (None, True))
