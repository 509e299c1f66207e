"""What a long apply says in a log."""

import pytest

from bluegreen.cli.terminal import LINE_SECONDS, minutely
from bluegreen.terraform import Progress


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_line_a_minute_with_what_is_slowest(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    tell = minutely("terraform apply", clock)
    seen = [
        (10.0, Progress(0, 0)),
        (60.0, Progress(0, 0)),  # a minute is over, and Terraform still plans
        (61.0, Progress(3, 334, "aws_vpc.network", 1)),
        (119.0, Progress(200, 334, "aws_lb.load_balancer", 40)),
        (120.0, Progress(210, 334, "aws_lb.load_balancer", 50)),
        (400.0, Progress(333, 334, "aws_rds_cluster.blue", 200)),  # nothing was heard for minutes
        (401.0, Progress(334, 334)),
        (460.0, Progress(334, 334)),
    ]
    for second, progress in seen:
        clock.now = 1000.0 + second
        tell(progress)
    assert capsys.readouterr().err.splitlines() == [
        "terraform apply: planning",
        "terraform apply: 210 of 334, slowest now aws_lb.load_balancer (50 s)",
        "terraform apply: 333 of 334, slowest now aws_rds_cluster.blue (200 s)",
        "terraform apply: 334 of 334",
    ]
    assert LINE_SECONDS == 60
