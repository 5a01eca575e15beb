"""A deleted stack leaves its table, with all codes, and nothing else."""

import time

from table import scan


def table_outlives_its_stack(stack, check):
    cloudformation, dynamodb = stack.client("cloudformation"), stack.client("dynamodb")
    table = stack.outputs["TableName"]
    before = scan(dynamodb, table)
    check.true("the table has codes", len(before) > 3, len(before))
    cloudformation.delete_stack(StackName=stack.name)
    for _ in range(60):
        stacks = cloudformation.list_stacks()["StackSummaries"]
        status = [other["StackStatus"] for other in stacks if other["StackName"] == stack.name][0]
        if not status.endswith("IN_PROGRESS"):
            break
        time.sleep(0.5)
    check.equal("the stack is deleted", status, "DELETE_COMPLETE")
    check.equal("every item is still there", sorted(scan(dynamodb, table), key=str), sorted(before, key=str))
    functions = {function["FunctionName"] for function in stack.client("lambda").list_functions()["Functions"]}
    own = {stack.outputs["FunctionName"], stack.outputs["MaintenanceFunctionName"]}
    check.equal("the functions are gone", functions & own, set())
    check.true("the API is gone", stack.send("GET", stack.base).status >= 400)
