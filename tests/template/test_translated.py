"""What CloudFormation gets of the template: aliases and versions, roll-outs in steps, tracing. `just template` runs it.

    python3 tests/template/test_translated.py

This Python needs `aws-sam-translator` and `ministack`.
"""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from translated import FUNCTIONS, TEMPLATE, of_type, parameters_in, resolved, translated  # noqa: E402

IN_STEPS = [way for way in TEMPLATE["Parameters"]["RollOut"]["AllowedValues"] if way != "AllAtOnce"]


def fingerprint(function):
    """The parameters whose change is a change of the function: the second text of its `Description`."""
    select = TEMPLATE["Resources"][function]["Properties"]["Description"]["Fn::Select"]
    return select[1][1]["Fn::ToJsonString"]


# Of the function's role, its schedule, its log group, its roll-out and its concurrency, no version holds anything.
IN_NO_VERSION = ["Policies", "Events", "EventInvokeConfig", "DeploymentPreference"]


def version(function, **arguments):
    """The logical id of the function's version. CloudFormation publishes a version for each new one."""
    versions = of_type(translated(**arguments), "AWS::Lambda::Version")
    [name] = [name for name, each in versions.items() if each["Properties"]["FunctionName"] == {"Ref": function}]
    return name


def another_value(parameter):
    """A value of the parameter that is not its default."""
    definition = TEMPLATE["Parameters"][parameter]
    values = definition.get("AllowedValues", ["1", "17", "X"])
    return str(next(value for value in values if str(value) != str(definition["Default"])))


class Versions(unittest.TestCase):
    def test_every_parameter_of_a_function_makes_a_new_version_and_no_other_does(self):
        for function in FUNCTIONS:
            properties = dict(TEMPLATE["Resources"][function]["Properties"])
            description = properties.pop("Description")["Fn::Select"][1][0]
            for other in IN_NO_VERSION:
                properties.pop(other, None)
            used = parameters_in([properties, description])
            self.assertEqual(set(fingerprint(function)), used, f"{function}: the text in its Description")
            before = version(function)
            for parameter in TEMPLATE["Parameters"]:
                after = version(function, **{parameter: another_value(parameter)})
                self.assertEqual(after != before, parameter in used, f"{function}, {parameter}")

    def test_other_code_alone_makes_a_new_version_and_the_old_one_stays(self):
        for function in FUNCTIONS:
            self.assertEqual(version(function), version(function))
            self.assertNotEqual(version(function), version(function, code="s3://bucket/other"))
            for name, value in fingerprint(function).items():
                self.assertEqual(value, {"Ref": name})
        for name, each in of_type(translated(), "AWS::Lambda::Version").items():
            self.assertEqual(each["DeletionPolicy"], "Retain", name)

    def test_every_new_version_has_something_new(self):
        """Lambda refuses a version that is as the last one. A table can be named by its parameter as it is named without."""
        for function in FUNCTIONS:
            properties = dict(TEMPLATE["Resources"][function]["Properties"])
            properties["Description"] = properties["Description"]["Fn::Select"][1][0]
            for other in [*IN_NO_VERSION, "ReservedConcurrentExecutions"]:
                properties.pop(other, None)
            changes = {name: another_value(name) for name in fingerprint(function)} | {"RestoredTableName": "own-table"}
            for name, value in changes.items():
                before, after = resolved(properties), resolved(properties, **{name: value})
                self.assertNotEqual(before, after, f"{function}: {name}={value}")

    def test_shown_description_is_the_text_alone(self):
        """CloudFormation drops the other one, and Lambda takes 256 characters."""
        for function in FUNCTIONS:
            select = translated()["Resources"][function]["Properties"]["Description"]["Fn::Select"]
            self.assertEqual(select[0], 0)
            shown = resolved(select[1][0], RestoredTableName="t" * 255, ReservedConcurrency="100000")
            self.assertNotIn("{", shown)
            self.assertLessEqual(len(shown), 256)


class Aliases(unittest.TestCase):
    def test_whatever_calls_a_function_calls_its_alias(self):
        resources = translated()["Resources"]
        alias = {"Ref": "FunctionAliaslive"}
        self.assertEqual(resources["ApiPermission"]["Properties"]["FunctionName"], alias)
        self.assertEqual(resources["Integration"]["Properties"]["IntegrationUri"]["Fn::Sub"][1], {"Alias": alias})
        [schedule] = of_type({"Resources": resources}, "AWS::Scheduler::Schedule").values()
        self.assertEqual(schedule["Properties"]["Target"]["Arn"], {"Ref": "MaintenanceFunctionAliaslive"})
        # And the role of the schedule may call nothing else.
        [policy] = resources["MaintenanceFunctionUpkeepRole"]["Properties"]["Policies"]
        [statement] = policy["PolicyDocument"]["Statement"]
        self.assertEqual(statement["Resource"], {"Ref": "MaintenanceFunctionAliaslive"})
        [invoke] = of_type({"Resources": resources}, "AWS::Lambda::EventInvokeConfig").values()
        self.assertEqual(invoke["Properties"]["Qualifier"], "live")

    def test_two_stacks_in_an_account_name_nothing_alike(self):
        """A resource with a name of its own could be there once only."""
        for name, resource in translated()["Resources"].items():
            for key in ("Name", "FunctionName", "TableName", "LogGroupName", "RoleName", "AlarmName", "DashboardName"):
                value = resource["Properties"].get(key)
                is_alias = resource["Type"] == "AWS::Lambda::Alias" and key == "Name"
                is_authorizer = resource["Type"] == "AWS::ApiGatewayV2::Authorizer"
                if isinstance(value, str) and not is_alias and not is_authorizer:
                    self.fail(f"{name} has the name {value}")


class RollOuts(unittest.TestCase):
    def test_at_once_is_without_codedeploy(self):
        template = translated(RollOut="AllAtOnce")
        kinds = {resource["Type"] for resource in template["Resources"].values()}
        self.assertEqual([kind for kind in kinds if "CodeDeploy" in kind], [])
        for alias in of_type(template, "AWS::Lambda::Alias").values():
            self.assertNotIn("UpdatePolicy", alias)

    def test_in_steps_goes_through_codedeploy_and_back_at_an_alarm(self):
        self.assertTrue(IN_STEPS)
        for way in IN_STEPS:
            resources = translated(RollOut=way)["Resources"]
            update = resources["FunctionAliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
            self.assertEqual(update["DeploymentGroupName"], {"Ref": "FunctionDeploymentGroup"})
            group = resources["FunctionDeploymentGroup"]["Properties"]
            config = group["DeploymentConfigName"]["Fn::Sub"]
            self.assertEqual(config, ["CodeDeployDefault.Lambda${ConfigName}", {"ConfigName": way}])
            self.assertTrue(group["AutoRollbackConfiguration"]["Enabled"])
            self.assertIn("DEPLOYMENT_STOP_ON_ALARM", group["AutoRollbackConfiguration"]["Events"])
            condition, alarms, without = group["AlarmConfiguration"]["Fn::If"]
            self.assertEqual((condition, without), ("HasAlarms", {}))
            names = [alarm["Name"]["Ref"] for alarm in alarms["Alarms"]]
            self.assertEqual(names, ["ServerErrors", "FunctionErrors", "Faults"])
            self.assertTrue(all(resources[name]["Type"] == "AWS::CloudWatch::Alarm" for name in names))
            # The maintenance function has no callers to be careful with.
            self.assertNotIn("UpdatePolicy", resources["MaintenanceFunctionAliaslive"])

    def test_alarms_that_stop_a_roll_out_go_off_within_the_shortest_one(self):
        """Five minutes: that is how long `Canary10Percent5Minutes` watches."""
        resources = TEMPLATE["Resources"]
        for alarm in TEMPLATE["Resources"]["Function"]["Properties"]["DeploymentPreference"]["Alarms"]["Fn::If"][1]:
            properties = resources[alarm["Ref"]]["Properties"]
            points = properties.get("DatapointsToAlarm", properties["EvaluationPeriods"])
            self.assertLessEqual(properties["Period"] * points, 240, alarm)

    def test_roll_out_needs_no_circle(self):
        """The alias waits for the deployment group, and that for the alarms: none of them may wait for the alias."""
        resources = translated(RollOut=IN_STEPS[0])["Resources"]

        names, waiting = "|".join(resources), {}
        for name, resource in resources.items():
            named = re.findall(rf"(?:'Ref': '|'Fn::GetAtt': \[?'|\$\{{)({names})\b", str(resource))
            waiting[name] = {*named, *re.findall(rf"\b(?:{names})\b", str(resource.get("DependsOn")))}
        while waiting:
            ready = {name for name, others in waiting.items() if not others & waiting.keys()}
            self.assertTrue(ready, f"these wait for each other: {sorted(waiting)}")
            waiting = {name: others for name, others in waiting.items() if name not in ready}

    def test_rules_refuse_steps_without_alarms_and_alarms_without_lines(self):
        rules = TEMPLATE["Rules"]
        steps, alarms = rules["StepsNeedAlarms"], rules["AlarmsNeedTheLines"]
        are_on = {"Fn::Not": [{"Fn::Equals": [{"Ref": "Alarms"}, "off"]}]}
        self.assertEqual(steps["Assertions"][0]["Assert"], are_on)
        self.assertEqual(alarms["RuleCondition"], are_on)
        self.assertEqual(alarms["Assertions"][0]["Assert"], {"Fn::Equals": [{"Ref": "LogLevel"}, "INFO"]})

    def test_rule_refuses_events_of_a_restored_table_without_its_stream(self):
        """The pipe would stay at the stack's own table, where nothing changes any more."""
        rule = TEMPLATE["Rules"]["EventsNeedTheStreamInUse"]
        is_set = lambda parameter: {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}
        self.assertEqual(rule["RuleCondition"], {"Fn::And": [is_set("EventBusName"), is_set("RestoredTableName")]})
        self.assertEqual([each["Assert"] for each in rule["Assertions"]], [is_set("RestoredStreamLabel")])

    def test_every_way_says_whether_it_uses_codedeploy(self):
        ways = TEMPLATE["Mappings"]["RollOut"]
        self.assertEqual(list(ways), TEMPLATE["Parameters"]["RollOut"]["AllowedValues"])
        self.assertEqual([way for way, uses in ways.items() if not uses["UsesCodeDeploy"]], ["AllAtOnce"])


class Tracing(unittest.TestCase):
    XRAY = "AWSXrayWriteOnlyAccess"

    def test_traces_and_their_permission_are_there_if_asked_for(self):
        for wanted in ("Active", "Disabled"):
            resources = translated(Tracing=wanted)["Resources"]
            for function in FUNCTIONS:
                properties = resources[function]["Properties"]
                policies = str(resources[f"{function}Role"]["Properties"]["ManagedPolicyArns"])
                self.assertEqual("TracingConfig" in properties, wanted == "Active", function)
                self.assertEqual(self.XRAY in policies, wanted == "Active", function)


if __name__ == "__main__":
    unittest.main()
