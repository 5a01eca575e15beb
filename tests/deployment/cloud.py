"""ministack as the cloud of one test: it starts, says where it is, and ends with the test.

Everything listens on loopback only. What it writes is in a folder that is deleted at the end.
"""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

import botocore.session

REGION = "eu-north-1"

# ministack answers each call on a new connection with Nagle's algorithm on, which costs 40 ms a call. And its CloudFormation
# refuses an alarm on metric math. No alarm watches anything there, so such an alarm is made of its first metric.
SITECUSTOMIZE = """
import socketserver
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

from ministack.services.cloudformation import provisioners
of_one_metric = provisioners._cw_metric_alarm_record

def of_first_metric(name, properties):
    metrics = [each["MetricStat"] for each in properties.get("Metrics", []) if "MetricStat" in each]
    if metrics:
        rest = {key: value for key, value in properties.items() if key != "Metrics"}
        properties = rest | metrics[0]["Metric"] | {"Period": metrics[0]["Period"], "Statistic": metrics[0]["Stat"]}
    return of_one_metric(name, properties)

provisioners._cw_metric_alarm_record = of_first_metric
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def environment(url):
    """What a client of the cloud needs, and nothing of this machine's own AWS account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "SAM_CLI_TELEMETRY": "0",
    }


@contextlib.contextmanager
def cloud(work: pathlib.Path):
    """Yields the URL of a running cloud."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    site = work / "site"
    for folder in (site, work / "tmp", work / "s3", work / "state"):
        folder.mkdir(parents=True)
    (site / "sitecustomize.py").write_text(SITECUSTOMIZE)
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        # The function's role must allow what it does.
        "AUTH": "true",
        # These two would listen on all addresses.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(work / "tmp"),
        "S3_DATA_DIR": str(work / "s3"),
        "STATE_DIR": str(work / "state"),
        "PYTHONPATH": str(site),
    }
    with open(work / "ministack.log", "w") as log:
        process = subprocess.Popen(["ministack"], env=environment(url) | settings, stdout=log, stderr=log, cwd=work)
    try:
        wait_until_healthy(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_healthy(url, process):
    for _ in range(120):
        if process.poll() is not None:
            raise SystemExit(f"ministack ended with {process.returncode}; its log is above")
        try:
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    raise SystemExit("ministack does not get healthy in 60 s")


def deploy(template: pathlib.Path, stack, parameters, url):
    """`sam deploy`, as an operator does it. The first one in a cloud must be alone: it makes a bucket for all."""
    command = ["sam", "deploy", "--template-file", str(template), "--stack-name", stack, "--resolve-s3"]
    command += ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"]
    # In quotation marks, since the SAM CLI splits a value at its blanks.
    command += ["--region", REGION, "--parameter-overrides", *(f'{name}="{value}"' for name, value in parameters.items())]
    # The repository's samconfig.toml is for real accounts.
    done = subprocess.run(command, env=environment(url), cwd=template.parent, text=True, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"sam deploy failed:\n{done.stdout}\n{done.stderr}")


def client(service, url):
    """A client of the cloud's control plane."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return botocore.session.Session().create_client(service, region_name=REGION, endpoint_url=url, **keys)


def outputs(stack, url):
    described = client("cloudformation", url).describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def routes(api_id, url):
    """Each route of the API, and how it authorizes."""
    listed = client("apigatewayv2", url).get_routes(ApiId=api_id, MaxResults="100")["Items"]
    return {route["RouteKey"]: route.get("AuthorizationType", "NONE") for route in listed}


def invoke(function, event, url):
    """The function's answer to an event, past the gateway."""
    answer = client("lambda", url).invoke(FunctionName=function, Payload=json.dumps(event))
    answer = json.loads(answer["Payload"].read())
    return Reply(answer["statusCode"], answer["headers"], (answer.get("body") or "").encode())


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.text = status, {k.lower(): v for k, v in headers.items()}, body.decode()

    @property
    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f"{self.status} {self.headers} {self.text}"


class NotFollowed(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NotFollowed)


def call(method, url, token=None, body=None, headers=None):
    """One HTTP call to the API."""
    request = urllib.request.Request(url, method=method, headers=dict(headers or {}))
    if token is not None:
        request.add_header("authorization", f"Bearer {token}")
    if body is not None:
        request.add_header("content-type", "application/json")
        request.data = json.dumps(body).encode()
    try:
        with OPENER.open(request, timeout=60) as answer:
            return Reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as answer:
        return Reply(answer.code, answer.headers, answer.read())
