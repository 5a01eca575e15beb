"""ministack as the cloud of one test: it starts, says where it is, and ends with the test.

Everything listens on loopback only. What it writes is in a folder that is deleted at the end.
"""

import os
import pathlib

from loopback import running

ROOT = pathlib.Path(__file__).resolve().parents[2]
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


def cloud(work):
    """A context with the URL of a running cloud."""
    folders = {"PYTHONPATH": "site", "TMPDIR": "tmp", "S3_DATA_DIR": "s3", "STATE_DIR": "state"}
    for folder in folders.values():
        (work / folder).mkdir()
    (work / "site/sitecustomize.py").write_text(SITECUSTOMIZE)
    settings = {
        "GATEWAY_PORT": "{port}",
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        # The function's role must allow what it does.
        "AUTH": "true",
        # These two would listen on all addresses.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    } | {name: str(work / folder) for name, folder in folders.items()}
    env = environment("http://127.0.0.1:{port}") | settings
    return running("ministack", answers="/_ministack/health", env=env, cwd=work)
