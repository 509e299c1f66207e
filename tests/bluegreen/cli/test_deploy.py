"""`deploy` and `release`: what is asked of the function, how it is followed, and what each end means."""

import hashlib
import json
from typing import Any

import pytest

from bluegreen.operate import deploying
from bluegreen.operate.client import NotReachableError
from bluegreen.operate.shifting.follow import PATIENCE
from tests.bluegreen.cli.conftest import FUNCTION, Place, run
from tests.default_session import led_to

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
IMAGE = f"{REGISTRY}/payments-local@sha256:{64 * 'a'}"
DOCUMENT = {
    *("workflow_id", "outcome", "exit_code", "target", "image", "before", "cause", "rollout"),
}


def deploy(*arguments: str, image: str = IMAGE) -> Any:
    return run("deploy", "--to", "green", "--image", image, "--interval", "0.1", *arguments)


def document(result: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    assert set(found) == DOCUMENT
    assert found["exit_code"] == result.exit_code
    return found


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("completed", 0),
        ("rolled_back", 5),
        ("failed", 4),
        ("superseded", 4),
        ("interrupted", 4),
    ],
)
def test_it_is_followed_to_its_end(place: Place, end: str, code: int) -> None:
    place.put(deployment=end)
    result = deploy("--reason", "release 42", "--output", "json")
    assert result.exit_code == code, result.output
    found = document(result)
    assert (found["outcome"], found["target"], found["image"]) == (end, "green", IMAGE)
    assert found["workflow_id"].startswith("deploy-")
    (entry,) = place.state["history"]
    assert (entry["action"], entry["reason"]) == ("deploy", "release 42")
    assert "deploying: 0 of 3 tasks of payments-local-green:2 run" in result.stderr


def test_in_words(place: Place) -> None:
    place.put(deployment="rolled_back")
    result = deploy()
    assert result.stdout.splitlines() == [
        "green does NOT run it: it went back to the image before",
        f"Image: {IMAGE}",
        "Before: before",
        "Cause: a task stopped",
    ]
    assert "a task stopped: CannotPullContainerError" in result.stderr


def test_what_runs_already_is_nothing_to_do(place: Place) -> None:
    place.put(deployment="unchanged")
    result = deploy("--output", "json")
    assert (result.exit_code, document(result)["outcome"]) == (0, "nothing_to_do")


def test_a_refusal_changes_nothing(place: Place) -> None:
    place.put(deployment="refused")
    result = deploy()
    assert result.exit_code == 1
    assert "GatesNotPassedError" in result.stderr


def test_detached_it_does_not_wait(place: Place) -> None:
    place.put(deployment="completed")
    assert document(deploy("--detach", "--output", "json"))["outcome"] == "started"


def test_a_named_function_needs_no_state(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the pipeline calls it."""
    led_to(place.aws, monkeypatch)
    place.put(deployment="completed")
    result = deploy("--function", FUNCTION, "--region", "us-east-1", "--endpoint-url", place.aws.endpoint)
    assert result.exit_code == 0, result.output


def test_a_tag_is_resolved_and_shown(place: Place) -> None:
    ecr = place.aws.client("ecr")
    ecr.create_repository(repositoryName="tagged")
    media = "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": media, "layers": []})
    digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
    ecr.put_image(repositoryName="tagged", imageManifest=manifest, imageTag="v42", imageDigest=digest)
    place.put(deployment="completed")
    result = deploy("--output", "json", image=f"{REGISTRY}/tagged:v42")
    assert document(result)["image"] == f"{REGISTRY}/tagged@{digest}"
    assert f"{REGISTRY}/tagged:v42 is {REGISTRY}/tagged@{digest}" in result.stderr


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("payments:v42", "names no image of ECR by digest or tag"),
        (f"{REGISTRY}/payments-local", "names no image of ECR by digest or tag"),
        (f"{REGISTRY}/nowhere:v1", "has no image with the tag v1"),
    ],
)
def test_what_names_no_image(image: str, told: str) -> None:
    result = deploy(image=image)
    assert (result.exit_code, told in result.stderr) == (2, True)


def test_looks_that_fail_are_repeated_and_then_given_up() -> None:
    class Switch:
        looks = 0

        def invoke(self, _: object) -> dict[str, Any]:
            self.looks += 1
            raise NotReachableError("no network")

    switch = Switch()
    with pytest.raises(NotReachableError):
        list(deploying.watch(switch, "deploy-1", interval=0, pause=lambda _: None))  # type: ignore[arg-type]
    assert switch.looks == PATIENCE


def test_release_deploys_to_the_inactive_colour_and_shifts_to_it(place: Place) -> None:
    place.put(deployment="completed")
    result = run(
        *("release", "--image", IMAGE, "--steps", "100", "--bake", "0", "--yes"),
        *("--interval", "0.1", "--output", "json"),
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["outcome"] == "completed"
    assert place.weights == (0, 100)


def test_release_shifts_nothing_after_a_deployment_that_went_back(place: Place) -> None:
    place.put(deployment="rolled_back")
    result = run("release", "--image", IMAGE, "--steps", "100", "--yes", "--output", "json")
    assert (result.exit_code, json.loads(result.stdout)["outcome"]) == (5, "rolled_back")
    assert place.weights == (100, 0)


@pytest.mark.usefixtures("place")
def test_release_while_traffic_is_shared() -> None:
    run("switch", "--to", "green", "--percent", "25")
    result = run("release", "--image", IMAGE, "--steps", "100", "--yes")
    assert result.exit_code == 1
    assert "both colours get traffic" in result.stderr


@pytest.mark.usefixtures("place")
def test_release_asks_and_here_is_no_terminal() -> None:
    assert run("release", "--image", IMAGE, "--steps", "100").exit_code == 2
