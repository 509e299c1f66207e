"""The deployed functions, their aliases and permissions: callers with the permissions of SECURITY.md."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from embedded_aws import LocalAws

from lambda_src.contract.aliases import READ_SUFFIX, Alias
from modules.functions.package import build
from packages.embedded_aws.tests.roles import role_of_anything
from tests import callers
from tests.callers import Ways
from tests.lambda_src.live_platform import LivePlatform


@pytest.fixture
def ways(embedded_aws: LocalAws, platform: LivePlatform) -> Iterator[Ways]:
    """The package as it is built, published, as the stack has it; here with a role that may do anything."""
    name, functions = f"pay-{uuid.uuid4().hex[:8]}-switch", embedded_aws.client("lambda")
    role = role_of_anything(embedded_aws.client("iam"), "pay-switches", "lambda.amazonaws.com")
    code = Path(build("switch").path).read_bytes()

    def create(called: str, entry: str) -> Any:
        return functions.create_function(
            FunctionName=called,
            Runtime="python3.13",
            Role=role,
            Handler=f"switch.{entry}.handler",
            Code={"ZipFile": code},
            Timeout=60,
            MemorySize=256,
            Environment={"Variables": platform.environment},
        )["FunctionArn"]

    arn = create(name, "handler")
    create(name + READ_SUFFIX, "reading")
    version = functions.publish_version(FunctionName=name)["Version"]
    for alias in Alias:
        functions.create_alias(FunctionName=name, Name=alias, FunctionVersion=version)
    yield Ways(embedded_aws, arn)
    for called in (name, name + READ_SUFFIX):
        functions.delete_function(FunctionName=called)


def test_a_reader_reads_and_nothing_else(ways: Ways) -> None:
    with ways.caller("auditor", "read") as reader:
        callers.reads_and_nothing_else(reader)


def test_an_operator_operates_and_nothing_else(ways: Ways) -> None:
    with ways.caller("night-shift", "operate") as operator:
        callers.operates_and_nothing_else(operator)


def test_a_replayed_expired_or_foreign_proof_is_refused(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    with ways.caller("night-shift", "operate") as operator:
        callers.is_believed_once_in_time_and_for_what_was_signed(operator, monkeypatch)


def test_no_other_way_moves_traffic(ways: Ways) -> None:
    callers.no_other_way_moves_traffic(ways)
