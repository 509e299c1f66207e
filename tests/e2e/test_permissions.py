"""The platform was applied by the role that applies. What that needed is what was recorded, no more, no less.

The rest of the recording (changes, a failed apply, destruction) is made anew by the test below that is
`long`, and by `make permissions`.
"""

from pathlib import Path

import embedded_aws
import pytest
from embedded_aws import LocalAws

from bluegreen.permissions import role_of
from bluegreen.permissions.recording import Row, load, rows_of
from tests.e2e.platform import Platform
from tools.permissions.lifecycle import Life, missing

APPLIED = "platform: applied"


def denied(aws: LocalAws, session: str) -> list[str]:
    """What was denied to a session of a role, as `payments-local-apply/terraform`."""
    return [
        f"{one['action']} on {one['resource']}: {one['reason']}"
        for one in embedded_aws.denials(aws)
        if one["caller"].endswith(f"/{session}")
    ]


def applied(platform: Platform) -> tuple[Row, ...]:
    """What `bluegreen local up` was allowed."""
    needs = [need for need in embedded_aws.needs(platform.aws) if "/payments-local-apply/" in need["caller"]]
    return rows_of(needs, platform.scope, {"terraform": "apply"})


def asks_for_the_own_key(row: Row) -> bool:
    return row.condition == {"StringEquals": {"kms:RequestAlias": "alias/aws/dynamodb"}}


@pytest.mark.e2e
@pytest.mark.xdist_group(APPLIED)
def test_what_an_apply_needs_is_what_was_recorded(platform: Platform) -> None:
    found = applied(platform)
    assert denied(platform.aws, "payments-local-apply/terraform") == []
    assert missing(found, load()) == [], "record it: make permissions"
    # A read of a table asks for AWS's own key; whether an apply reads it once more is a matter of time.
    recorded = [row for row in load() if "apply" in row.phases and not asks_for_the_own_key(row)]
    assert missing(recorded, found) == [], "the recording has more than an apply needs: make permissions"


@pytest.mark.e2e
@pytest.mark.xdist_group(APPLIED)
def test_the_roles_are_those_that_bluegreen_permissions_prints(platform: Platform) -> None:
    iam = platform.aws.client("iam")
    for shown in platform.json_of("permissions", "--format", "json")["roles"]:
        role = role_of(shown["name"], platform.scope)
        attached = iam.list_attached_role_policies(RoleName=f"payments-local-{role.name}")["AttachedPolicies"]
        assert {one["PolicyArn"] for one in attached} == {one["arn"] for one in shown["policies"]}
        assert [one["document"] for one in shown["policies"]] == [one.document for one in role.policies]


@pytest.mark.long
def test_the_whole_recording(tmp_path: Path) -> None:
    """A quarter of an hour. A difference is a permission that is missing or unneeded."""
    recorded, found = load(), Life(tmp_path, print).record()
    assert missing(found, recorded) == []
    assert missing(recorded, found) == []
