"""Starts the AWS emulator and deploys template.yaml to it, as CloudFormation would.

What differs from a deployment, and why, stands in DIFFERENCES; the rehearsal prints it.
"""

import copy
import io
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile

import boto3
from botocore.config import Config
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

REGION = "us-east-1"
# SAM's transform asks the environment.
os.environ["AWS_DEFAULT_REGION"] = REGION
STACK = "campaigns"
ARTIFACTS = "artifacts"
# Under AUTH the emulator takes this key for the account's root; the functions get sessions of their roles.
ROOT_KEY = "test"

DIFFERENCES = [
    "its stream has one shard and sends no window: RollupFunction is given the setting that names the shard",
    "it takes no routes from an API's OpenAPI body: the same routes and authorizer are given one by one",
    "it speaks plain HTTP: the report bucket refuses that, as it must, and then loses the policy that does",
    "it judges a mail by neither identity nor sender: ReportWorkerRole may send any",
    "it tells nothing of a mail afterwards: a bounce is told to the worker as SES documents it",
    "nothing there is Meta: CampaignsFunction and SenderFunction are given the address of the local stack's stand-in",
    "it knows no alarms over several metrics: those are left out",
    "processor x86_64 and debug binaries instead of arm64 and release ones",
]


class Emulator:
    """A running emulator. Use it in a `with`: it ends with its functions' processes."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="rehearsal."))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def __enter__(self):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            # Its default is every interface of the machine.
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "localhost",
            "GATEWAY_PORT": str(self.port),
            # The roles' policies are judged: a missing permission fails the rehearsal.
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            # Where the functions find every service.
            "AWS_ENDPOINT_URL": self.url,
            "LOG_LEVEL": os.environ.get("REHEARSAL_LOG", "WARNING"),
        }
        command = [str(pathlib.Path(sys.executable).with_name("ministack"))]
        self.log = open(self.home / "emulator.log", "wb")
        # A session of its own, so that its children end with it.
        self.process = subprocess.Popen(
            command, env=environment, stdout=self.log, stderr=self.log, start_new_session=True
        )
        until(lambda: self.healthy(), 60, "the emulator answers")
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.tell_what_failed()
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def tell_what_failed(self):
        """The last lines of the emulator and of the functions' logs."""
        print("\n".join(self.log_lines()[-30:]), file=sys.stderr)
        for group, lines in self.function_logs().items():
            print(group, *lines[-10:], sep="\n  ", file=sys.stderr)

    def function_logs(self):
        """The lines of each log group."""
        logs = self.client("logs")
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        return {
            group: [entry["message"] for entry in logs.filter_log_events(logGroupName=group)["events"]]
            for group in groups
        }

    def log_lines(self):
        return (self.home / "emulator.log").read_text(errors="replace").splitlines()

    def healthy(self):
        if self.process.poll() is not None:
            raise SystemExit("the emulator ended:\n" + "\n".join(self.log_lines()[-20:]))
        try:
            return urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2).status == 200
        except (urllib.error.URLError, OSError):
            return False

    def client(self, service, key=ROOT_KEY, secret=ROOT_KEY):
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
        )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, seconds, what):
    """Waits until `condition()` is true and returns what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise SystemExit(f"not within {seconds} s: {what}")


def deploy(emulator, template_file, binaries, parameters, graph_url):
    """Deploys the template with the programs in a directory of cargo's or SAM's; returns the stack's outputs."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=ARTIFACTS)
    template = yaml_parse(template_file.read_text())
    template["Globals"]["Function"].pop("CodeUri")
    functions = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        binary = resource["Metadata"]["BuildProperties"]["Binary"]
        # Where `sam build` leaves a function's program; `cargo build` leaves it under its own name.
        built = binaries / name / "bootstrap"
        program = built if built.is_file() else binaries / binary
        s3.put_object(Bucket=ARTIFACTS, Key=f"{binary}.zip", Body=zipped(program))
        resource["Properties"]["CodeUri"] = f"s3://{ARTIFACTS}/{binary}.zip"
        functions[name] = binary
    rollup = template["Resources"]["RollupFunction"]["Properties"]
    rollup["Environment"] = {"Variables": {"STREAM_SINGLE_SHARD": "shard-0"}}
    for name in ("CampaignsFunction", "SenderFunction"):
        template["Resources"][name]["Properties"]["Environment"]["Variables"]["GRAPH_URL"] = graph_url

    (policy,) = template["Resources"]["ReportWorkerRole"]["Properties"]["Policies"]
    for statement in policy["PolicyDocument"]["Statement"]:
        if statement["Action"] == "ses:SendRawEmail":
            statement["Resource"] = "*"
            statement.pop("Condition")

    defaults = {
        name: parameter["Default"]
        for name, parameter in template["Parameters"].items()
        if "Default" in parameter
    }
    plain = transform(template, {**defaults, **parameters}, NoManagedPolicies())
    plain.pop("Transform", None)
    plain["Resources"].update(explicit_routes(plain["Resources"]))
    for name in [name for name, resource in plain["Resources"].items() if "Metrics" in resource.get("Properties", {})]:
        del plain["Resources"][name]
    plain = json.loads(json.dumps(plain))
    s3.put_object(Bucket=ARTIFACTS, Key="template.json", Body=json.dumps(plain).encode())

    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=f"{emulator.url}/{ARTIFACTS}/template.json",
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ],
    )

    def finished():
        stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

    stack = until(finished, 90, "the stack is created")
    if stack["StackStatus"] != "CREATE_COMPLETE":
        for event in cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]:
            if "FAILED" in event["ResourceStatus"]:
                print(event["LogicalResourceId"], event.get("ResourceStatusReason"), file=sys.stderr)
        raise SystemExit(f"the stack is {stack['StackStatus']}")
    # A page lists a hundred of them.
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    ids = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources}
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    return functions, ids, outputs, len(plain["Resources"])


class NoManagedPolicies:
    """The template's roles name no policy of others."""

    def load(self):
        return {}


def zipped(binary):
    if not binary.is_file():
        raise SystemExit(f"{binary} is missing: cargo build --workspace --bins --tests")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, binary.read_bytes())
    return content.getvalue()


def explicit_routes(resources):
    """The API's routes as resources of their own, from the OpenAPI body that SAM made; the body goes."""
    api = resources["Api"]["Properties"]
    body = api.pop("Body")
    api.update({"Name": STACK, "ProtocolType": "HTTP"})
    added = {}
    schemes = body["components"]["securitySchemes"]
    for name, scheme in schemes.items():
        authorizer = scheme["x-amazon-apigateway-authorizer"]
        jwt = authorizer["jwtConfiguration"]
        added[f"{name}Authorizer"] = {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "Name": name,
                "AuthorizerType": "JWT",
                "IdentitySource": [authorizer["identitySource"]],
                "JwtConfiguration": {"Issuer": jwt["issuer"], "Audience": jwt["audience"]},
            },
        }
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]
            function = uri["Fn::Sub"].split("${")[-1].split(".")[0]
            added[f"{function}Integration"] = {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": {"Ref": "Api"},
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": {"Fn::GetAtt": [function, "Arn"]},
                    "PayloadFormatVersion": "2.0",
                },
            }
            route = {
                "ApiId": {"Ref": "Api"},
                "RouteKey": path if path == "$default" else f"{method.upper()} {path}",
                "Target": {
                    "Fn::Join": ["/", ["integrations", {"Ref": f"{function}Integration"}]]
                },
            }
            (security,) = [name for entry in operation["security"] for name in entry]
            if security != "NONE":
                route["AuthorizationType"] = "JWT"
                route["AuthorizerId"] = {"Ref": f"{security}Authorizer"}
            added[f"Route{len(added)}"] = {"Type": "AWS::ApiGatewayV2::Route", "Properties": route}
    return copy.deepcopy(added)
