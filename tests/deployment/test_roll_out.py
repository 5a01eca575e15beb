"""Versions and the alias: a change is published and rolled out, and the alias moves back.

The emulated cloud has no CodeDeploy, so roll-outs in steps are untried here: `tests/template/test_translated.py` has what
CloudFormation gets of them.
"""

import json
import re


def changes_are_versions_and_the_alias_moves_back(stack, check):
    before = versions(stack)
    check.equal("the alias leads to the newest version", alias(stack), before[-1])
    check.equal("the maintenance function has an alias too", alias(stack, "MaintenanceFunctionName").isdigit(), True)

    # A parameter of the API alone publishes none: `tests/template` has that.
    stack.deploy(Campaign="PROVE", ThrottleRate="499")
    after = versions(stack)
    check.equal("a parameter of the function publishes one", len(after), len(before) + 1)
    check.equal("... and the alias leads to it", alias(stack), after[-1])
    check.true("... and calls reach it", "-PROVE-" in new_code(stack, "usr_rolled_out"))

    name, live = stack.outputs["FunctionAlias"].split(":")
    stack.client("lambda").update_alias(FunctionName=name, Name=live, FunctionVersion=before[-1])
    check.true("moved back by hand, calls reach the version before", "-VERV-" in new_code(stack, "usr_rolled_back"))
    check.true("... which reads what the later one has written", "-PROVE-" in new_code(stack, "usr_rolled_out"))


URGENT = {"ServerErrors", "UpkeepMissing"}


def alarms_tell_their_topics(stack, check):
    """Deploys over an alias that was moved back by hand."""
    sns, sqs, cloudwatch = stack.client("sns"), stack.client("sqs"), stack.client("cloudwatch")
    urgent, notice = (sns.create_topic(Name=name)["TopicArn"] for name in ("urgent", "notice"))
    queue = sqs.create_queue(QueueName="operators")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    may_send = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [may_send]})})
    sns.subscribe(TopicArn=urgent, Protocol="sqs", Endpoint=arn)
    stack.deploy(UrgentTopicArn=urgent, NoticeTopicArn=notice, Campaign="VERV", ThrottleRate="500")
    check.equal("the next change moves the alias on", alias(stack), versions(stack)[-1])
    essential = alarms_of(stack)
    check.equal("there are the essential alarms", len(essential), 7)
    for name, alarm in essential.items():
        topic = urgent if name in URGENT else notice
        check.equal(f"{name} tells its topic", (alarm["AlarmActions"], alarm["OKActions"]), ([topic], [topic]))
    check.equal("... and no dashboard", "DashboardUrl" in stack.outputs, False)
    name = essential["ServerErrors"]["AlarmName"]
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    # The other alarm tells, too: that all is well.
    messages = []
    for _ in range(10):
        messages += sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        arrived = any(name in message["Body"] for message in messages)
        if arrived:
            break
    check.true("an alarm that goes off arrives there", arrived, messages)

    # The emulated cloud sees no change in a parameter that only conditions name.
    stack.deploy(Alarms="full", ThrottleRate="499")
    check.equal("with Alarms=full there are twice as many", len(alarms_of(stack)), 14)
    dashboards = [each["DashboardName"] for each in cloudwatch.list_dashboards()["DashboardEntries"]]
    shown = stack.outputs["DashboardUrl"].rsplit("/", 1)[1]
    check.true("... and the dashboard of the output", shown in dashboards, dashboards)

    stack.deploy(Alarms="off", UrgentTopicArn="", NoticeTopicArn="")
    check.equal("with Alarms=off there is none", alarms_of(stack), {})
    check.equal("... and no dashboard to link", "DashboardUrl" in stack.outputs, False)


def alarms_of(stack):
    """By the name of their resource."""
    pages = stack.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{stack.name}-")
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    prefix = re.compile(re.escape(stack.name) + "-([A-Za-z]+)-")
    return {match.group(1): alarm for alarm in alarms if (match := prefix.match(alarm["AlarmName"]))}


def versions(stack):
    listed = stack.client("lambda").list_versions_by_function(FunctionName=stack.outputs["FunctionName"])["Versions"]
    return sorted((each["Version"] for each in listed if each["Version"] != "$LATEST"), key=int)


def alias(stack, output="FunctionAlias"):
    name, live = stack.outputs[output].split(":")
    return stack.client("lambda").get_alias(FunctionName=name, Name=live)["FunctionVersion"]


def new_code(stack, mentor):
    return stack.send("POST", stack.base, body={"mentor_id": mentor, "org_id": "org_u"}).json["code"]
