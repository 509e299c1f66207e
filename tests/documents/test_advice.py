"""No advice moves traffic, applies or destroys unless that is its purpose: each command has a reason."""

import re
from collections.abc import Callable, Iterator

import pytest

from tests.documents.advice import CHANGING, in_code, in_errors, in_needs
from tests.endings import ENDINGS, OTHERS
from tests.workspaces import ROOT

LOCAL = "brings the embedded AWS up on this machine; no real deployment has an embedded AWS"
PROGRESS = "says what is being done, is no advice"
ASKED = "the operator has just asked for a plan, and applying it is what the plan is for"
BACK = "the shift could not be undone: a rollback is what restores the traffic"
WAITS = "names what the workflow is waiting for; the operator decides"
ROUTE = "removes what sends clients elsewhere than the weights say; its ARN and effect are named beside it"
FORWARD = "names the verbs that ask all gates, in the place of a rollback that may not lead forward"
REPAIR = "writes the declared shape with the weights that clients get already: it moves no traffic"
FIRST = "the first steps on this machine, in the help"
CODE: dict[tuple[str, str], str] = {
    ("bluegreen/cli/local/applying.py", "bluegreen local down"): LOCAL,
    (
        "bluegreen/cli/ledger/place.py",
        "apply it",
    ): "the operator asked for what only an apply makes",
    ("bluegreen/operate/doctor/account.py", "aws iam create-service-linked-role"): (
        "the role that AWS's own service would make at its first use"
    ),
    ("bluegreen/operate/doctor/copies.py", "aws backup create-backup-vault"): (
        "makes the vault that the configuration names; it holds nothing yet"
    ),
    ("bluegreen/operate/doctor/copies.py", "aws backup update-global-settings"): (
        "what the copies that the configuration asks for need; it names who may do it"
    ),
    ("bluegreen/cli/app.py", "bluegreen rollback"): FIRST,
    ("bluegreen/cli/app.py", "bluegreen shift"): FIRST,
    ("bluegreen/cli/views/traffic.py", "bluegreen rollback"): "a share that nothing watches is rolled back",
    ("bluegreen/cli/views/traffic.py", "bluegreen switch"): "the same share again, which is watched then",
    ("bluegreen/cli/views/workflow.py", "bluegreen rollback"): BACK,
    ("packages/gate/src/stack_gate/plan/traffic.py", "bluegreen reconcile"): REPAIR,
    ("lambda_src/contract/gates.py", "bluegreen switch"): "the row of docs/errors.md, see ERRORS",
    ("lambda_src/contract/gates.py", "bluegreen unfreeze"): "the row of docs/errors.md, see ERRORS",
    ("lambda_src/switch/findings.py", "aws elbv2 delete-listener"): ROUTE,
    ("lambda_src/switch/findings.py", "aws elbv2 delete-rule"): ROUTE,
    ("lambda_src/switch/findings.py", "aws elbv2 modify-listener"): ROUTE,
    ("lambda_src/switch/findings.py", "aws elbv2 modify-target-group-attributes"): ROUTE,
    ("lambda_src/switch/listener.py", "bluegreen reconcile"): REPAIR,
    (
        "lambda_src/switch/move.py",
        "bluegreen rollback",
    ): "no record is left; the operator names the colour",
    ("lambda_src/switch/move.py", "bluegreen shift"): FORWARD,
    ("lambda_src/switch/move.py", "bluegreen switch"): FORWARD,
    ("modules/config/switching.py", "bluegreen switch"): "describes a setting, is no advice",
    ("bluegreen/cli/connect.py", "apply it"): LOCAL,
    ("bluegreen/cli/connect.py", "bluegreen local up"): LOCAL,
    ("bluegreen/cli/deploy.py", "bluegreen abort"): "how to end the deployment that is being followed",
    ("bluegreen/cli/follow.py", "bluegreen shift"): "there is no shift to follow; the operator asked for one",
    ("bluegreen/cli/following.py", "bluegreen abort"): "how to end the shift that is being followed",
    ("bluegreen/cli/local/answering.py", "bluegreen local up"): LOCAL,
    ("bluegreen/cli/local/applying.py", "terraform apply"): PROGRESS,
    ("bluegreen/cli/local/journal.py", "bluegreen local up"): PROGRESS,
    ("bluegreen/cli/local/leftovers.py", "terraform state push"): PROGRESS,
    ("bluegreen/cli/local/leftovers.py", "terraform untaint"): PROGRESS,
    ("bluegreen/cli/local/up.py", "bluegreen local up"): LOCAL,
    ("bluegreen/cli/views/local.py", "bluegreen local up"): LOCAL,
    ("bluegreen/cli/views/outcome.py", "bluegreen rollback"): BACK,
    ("bluegreen/cli/views/plans.py", "apply it"): ASKED,
    ("bluegreen/cli/views/plans.py", "bluegreen apply"): ASKED,
    ("bluegreen/cli/views/workflow.py", "bluegreen approve"): WAITS,
    (
        "packages/gate/src/stack_gate/plan/judge.py",
        "bluegreen shift",
    ): "a plan must not move traffic; this is what does",
    (
        "packages/gate/src/stack_gate/plan/judge.py",
        "bluegreen switch",
    ): "a plan must not move traffic; this is what does",
    ("packages/embedded_aws/src/embedded_aws/companions/services.py", "bluegreen local up"): LOCAL,
    ("packages/embedded_aws/src/embedded_aws/extensions/target_health.py", "apply the deployment"): LOCAL,
    ("packages/embedded_aws/src/embedded_aws/seeding.py", "apply the deployment"): LOCAL,
    (
        "lambda_src/rotation/event.py",
        "aws secretsmanager rotate-secret",
    ): "starts the rotation that was wanted",
    (
        "lambda_src/rotation/gateway.py",
        "aws secretsmanager rotate-secret",
    ): "starts the rotation without which there is no account",
    (
        "lambda_src/ledger/secrets.py",
        "aws secretsmanager rotate-secret",
    ): "starts the rotation without which there is no account",
    ("lambda_src/rotation/logic.py", "aws secretsmanager update-secret-version-stage"): (
        "removes a label that blocks every rotation; the current version stays"
    ),
    ("lambda_src/rotation/values.py", "aws secretsmanager update-secret-version-stage"): (
        "removes a label that blocks every rotation; the current version stays"
    ),
    (
        "modules/observability/workflow_alarms.py",
        "bluegreen abort",
    ): "the alarm's reader decides whether to end it",
    ("modules/observability/workflow_alarms.py", "bluegreen rollback"): BACK,
    ("lambda_src/migrate/lock.py", "bluegreen unfreeze"): "the message says why it was frozen",
}
NEEDS: dict[tuple[str, str], str] = {
    (
        "bluegreen/terraform/recovery/needs.py",
        "terraform untaint",
    ): "keeps a resource, changes the state alone",
    (
        "bluegreen/terraform/recovery/needs.py",
        "terraform import",
    ): "takes a resource into the state, changes that alone",
    ("bluegreen/terraform/recovery/needs.py", "terraform state rm"): "of a resource that AWS does not have",
    ("bluegreen/cli/unfinished.py", "terraform force-unlock"): "once the lock's owner has ended, as it says",
    (
        "bluegreen/cli/unfinished.py",
        "terraform state push",
    ): "Terraform's own recovery, which refuses older states",
}
ERRORS: dict[tuple[str, str], str] = {
    ("6", "bluegreen shift"): FORWARD,
    ("6", "bluegreen switch"): FORWARD,
    ("ListenerStateError", "bluegreen reconcile"): REPAIR,
    ("NothingToShiftError", "bluegreen rollback"): "the operator asked for a smaller share than stands",
    ("RollbackRefusedError", "bluegreen shift"): FORWARD,
    ("RollbackRefusedError", "bluegreen switch"): FORWARD,
    ("WrongTokenError", "bluegreen local down"): LOCAL,
    ("records", "bluegreen switch"): "the operator asked for a share of traffic whose record is lost",
    ("3", "bluegreen local up"): LOCAL,
    ("ActiveUnknownError", "bluegreen reconcile"): "writes records alone",
    (
        "ActiveUnknownError",
        "bluegreen switch",
    ): "the operator asked to move traffic; this is the way that works",
    ("LocalAwsError", "bluegreen local down"): LOCAL,
    ("LockedError", "bluegreen rollback"): "says what goes before the lock; the advice is to wait",
    ("RollbackFailed", "bluegreen rollback"): BACK,
    (
        "RollbackTargetUnknownError",
        "bluegreen rollback",
    ): "the operator asked to roll back, and names the colour",
    ("ValidationError", "aws secretsmanager rotate-secret"): "starts the rotation that was wanted",
    ("frozen", "bluegreen unfreeze"): "ends a freeze, after asking who made it; moves nothing",
}


@pytest.mark.parametrize(
    ("find", "reasons"),
    [(in_code, CODE), (in_needs, NEEDS), (in_errors, ERRORS)],
    ids=["code", "needs", "docs/errors.md"],
)
def test_every_changing_command_has_a_reason(
    find: Callable[[], Iterator[tuple[str, str]]], reasons: dict[tuple[str, str], str]
) -> None:
    assert set(find()) == set(reasons)
    assert all(len(reason) > 10 for reason in reasons.values())


@pytest.mark.parametrize(
    "text",
    [
        "`terraform init` and `terraform apply` in x",
        "terraform -chdir=cdktf.out/stacks/staging state push errored.tfstate",
        "bluegreen rollback --to blue",
        "aws rds delete-db-cluster",
        "apply it: see there",
    ],
)
def test_what_counts_as_changing(text: str) -> None:
    assert CHANGING.search(text)


@pytest.mark.parametrize("text", ["bluegreen status", "terraform init", "aws ecs describe-services"])
def test_what_does_not(text: str) -> None:
    assert not CHANGING.search(text)


def test_the_runbook_has_every_ending() -> None:
    """The list that the tests of endings run through is the table of the chapter."""
    text = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    chapter = text.partition("## An interrupted apply\n")[2].partition("\n## ")[0]
    table = chapter.partition("| ending | ")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([^|]+?) \|", table, flags=re.MULTILINE)
    assert rows == [*(ending.name for ending in ENDINGS), *OTHERS]
    for _, command in NEEDS:
        assert f"`{command} " in chapter, command
