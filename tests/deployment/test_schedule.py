"""The schedule of the upkeep: what it sends to whom, that it is sent, and what it has done.

The emulated cloud looks for schedules that are due every ten seconds, and sends what is declared. It asks no permission of
the schedule's role, so that is asked here: the role may be taken by EventBridge Scheduler, and may invoke the function.
"""

import json
import time

from table import scan

# A minute of the schedule, the ten seconds of the emulated cloud, and as many more.
WAITED = 90


def schedule_is_that_of_the_upkeep(stack, check):
    scheduler = stack.client("scheduler")
    schedules = [scheduler.get_schedule(Name=schedule["Name"]) for schedule in scheduler.list_schedules()["Schedules"]]
    # The function's name and its alias.
    target = f":function:{stack.outputs['MaintenanceFunctionName']}"
    [schedule] = [schedule for schedule in schedules if schedule["Target"]["Arn"].endswith(target)]
    check.equal("it is the parameter's", (schedule["ScheduleExpression"], schedule["State"]), ("rate(1 minute)", "ENABLED"))
    check.equal("it sends an upkeep", json.loads(schedule["Target"]["Input"]), {"maintenance": "upkeep"})
    iam = stack.client("iam")
    role = schedule["Target"]["RoleArn"].rsplit("/", 1)[1]
    trusted = document(iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])["Statement"][0]["Principal"]
    check.equal("EventBridge Scheduler may take its role", trusted, {"Service": ["scheduler.amazonaws.com"]})
    allowed = iam.simulate_principal_policy(
        PolicySourceArn=schedule["Target"]["RoleArn"],
        ActionNames=["lambda:InvokeFunction"],
        ResourceArns=[schedule["Target"]["Arn"]],
    )["EvaluationResults"][0]["EvalDecision"]
    check.equal("the role may invoke the function", allowed, "allowed")


def document(policy):
    return json.loads(policy) if isinstance(policy, str) else policy


def schedule_runs_the_upkeep(stack, check):
    """Waits for the mark of the codes that `codes.fill` has made."""
    dynamodb, table = stack.client("dynamodb"), stack.outputs["TableName"]
    started = time.monotonic()
    lines = []
    while not any(line["marks_written"] for line in lines) and time.monotonic() - started < WAITED:
        time.sleep(2)
        lines = stack.log_lines(stack.outputs["MaintenanceLogGroupName"])
        lines = [line for line in lines if line.get("maintenance") == "upkeep"]
    check.true("its report is in MaintenanceLogGroupName", any(line["marks_written"] for line in lines), lines)
    marks = [item["sk"]["S"] for item in scan(dynamodb, table) if item["pk"]["S"].startswith("marks#")]
    check.true("it has made a page mark", any(mark.endswith("100") for mark in marks), marks)
