"""Real payments through the local load balancer: while traffic moves, and while a colour fails."""

import json
import shlex
import subprocess
from collections import Counter

import embedded_aws
import pytest

from tests.e2e.loading import FALSE_ALARM, Loading, improbability, loading
from tests.e2e.platform import Platform
from tests.e2e.shifts import begun, ended, wait_for, waiting

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: operated")]

STEPS = (0, 5, 25, 50, 100, 50, 25, 0)  # percent of the traffic on green
FEWER_STEPS = (5, 50, 100, 25, 0)
PAYMENTS_A_STEP = 2_600
RATE = 600


def test_up_ends_with_a_url_that_answers_from_blue(on_blue: Platform) -> None:
    (line,) = [line for line in on_blue.said.splitlines() if line.startswith("  curl ")]
    assert answering(on_blue, line) == "blue"
    assert on_blue.bluegreen("switch", "--to", "green").returncode == 0
    assert answering(on_blue, line) == "green"


def answering(platform: Platform, line: str) -> str:
    """The colour that answers the command which `up` shows."""
    platform.json("local", "status")  # returns when the load balancer has taken over the weights
    curl = subprocess.run(
        [*shlex.split(line), "--silent", "--show-error", "--fail"],
        cwd=platform.workspace,
        capture_output=True,
        text=True,
        check=False,
    )
    assert curl.returncode == 0, curl.stderr
    return str(json.loads(curl.stdout)["colour"])


@pytest.mark.parametrize(
    ("percents", "least"),
    [
        pytest.param(FEWER_STEPS, PAYMENTS_A_STEP * len(FEWER_STEPS), id="some"),
        pytest.param(STEPS, 20_000, id="all", marks=pytest.mark.long),
    ],
)
def test_a_shift_and_its_way_back_lose_nothing(
    on_blue: Platform, capsys: pytest.CaptureFixture[str], percents: tuple[int, ...], least: int
) -> None:
    steps: list[tuple[int, range]] = []
    with loading(on_blue, rate=RATE) as load:
        for percent in percents:
            on_blue.json("switch", "--to", "green", "--percent", str(percent))
            steps.append((percent, load.whole_seconds(PAYMENTS_A_STEP)))
        load.await_payments(max(0, least - load.written()))

    result, payments = load.result, load.result["payments"]
    assert result["requests"] >= least
    assert result["outcomes"] == {"201": result["requests"]}  # no failure, and no session that ended (401)
    assert payments["written"] + result["replayed"] == result["requests"]
    assert (payments["lost"], payments["duplicated"], payments["split"], payments["unanswered"]) == (
        0,
        0,
        0,
        0,
    )
    assert result["replayed"] > 0
    assert result["sessions_crossed"] > least / 10  # begun on one colour, used on the other
    with capsys.disabled():
        print(f"\n{result['requests']} payments, {result['rate']}/s, {result['latency_ms']}")  # noqa: T201
        for percent, seconds in steps:
            print(f"  {percent:3} % on green: {fits(load.answered(seconds), percent)}")  # noqa: T201


def fits(answered: Counter[str], percent: int) -> str:
    """Fails unless the answers of a step may have come about by its weights. Returns them as text."""
    green, total = answered["green"], answered.total()
    assert total > PAYMENTS_A_STEP / 3
    if percent in (0, 100):
        assert green == total * percent / 100
        return f"{green} of {total}"
    probability = improbability(green, total, percent / 100)
    assert probability > FALSE_ALARM
    return f"{green} of {total}, {100 * green / total:.1f} %, p = {probability:.2g}"


@pytest.mark.long
def test_a_colour_that_fails_in_the_middle_of_a_shift(
    on_blue: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes back by itself: the gates are asked again while a step bakes."""
    with loading(on_blue, rate=100) as load:
        name = begun(on_blue, "--to", "green", "--steps", "25,100", "--bake", "10m")
        wait_for(on_blue, lambda workflow: workflow["state"] == "baking")
        before = load.whole_seconds(300)
        assert on_blue.bluegreen("local", "fail", "--colour", "green", "--mode", "unhealthy").returncode == 0
        answer = ended(on_blue, name)
        assert (answer["outcome"], answer["weights"]) == ("rolled_back", {"blue": 100, "green": 0})
        assert "targets of green: 0 of 3 healthy" in answer["cause"]
        after = load.whole_seconds(300)

    told = f"{load.result['failed']} of {load.result['answered_by']['green']} requests to green failed"
    with capsys.disabled():
        print(f"\n{told}, {load.result['requests']} were sent in all")  # noqa: T201
    only_green_failed(load)
    assert (load.failed(before), load.failed(after)) == (0, 0)
    assert set(load.answered(after)) == {"blue"}


def test_a_canary_that_fails_with_the_ledger_on_its_database_loses_no_payment(on_blue: Platform) -> None:
    """While both colours' passwords rotate. The traffic goes back by itself, the ledger by its verb."""
    client = on_blue.aws.client("secretsmanager")
    described = on_blue.terraform.output()["connection_info"]
    secrets = [described[colour]["secret_arn"] for colour in ("blue", "green")]
    with loading(on_blue, rate=100) as load:
        steps = ("--steps", "25,100", "--bake", "1s", "--ledger-at", "25", "--approve-at", "100")
        name = begun(on_blue, "--to", "green", *steps)
        wait_for(on_blue, waiting(100))
        assert on_blue.json("ledger", "status")["writer"] == "green"
        for arn in secrets:
            client.rotate_secret(SecretId=arn)
        load.whole_seconds(200)
        assert on_blue.bluegreen("local", "fail", "--colour", "green", "--mode", "unhealthy").returncode == 0
        assert ended(on_blue, name)["outcome"] == "rolled_back"
        assert on_blue.json("ledger", "status")["writer"] == "green"
        moved = on_blue.json("ledger", "move", "--to", "blue", "--yes")
        assert moved["writer"] == "blue"
        load.whole_seconds(200)
    assert [embedded_aws.rotation(on_blue.aws, arn)["error"] for arn in secrets] == [None, None]
    assert [move["writer"] for move in load.result["moves"]] == ["green", "blue"]
    payments = load.result["payments"]
    assert (payments["lost"], payments["duplicated"], payments["split"]) == (0, 0, 0)
    only_green_failed(load)


def only_green_failed(load: Loading) -> None:
    """Who was sent to green may have been hit, nobody else; and no payment was lost or duplicated."""
    result = load.result
    assert result["failed_by"] == {"green": result["failed"]}
    assert result["outcomes"] == {"201": result["requests"] - result["failed"], "503": result["failed"]}
    assert 0 < result["failed"] <= result["answered_by"]["green"]
    assert result["passed"] is True
