"""New versions on a whole platform, whose services really run them: deploy, shift, deploy to the other
colour, rollback, an apply of another size, a version that crashes, and what is refused.

One scenario, in order: a platform takes minutes to come up.
"""

import json
import ssl
import urllib.request
from typing import Any

import embedded_aws
import pytest

from bluegreen.terraform import Terraform
from lambda_src.contract.values import Colour
from tests.e2e.images import REGISTRY, REPOSITORY, push
from tests.e2e.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: operated")]
QUICK = ("--interval", "0.2", "--output", "json")


def answering(platform: Platform, *, test: bool = False) -> tuple[str, str | None]:
    """Colour and image of the service that answers clients; or, of the test listener, those who try it."""
    traffic = embedded_aws.local_traffic(platform.aws)
    arn = platform.outputs["test_listener_arn"] if test else platform.listener
    (url,) = (listener.url for listener in traffic.listeners if listener.arn == arn)
    context = ssl.create_default_context(cafile=str(traffic.certificates))
    context.check_hostname = False
    with urllib.request.urlopen(url, context=context, timeout=30) as answer:  # noqa: S310 - loopback
        told = json.load(answer)
    return told["colour"], told["image"]


def deploy(platform: Platform, colour: str, image: str, code: int = 0) -> dict[str, Any]:
    result = platform.bluegreen("deploy", "--to", colour, "--image", image, *QUICK)
    assert result.returncode == code, result.stdout + result.stderr
    document: dict[str, Any] = json.loads(result.stdout) if result.stdout else {"said": result.stderr}
    return document


def planned(platform: Platform) -> Any:
    return Terraform(platform.stack.parent, platform.aws.environment()).plan().changes


def test_versions_come_and_go(platform: Platform) -> None:
    one, two, broken = (
        push(platform, "v1"),
        push(platform, "v2"),
        push(platform, "v3", crash="it ends at once"),
    )
    assert deploy(platform, "green", one)["outcome"] == "completed"
    assert answering(platform, test=True) == ("green", one)
    assert answering(platform)[0] == "blue"

    by_tag = platform.bluegreen("deploy", "--to", "green", "--image", f"{REGISTRY}/{REPOSITORY}:v2", *QUICK)
    assert by_tag.returncode == 0, by_tag.stderr
    assert f"{REPOSITORY}:v2 is {two}" in by_tag.stderr
    assert answering(platform, test=True) == ("green", two)

    # A version that crashes: its tasks stop, and what ran before runs on.
    back = deploy(platform, "green", broken, code=5)
    assert back["outcome"] == "rolled_back"
    assert "Essential container in task exited" in back["cause"]
    assert answering(platform, test=True) == ("green", two)

    # What serves is not replaced, and nothing of another repository runs.
    assert "serving of blue" in deploy(platform, "blue", one, code=1)["said"]
    foreign = two.replace("payments-local@", "payments-other@")
    assert "of another repository" in deploy(platform, "green", foreign, code=2)["said"]

    shift = (
        "shift",
        "--to",
        "green",
        "--steps",
        "50,100",
        "--bake",
        "0",
        "--ledger",
        "never",
        "--yes",
        *QUICK,
    )
    assert platform.json(*shift[:-2])["outcome"] == "completed"
    assert answering(platform) == ("green", two)
    assert deploy(platform, "blue", one)["outcome"] == "completed"
    assert answering(platform) == ("green", two)
    assert platform.bluegreen("rollback").returncode == 0
    assert answering(platform) == ("blue", one)
    assert platform.status()["differences"] == []
    assert planned(platform) == ()


@pytest.mark.long
def test_another_size_keeps_the_version(platform: Platform) -> None:
    two = push(platform, "another-size")
    deploy(platform, "green", two)
    document = json.loads(platform.stack.read_text())
    definitions = document["resource"]["aws_ecs_task_definition"]
    (name,) = (name for name in definitions if name.startswith("green-"))
    definitions[name]["memory"] = "1024"
    original = platform.stack.read_text()
    try:
        platform.stack.write_text(json.dumps(document))
        platform.terraform.apply(lambda _: None)
        ecs = platform.aws.client("ecs")
        latest = ecs.describe_task_definition(taskDefinition="payments-local-green")["taskDefinition"]
        assert (latest["memory"], latest["containerDefinitions"][0]["image"]) == ("1024", two)
        assert planned(platform) == ()
        assert platform.status()["images"][Colour.GREEN]["running"] == two
    finally:
        platform.stack.write_text(original)
        platform.terraform.apply(lambda _: None)
