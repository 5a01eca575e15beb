"""A deployed stack: what its outputs name, and the ways to call that."""

import base64
import json
import re
import urllib.parse

from cloud import call, client, deploy, outputs


class Stack:
    def __init__(self, name, template, url):
        self.name, self.template, self.url, self.outputs = name, template, url, {}

    def deploy(self, **parameters):
        """`sam deploy` with these parameters. A parameter that is not given stays as it is."""
        deploy(self.template, self.name, parameters, self.url)
        self.outputs = outputs(self.name, self.url)
        return self

    def client(self, service):
        return client(service, self.url)

    @property
    def api_id(self):
        return re.match(r"https://([^.]+)\.execute-api\.", self.outputs["ApiUrl"]).group(1)

    @property
    def base(self):
        """The path of the output ApiUrl."""
        return urllib.parse.urlsplit(self.outputs["ApiUrl"]).path

    @property
    def gateway(self):
        """Where the emulated cloud serves the host of the output ApiUrl."""
        return f"{self.url}/_aws/execute-api/{self.api_id}"

    def send(self, method, path, token=None, body=None, headers=None):
        """One HTTP call through the gateway."""
        return call(method, self.gateway + path, token, body, headers)

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
        function = outputs(self.name, self.url)["FunctionName"]
        return self.client("lambda").get_function_concurrency(FunctionName=function).get("ReservedConcurrentExecutions") == 0

    def log_lines(self, group):
        """The JSON lines in a log group."""
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        messages = [event["message"] for page in pages for event in page["events"]]
        return [json.loads(message) for message in messages if message.startswith("{")]
