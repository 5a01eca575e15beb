"""What `sam deploy` refuses, and the deletion of a stack."""

from cloud import ROOT
from loopback import wait_for


def production_profile_is_refused_as_it_is_shipped(stack, check):
    """With the issuer of nobody. Each value of each setting is compared in `tests/it/parameters.rs`."""
    production = ["--config-file", str(ROOT / "samconfig.toml"), "--config-env", "production", "--stack-name", "as-shipped"]
    done = stack.sam_deploy(*production)
    is_told = "JwtIssuer' must be the issuer of your tokens" in done.stdout
    check.true("the production profile is refused as it is shipped, and is told why", done.returncode != 0 and is_told, done.stdout)


def table_outlives_its_stack(stack, check):
    cloudformation, before = stack.client("cloudformation"), stack.table.scan()
    check.true("the table has codes", len(before) > 3, len(before))
    cloudformation.delete_stack(StackName=stack.name)

    def is_deleted():
        stacks = cloudformation.list_stacks()["StackSummaries"]
        return [other["StackStatus"] for other in stacks if other["StackName"] == stack.name][0] == "DELETE_COMPLETE"

    check.true("the stack is deleted", wait_for(is_deleted, 30))
    check.equal("every item is still there", stack.table.scan(), before)
    functions = {function["FunctionName"] for function in stack.client("lambda").list_functions()["Functions"]}
    own = {stack.outputs["FunctionName"], stack.outputs["MaintenanceFunctionName"]}
    check.equal("the functions are gone", functions & own, set())
    check.true("the API is gone", stack.send("GET", stack.base).status >= 400)
