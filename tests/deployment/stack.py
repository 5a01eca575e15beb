"""A deployed stack: what its outputs name, and the ways to call that."""

import base64
import functools
import json
import re
import subprocess
import urllib.parse

import botocore.session

from cloud import REGION, environment
from loopback import call
from table import Table


def document(policy):
    """A policy as IAM has it: some clients give a text."""
    return json.loads(policy) if isinstance(policy, str) else policy


class Stack:
    def __init__(self, name, template, url):
        self.name, self.template, self.url, self.outputs = name, template, url, {}

    def sam_deploy(self, *arguments):
        """`sam deploy` with these arguments. The first one in a cloud must be alone: it makes a bucket for all."""
        command = ["sam", "deploy", "--template-file", str(self.template), "--region", REGION, *arguments]
        # The repository's samconfig.toml is for real accounts.
        options = {"cwd": self.template.parent, "text": True, "input": "n\n"}
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.run(command, env=environment(self.url), **options)

    def deploy(self, **parameters):
        """Deploys with these parameters. One that is not given stays as it is."""
        # In quotation marks, since the SAM CLI splits a value at its blanks.
        overrides = [f'{name}="{value}"' for name, value in parameters.items()]
        options = ["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"]
        done = self.sam_deploy("--stack-name", self.name, *options, "--parameter-overrides", *overrides)
        if done.returncode != 0:
            raise RuntimeError(f"sam deploy failed:\n{done.stdout}")
        self.look()

    def look(self):
        """Takes the outputs anew."""
        described = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}

    @functools.cache
    def client(self, service):
        """A client of the cloud's control plane."""
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return botocore.session.Session().create_client(service, region_name=REGION, endpoint_url=self.url, **keys)

    @property
    def table(self):
        """The table that the functions use."""
        return Table(self.client("dynamodb"), self.outputs["TableName"])

    @property
    def api_id(self):
        return re.match(r"https://([^.]+)\.execute-api\.", self.outputs["ApiUrl"]).group(1)

    @property
    def base(self):
        """The path of the output ApiUrl."""
        return urllib.parse.urlsplit(self.outputs["ApiUrl"]).path

    def send(self, method, path, token=None, body=None, headers=None):
        """One HTTP call through the gateway."""
        return call(method, f"{self.url}/_aws/execute-api/{self.api_id}{path}", token, body, headers)

    def create(self, mentor, org="org_u", token=None, **more):
        return self.send("POST", self.base, token, {"mentor_id": mentor, "org_id": org, **more})

    def rotate(self, code, token=None):
        body = {"mentor_id": code["mentor_id"], "action": "rotate"}
        return self.send("PUT", f"{self.base}/{code['id']}", token, body)

    def maintain(self, **command):
        """What the maintenance function answers to a command: its report, or its error."""
        return self.invoke(self.outputs["MaintenanceFunctionName"], command)[0]

    def invoke(self, function, event):
        """A function's answer, and the end of its log."""
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event), LogType="Tail")
        log = base64.b64decode(answer.get("LogResult", "")).decode()
        return json.loads(answer["Payload"].read()), log

    def calls_are_stopped(self):
        """Whether Lambda runs the function behind the API no longer."""
        self.look()
        concurrency = self.client("lambda").get_function_concurrency(FunctionName=self.outputs["FunctionName"])
        return concurrency.get("ReservedConcurrentExecutions") == 0

    def log_lines(self, output):
        """The JSON lines in the log group of this output."""
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=self.outputs[output])
        messages = [event["message"] for page in pages for event in page["events"]]
        return [json.loads(message) for message in messages if message.startswith("{")]
