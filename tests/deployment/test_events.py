"""Events of codes: what `EventBusName` deploys, and what the function makes of the records that the table's stream has.

The emulated cloud's pipe delivers nothing to a bus or through an enrichment, so the test reads the stream itself and invokes the
function as the pipe would. The patterns of the pipe are the matter of `tests/it/events.rs`.
"""

import json

from stack import document

RESOURCES = {"EventFunction", "EventPipe", "EventPipeRole", "LostEvents"}


def resources_of(stack):
    """The names of what the stack has made of events, by the name of their resource."""
    described = stack.client("cloudformation").describe_stack_resources(StackName=stack.name)["StackResources"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in described if each["LogicalResourceId"] in RESOURCES}


def records_of(stack, stream):
    """All records, as JSON: the SDK makes a time of a number."""
    streams = stack.client("dynamodbstreams")
    for shard in streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]:
        start = {"StreamArn": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.get_shard_iterator(**start)["ShardIterator"]
        for record in streams.get_records(ShardIterator=iterator)["Records"]:
            yield json.loads(json.dumps(record, default=lambda moment: moment.timestamp()))


def events_are_made_if_a_bus_is_named(stack, check, token):
    send, base, iam = stack.send, stack.base, stack.client("iam")
    table = lambda: stack.client("dynamodb").describe_table(TableName=stack.outputs["TableName"])["Table"]
    check.equal("by default nothing of it is there", (resources_of(stack), table().get("LatestStreamArn")), ({}, None))
    # The emulated cloud sees no change in a parameter that only conditions name.
    stack.deploy(EventBusName="default", ThrottleRate="499")
    names, stream = resources_of(stack), table()["LatestStreamArn"]
    check.equal("with a bus all of it is", set(names), RESOURCES)
    check.equal("the stream has both images", table()["StreamSpecification"]["StreamViewType"], "NEW_AND_OLD_IMAGES")
    pipe = stack.client("pipes").describe_pipe(Name=names["EventPipe"])
    ends = (pipe["CurrentState"], pipe["Source"], pipe["Target"].rsplit(":", 1)[1])
    check.equal("the pipe leads from the stream to the bus", ends, ("RUNNING", stream, "event-bus/default"))

    first = send("POST", base, token, {"mentor_id": "usr_told", "org_id": "org_e"}).json
    second = send("PUT", f"{base}/{first['id']}", token, {"mentor_id": "usr_told", "action": "rotate"}).json
    send("DELETE", f"{base}/{second['id']}", token)
    records = [record for record in records_of(stack, stream) if record["dynamodb"]["Keys"]["sk"]["S"] == "record"]
    events, log = stack.invoke(names["EventFunction"], records)
    told = [(event["type"], event["id"], event.get("previous_id")) for event in events]
    expected = [
        ("code.created", first["id"], None),
        ("code.rotated", second["id"], first["id"]),
        ("code.invalidated", second["id"], None),
    ]
    check.equal("the function tells of each change once", told, expected, log)
    check.equal("... in the same words when it is asked again", stack.invoke(names["EventFunction"], records)[0], events)
    check.equal("... and never of the mentor", "usr_told" in json.dumps(events), False)
    refused, _ = stack.invoke(names["EventFunction"], {"maintenance": "audit"})
    check.equal("what is no record is refused", refused.get("errorType"), "UnreadableRecords")

    role = iam.get_role(RoleName=names["EventPipeRole"])["Role"]
    trusted = document(role["AssumeRolePolicyDocument"])["Statement"][0]["Principal"]
    check.equal("EventBridge Pipes may take the pipe's role", trusted, {"Service": "pipes.amazonaws.com"})
    function = stack.client("lambda").get_function_configuration(FunctionName=names["EventFunction"])
    queue = stack.client("sqs").get_queue_attributes(QueueUrl=names["LostEvents"], AttributeNames=["QueueArn"])
    queue, table_arn = queue["Attributes"]["QueueArn"], table()["TableArn"]
    may = {"dynamodb:GetRecords": stream, "lambda:InvokeFunction": function["FunctionArn"], "events:PutEvents": pipe["Target"], "sqs:SendMessage": queue}
    for action, resource in may.items():
        check.equal(f"the pipe's role allows {action}", decision(iam, role["Arn"], action, resource), "allowed")
    for action in ("dynamodb:GetItem", "dynamodb:Scan", "dynamodb:PutItem"):
        both = [decision(iam, arn, action, table_arn) for arn in (role["Arn"], function["Role"])]
        check.equal(f"... and neither role {action} of the table", both, ["implicitDeny"] * 2)

    # As after a restore. The own table may be named, too.
    name, label = stack.outputs["TableName"], table()["LatestStreamLabel"]
    stack.deploy(RestoredTableName=name, RestoredStreamLabel=label)
    pipe = stack.client("pipes").describe_pipe(Name=resources_of(stack)["EventPipe"])
    check.equal("the label of a named table's stream leads the pipe there", pipe["Source"], stream)


def decision(iam, role, action, resource):
    asked = {"PolicySourceArn": role, "ActionNames": [action], "ResourceArns": [resource]}
    return iam.simulate_principal_policy(**asked)["EvaluationResults"][0]["EvalDecision"]
