"""A workflow that leads astray: steps that nothing leads to, failures that go on, a rollback that is none."""

import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, reference, with_

Place = Callable[[Document], tuple[str, ...]]
MACHINE = ("aws_sfn_state_machine", "workflow")


def states(change: Callable[[dict[str, Any], Document], object]) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, *MACHINE)
        found = document["resource"]["aws_sfn_state_machine"][name]
        definition = json.loads(found["definition"])
        change(definition["States"], document)
        found["definition"] = json.dumps(definition)
        return (f"aws_sfn_state_machine.{name}",)

    return place


def whole(**arguments: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, *MACHINE)
        found = document["resource"]["aws_sfn_state_machine"][name]
        found["definition"] = json.dumps(json.loads(found["definition"]) | arguments)
        return (f"aws_sfn_state_machine.{name}",)

    return place


def state(name: str, **arguments: Any) -> Place:
    return states(lambda found, _: found[name].update(arguments))


def caught(name: str, number: int, target: str) -> Place:
    return states(lambda found, _: found[name]["Catch"][number].update(Next=target))


def chosen(name: str, number: int, target: str) -> Place:
    return states(lambda found, _: found[name]["Choices"][number].update(Next=target))


def retried(name: str, **arguments: Any) -> Place:
    return states(lambda found, _: found[name]["Retry"][-1].update(arguments))


def payload(name: str, without: str, **arguments: Any) -> Place:
    def change(found: dict[str, Any], _: Document) -> None:
        asked = found[name]["Parameters"]["Payload"]
        del asked[without]
        asked |= arguments

    return states(change)


def calling(name: str, type_: str, part: str) -> Place:
    def change(found: dict[str, Any], document: Document) -> None:
        found[name]["Parameters"]["FunctionName"] = reference(document, type_, part, "arn")

    return states(change)


SKIPPED = {
    "skipped, the gates": state("SelectWork", Default="SelectStep"),
    "skipped, the schemas": state("SelectWork", Default="Begin"),
    "skipped, the approval": state("SelectStep", Next="Shift"),
    "skipped, the approval alone": chosen("NeedsApproval", 0, "Shift"),
    "skipped, the bake's look": state("Wait", Next="Next"),
    "skipped, the record": chosen("Next", 2, "Shifted"),
    "skipped, the end of a share": chosen("Next", 3, "ShareEnded"),
    "skipped, the look at a rollout": state("WaitForTasks", Next="FinishDeployment"),
    "skipped, the ledger's gates": state("LookAtLedger", Next="MoveLedger"),
    "skipped, the start": whole(StartAt="Shift"),
}
FAILING = {
    "failing, a look that waits": caught("Verify", 1, "Wait"),
    "failing, a look that completes": caught("Verify", 1, "Finalize"),
    "failing, a look without a way": states(lambda found, _: found["Verify"].pop("Catch")),
    "failing, a record without a way back": caught("Finalize", 1, "Superseded"),
    "failing, the schemas": caught("CompareSchemas", 0, "Begin"),
    "failing, the beginning": caught("Begin", 1, "SelectStep"),
    "failing, a refusal": caught("Begin", 0, "SelectStep"),
    "failing, the end of a share": caught("EndShare", 1, "ShareEnded"),
    "failing, a move of the ledger": caught("MoveLedger", 0, "LedgerMoved"),
    "failing, a rollout": caught("LookAtRollout", 1, "FinishDeployment"),
    "failing, and no failure": states(lambda found, _: found.update(RollbackFailed={"Type": "Succeed"})),
    "failing, refused and no failure": states(lambda found, _: found.update(Refused={"Type": "Succeed"})),
}
ANSWERS = {
    "answer, roll back": chosen("AfterMove", 4, "NextStep"),
    "answer, rolled back": chosen("HowItEnded", 1, "Deployed"),
    "answer, refused": chosen("AfterMove", 1, "LedgerMoved"),
    "answer, another one": state("Next", Default="Finalize"),
    "answer, another one, the next step": state("Next", Default="NextStep"),
    "answer, another one, deployed": state("HowItEnded", Default="Deployed"),
}
BACK = {
    "back, once": states(lambda found, _: found["RollBack"].pop("Retry")),
    "back, twice": retried("RollBack", MaxAttempts=1),
    "back, after an hour": retried("RollBack", IntervalSeconds=3600, MaxDelaySeconds=7200),
    "back, of a share, once": states(lambda found, _: found["EndShare"].pop("Retry")),
    "back, and on": state("RollBack", Next="Wait"),
    "back, and shifted": state("RollBack", Next="Shifted"),
    "back, and a success": states(lambda found, _: found.update(RolledBack={"Type": "Succeed"})),
}
CALLS = {
    "call, not waited for": states(
        lambda found, _: found["Shift"]["Parameters"].update(InvocationType="Event")
    ),
    "call, a rehearsal": states(
        lambda found, _: found["RollBack"]["Parameters"].update(InvocationType="DryRun")
    ),
    "call, of the reading function": calling("Verify", "aws_lambda_function", "switching_read"),
    "call, of the ledger's": calling("Verify", "aws_lambda_function", "ledger_move"),
    "call, past the alias": calling("Shift", "aws_lambda_function", "switching_switch"),
    "call, the same share": payload("Shift", "percent.$", percent=100),
    "call, the same colour": payload("Shift", "target.$", target="green"),
    "call, the ledger to the same colour": payload("MoveLedger", "target.$", target="green"),
}
TIME = {
    "time, of a step": state("Shift", TimeoutSeconds=1),
    "time, of a rollback": state("RollBack", TimeoutSeconds=10),
    "time, of the function": with_("aws_lambda_function", "switching_switch", timeout=900),
    "time, of the mover": with_("aws_lambda_function", "ledger_move", timeout=600),
    "time, of all": whole(TimeoutSeconds=60),
    "time, of an express workflow": with_(*MACHINE, type="EXPRESS"),
}


def in_the_workflow(place: Place) -> Place:
    """The finding belongs on the state machine, whatever was changed."""
    return lambda document: (*place(document), f"aws_sfn_state_machine.{name_like(document, *MACHINE)}")


CASES = [
    Case(name, in_the_workflow(place))
    for name, place in {**SKIPPED, **FAILING, **ANSWERS, **BACK, **CALLS, **TIME}.items()
]
