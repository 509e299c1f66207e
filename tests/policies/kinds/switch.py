"""A switch that doesn't switch: code that is never reached, other clients, a function that is not called."""

from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, new, ref, several, with_
from tests.policies.mutants.functions import package

Place = Callable[[Document], tuple[str, ...]]
FUNCTION = ("aws_lambda_function", "switching_switch")
ALL = """
def move(event):
    elbv2.describe_listeners(); elbv2.modify_listener(ListenerArn="x", DefaultActions=[])
    ssm.put_parameter(Name="x", Value="green", Overwrite=True)
"""
HEAD = 'import os, sys, boto3\nelbv2, ssm = boto3.client("elbv2"), boto3.client("ssm")\n' + ALL


def code(text: str, **more: str) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        package({"index.py": text, **{name.replace("__", "/") + ".py": part for name, part in more.items()}})(
            document
        )
        return (f"aws_lambda_function.{name_like(document, *FUNCTION)}",)

    return place


def handler(*lines: str, after: str = "") -> Place:
    body = "".join(f"    {line}\n" for line in lines)
    return code(f"{HEAD}\ndef handler(event, context):\n{body}{after}")


CODE = {
    "behind a return": handler("return {'action': 'switch'}", "move(event)"),
    "behind an exit": handler(
        "if event is not None:", "    sys.exit(0)", "else:", "    raise ValueError", "move(event)"
    ),
    "behind a raise in a block": handler("with open('/dev/null'):", "    return {}", "move(event)"),
    "branch, a constant": handler("if 0:", "    move(event)", "return {}"),
    "branch, a comparison": handler("return move(event) if 1 > 2 else {}"),
    "branch, an operator": handler("(False and move(event))", "return {}"),
    "branch, a loop": handler("while False:", "    move(event)"),
    "branch, over nothing": handler("return [move(each) for each in range(0)]"),
    "branch, of the main program": handler("return {}", after="\nif __name__ == '__main__':\n    move({})\n"),
    "not called": handler("return {'weights': {'green': 100}}"),
    "not called, inside": handler("def later():", "    move(event)", "return {}"),
    "not called, a method": code(
        HEAD.replace("def move(event)", "class M:\n  def move(self, event)").replace("\n    ", "\n      ")
        + "\ndef handler(event, context):\n    return {}\n"
    ),
    "not called, imported": code(
        "from work import move\n\ndef handler(event, context):\n    return {}\n", work=HEAD
    ),
    "anew, a lambda": handler("move(event)", after="\nhandler = lambda event, context: {}\n"),
    "anew, a second one": handler("move(event)", after="\ndef handler(event, context):\n    return {}\n"),
    "anew, what it calls": handler("move(event)", after="\ndef move(event):\n    return None\n"),
    "anew, by an import": code(
        HEAD + "\ndef handler(event, context):\n    move(event)\nfrom other import handler\n",
        other="def handler(event, context):\n    return {}\n",
    ),
    "client, a module of the name": code(
        HEAD + "\ndef handler(event, context):\n    move(event)\n",
        boto3="def client(name):\n    return Any()\n",
    ),
    "client, a package of the name": code(
        HEAD + "\ndef handler(event, context):\n    move(event)\n", boto3____init__="client = print\n"
    ),
    "client, a mock": code(
        "from unittest.mock import MagicMock\nelbv2 = ssm = MagicMock()\n"
        + ALL
        + "\ndef handler(event, context):\n    move(event)\n"
    ),
    "client, a stub": code(HEAD + "import botocore.stub\n\ndef handler(event, context):\n    move(event)\n"),
    "client, a class": code(
        "class Client:\n    def modify_listener(self, **k): pass\n    def describe_listeners(self): pass\n"
        "    def put_parameter(self, **k): pass\nelbv2 = ssm = Client()\n"
        + ALL
        + "\ndef handler(event, context):\n    move(event)\n"
    ),
    "client, bound anew": code(
        "import boto3\nboto3.client = lambda name: None\n"
        + HEAD
        + "\ndef handler(event, context):\n    move(event)\n"
    ),
    "client, by the list of modules": code(
        "import sys, types\nsys.modules['boto3'] = types.SimpleNamespace(client=print)\n"
        + HEAD
        + "\ndef handler(event, context):\n    move(event)\n"
    ),
}


def variable(name: str, value: str) -> Place:
    return with_(*FUNCTION, **{f"environment__variables__{name}": value})


def no_way_out(document: Document) -> tuple[str, ...]:
    rules = document["resource"]["aws_vpc_security_group_egress_rule"]
    group = name_like(document, "aws_security_group", "switching_switch")
    for name in [name for name, body in rules.items() if group in body["security_group_id"]]:
        del rules[name]
    return (f"aws_lambda_function.{name_like(document, *FUNCTION)}", f"aws_security_group.{group}")


def other_port(document: Document) -> tuple[str, ...]:
    rules = document["resource"]["aws_vpc_security_group_egress_rule"]
    group = name_like(document, "aws_security_group", "switching_switch")
    found = [name for name, body in rules.items() if group in body["security_group_id"]]
    for name in found:
        rules[name] |= {"from_port": 8443, "to_port": 8443}
    return (f"aws_lambda_function.{name_like(document, *FUNCTION)}",)


def alias(**arguments: Any) -> Place:
    return new(
        "aws_lambda_alias", "a", name="live", function_name=ref(*FUNCTION, "function_name"), **arguments
    )


REACHED = {
    "no concurrency": with_(*FUNCTION, reserved_concurrent_executions=0),
    "no concurrency, as text": with_(*FUNCTION, reserved_concurrent_executions="0"),
    "no concurrency, as a reference": with_(
        *FUNCTION, reserved_concurrent_executions=ref("aws_vpc", "", "id")
    ),
    "no way through the group": no_way_out,
    "no way, another port": other_port,
    "no way, another group": several(
        with_(*FUNCTION, vpc_config__security_group_ids=["${aws_security_group.shut.id}"]),
        new("aws_security_group", "shut", name="shut", tags={}, vpc_id=ref("aws_vpc", attribute="id")),
    ),
    "alias, an old version": alias(function_version="1"),
    "alias, of another function": alias(function_version=ref("aws_lambda_function", "blue", "version")),
    "alias, shared": alias(
        function_version=ref(*FUNCTION, "version"), routing_config={"additional_version_weights": {"3": 0.9}}
    ),
    "runtime, what is loaded": variable("LD_PRELOAD", "/opt/x.so"),
    "runtime, where modules lie": variable("PYTHONPATH", "/opt"),
    "runtime, a wrapper": variable("AWS_LAMBDA_EXEC_WRAPPER", "/opt/x"),
    "sdk, its configuration": variable("AWS_CONFIG_FILE", "/opt/config"),
    "sdk, an endpoint": variable("AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2", "http://10.0.0.5"),
    "sdk, a proxy": variable("https_proxy", "http://10.0.0.5:3128"),
    "sdk, another's keys": variable("AWS_PROFILE", "partner"),
    "sdk, authorities": variable("REQUESTS_CA_BUNDLE", "/opt/ca.pem"),
}
CASES = [Case(name, place) for name, place in {**CODE, **REACHED}.items()]
