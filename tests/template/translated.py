"""The template as CloudFormation gets it: both transforms applied for given parameters, on this machine.

`AWS::LanguageExtensions` is ministack's, which follows AWS's; `AWS::Serverless` is AWS's own translator, the code that runs
behind CloudFormation.
"""

import copy
import logging
import os
import pathlib
import re
from types import SimpleNamespace

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-north-1")
logging.getLogger("samtranslator").setLevel(logging.ERROR)

from ministack.services.cloudformation import engine, language_extensions  # noqa: E402
from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

TEMPLATE = yaml_parse((pathlib.Path(__file__).parents[2] / "template.yaml").read_text())
FUNCTIONS = ["Function", "MaintenanceFunction"]


def translated(code="s3://bucket/code", **parameters):
    """The translated template. `code` is where the built program is."""
    template = copy.deepcopy(TEMPLATE)
    for function in of_type(template, "AWS::Serverless::Function").values():
        function["Properties"]["CodeUri"] = code
    values = {name: str(parameter["Default"]) for name, parameter in template["Parameters"].items()} | parameters
    template = language_extensions.apply(template, values)
    # The rest is resolved by CloudFormation itself; SAM gets the parameters to look at.
    return transform(template, dict(parameters), SimpleNamespace(load=lambda: {}))


def resolved(value, own_table="own-table", **parameters):
    """A value of the template as CloudFormation resolves it for given parameters."""
    values = {name: {"Default": parameter["Default"]} for name, parameter in TEMPLATE["Parameters"].items()}
    values = {name: {"Value": str(parameters.get(name, each["Default"]))} for name, each in values.items()}
    conditions = engine._evaluate_conditions(TEMPLATE, values)
    resources = {"Table": {"PhysicalResourceId": own_table, "ResourceType": "AWS::DynamoDB::Table"}}
    return engine._resolve_refs(value, resources, values, conditions, TEMPLATE["Mappings"], "stack", "id")


def of_type(template, kind):
    return {name: resource for name, resource in template["Resources"].items() if resource["Type"] == kind}


def parameters_in(value, conditions=TEMPLATE["Conditions"]):
    """The parameters that a value depends on, through conditions too."""
    found = set()

    def look(value):
        if isinstance(value, list):
            for each in value:
                look(each)
        elif isinstance(value, dict):
            for key, each in value.items():
                if key == "Ref":
                    found.add(each)
                elif key == "Fn::Sub":
                    found.update(re.findall(r"\$\{(\w+)\}", each if isinstance(each, str) else each[0]))
                elif key == "Fn::If":
                    look(conditions[each[0]])
                elif key == "Condition" and isinstance(each, str):
                    look(conditions[each])
                look(each)

    look(value)
    return found & set(TEMPLATE["Parameters"])
