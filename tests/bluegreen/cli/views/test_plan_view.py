"""Literal output of a plan."""

from datetime import UTC, datetime

from bluegreen.cli.views.plan import plan_view
from bluegreen.operate.shifting import parse_plan
from tests.bluegreen.cli.rendering import rendered
from tests.bluegreen.cli.views.answers import GREEN_GATES

NOW = datetime(2026, 11, 25, 17, 35, tzinfo=UTC)
PREFLIGHT = {"weights": {"blue": 100, "green": 0}, "gates": GREEN_GATES[:1]}
PLAN = parse_plan(
    "green",
    steps_text="5,25,50,100",
    bake="10m",
    approve_at="50",
    approval_timeout="1h",
    deadline=None,
    reason="",
)


def test_what_an_operator_says_yes_to() -> None:
    assert (
        rendered(plan_view(PLAN, PREFLIGHT, NOW))
        == """\
Shift to green, now blue 100, green 0
┏━━━━━━┳━━━━━━━┳━━━━━━┳━━━━━━━━━━━━━━━━━━━━━┳━━━━━━┳━━━━━━━━━━━━━━┓
┃ Step ┃ green ┃ blue ┃ First               ┃ Bake ┃ From about   ┃
┡━━━━━━╇━━━━━━━╇━━━━━━╇━━━━━━━━━━━━━━━━━━━━━╇━━━━━━╇━━━━━━━━━━━━━━┩
│ 1    │ 5 %   │ 95 % │                     │ 10m  │ 17:35:00 UTC │
│ 2    │ 25 %  │ 75 % │                     │ 10m  │ 17:45:00 UTC │
│ 3    │ 50 %  │ 50 % │ approval, within 1h │ 10m  │ 17:55:00 UTC │
│ 4    │ 100 % │ 0 %  │                     │ 10m  │ 18:05:00 UTC │
└──────┴───────┴──────┴─────────────────────┴──────┴──────────────┘
Estimated end: 2026-11-25 18:15:00 UTC, if approvals come at once
Deadline: 2026-11-25 19:35:00 UTC
Gates of green, evaluated before every step and while it is watched:
┏━━━━━━━━━┳━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┓
┃ Gate    ┃ Colour ┃        ┃ Value          ┃ Needed     ┃
┡━━━━━━━━━╇━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━┩
│ targets │ green  │ passed │ 3 of 3 healthy │ at least 2 │
└─────────┴────────┴────────┴────────────────┴────────────┘
If a gate does not pass, a step fails, an approval does not come in time, the
deadline is over or an operator aborts, all traffic is rolled back."""
    )
