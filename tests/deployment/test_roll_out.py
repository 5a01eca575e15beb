"""Versions and the alias: a change is published and rolled out, and the alias moves back.

The emulated cloud has no CodeDeploy, so roll-outs in steps are untried here: `tests/template/test_translated.py` has what
CloudFormation gets of them.
"""

import re


def changes_are_versions_and_the_alias_moves_back(stack, check):
    before = versions(stack)
    check.equal("the alias leads to the newest version", alias(stack), before[-1])
    check.equal("the maintenance function has an alias too", alias(stack, "MaintenanceFunctionName").isdigit(), True)

    # A parameter of the API alone publishes none: `tests/template` has that.
    urgent, notice = (stack.client("sns").create_topic(Name=name)["TopicArn"] for name in ("urgent", "notice"))
    stack.deploy(Campaign="PROVE", Alarms="full", UrgentTopicArn=urgent, NoticeTopicArn=notice)
    after = versions(stack)
    check.equal("a parameter of the function publishes one", len(after), len(before) + 1)
    check.equal("... and the alias leads to it", alias(stack), after[-1])
    reached = stack.create("usr_rolled_out").json["code"]
    check.true("... and calls reach it", "-PROVE-" in reached, reached)
    alarms = alarms_of(stack)
    told = {name for name, alarm in alarms.items() if alarm["AlarmActions"] == alarm["OKActions"] == [urgent]}
    check.equal("the alarms are there, and tell their topics", (len(alarms), told), (14, URGENT))
    dashboards = [each["DashboardName"] for each in stack.client("cloudwatch").list_dashboards()["DashboardEntries"]]
    check.true("... and so is the dashboard of the output", stack.outputs["DashboardUrl"].rsplit("/", 1)[1] in dashboards, dashboards)

    name, live = stack.outputs["FunctionAlias"].split(":")
    stack.client("lambda").update_alias(FunctionName=name, Name=live, FunctionVersion=before[-1])
    back = stack.create("usr_rolled_back").json["code"]
    check.true("moved back by hand, calls reach the version before", "-VERV-" in back, back)
    check.equal("... which reads what the later one has written", stack.create("usr_rolled_out").json["code"], reached)
    stack.deploy(Campaign="VERV", Alarms="off", UrgentTopicArn="", NoticeTopicArn="")
    check.equal("the next change moves the alias on", alias(stack), versions(stack)[-1])
    check.equal("with Alarms=off there is no alarm, and no dashboard", (alarms_of(stack), "DashboardUrl" in stack.outputs), ({}, False))


URGENT = {"ServerErrors", "UpkeepMissing"}


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
