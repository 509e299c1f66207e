"""How a shift goes: step by step to the target, watched all the time, back on any failure.

All waiting is one loop, `Wait` and `Verify`: for a bake, for an approval, and for the end of a share that an
operator set and that the function has an execution watch. Gates, freeze and deadline are evaluated in each.

The ledger moves by an execution, too. The mover moves it, while the function keeps the lock.

The switch function does all work and decides; this says in which order it is called, what is tried again,
and that whatever goes wrong after the beginning ends with the traffic where it was. Its events, answers and
errors are those of lambda_src/contract.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from lambda_src.contract import ledger
from lambda_src.contract.actions import Action
from lambda_src.contract.errors import UNHEARD, LockedError, Meaning, named
from lambda_src.contract.limits import DAY, MAXIMUM_STEPS
from lambda_src.contract.workflow import Ending, Next, Schedule
from lambda_src.contract.workflow import State as Stands
from modules.switch.states import (
    Catch,
    Choice,
    Definition,
    Fail,
    Pass,
    Retry,
    Rule,
    State,
    Succeed,
    Task,
    Wait,
)

INVOKE = "arn:aws:states:::lambda:invoke"
# What Begin answers, and every later state finds in its input.
PLAN = tuple(field.name for field in fields(Schedule))
LOOK_LATER = {"wait_seconds.$": "$.Payload.wait_seconds"}
WORKFLOW = "$$.Execution.Name"
FAILURE = "$.failure"
# Lambda may not have run the function, or its answer was lost; or the function could not finish.
UNFINISHED = (*UNHEARD, *named(Meaning.REPEATABLE), "States.Timeout")
AGAIN = Retry(errors=UNFINISHED, seconds=2, attempts=6, at_most=30)
# An operator's single request holds the lock for a moment.
LOCKED = Retry(errors=(LockedError.__name__,), seconds=5, attempts=12, at_most=30)
# With these the function says itself that nothing has begun.
REFUSALS = named(Meaning.INVALID, Meaning.NOTHING_BEGUN)
# Another request has taken over: what is now is its own, not to be rolled back.
NOT_OURS = named(Meaning.NOT_OURS)
# About an hour. The targets of the old colour may recover; giving up leaves the traffic in between.
PERSISTENTLY = Retry(errors=("States.ALL",), seconds=2, attempts=64, at_most=60)
# For longer than a former try could run, whose mover Lambda has not ended yet.
UNTIL_MOVED = Retry(
    errors=(*UNHEARD, *ledger.UNFINISHED, "States.Timeout"), seconds=1, attempts=30, at_most=10
)
READ_AGAIN = Retry(errors=(*UNHEARD, ledger.UNREACHABLE, "States.Timeout"), seconds=2, attempts=3, at_most=10)
UNTIL_ROLLED_BACK = (Retry(errors=NOT_OURS, seconds=1, attempts=0, at_most=2), PERSISTENTLY)

# Nothing waits for longer: fifty steps, each with a day of approval and a day of baking, and the retries.
REST_OF_A_STEP = 3600
LONGEST_SECONDS = MAXIMUM_STEPS * (2 * DAY + REST_OF_A_STEP)
# Beyond what the function may take: so it is the function that says why it took too long.
MARGIN_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Mover:
    """The function that moves the ledger."""

    arn: str
    timeout_seconds: int


def definition(*, function_arn: str, function_timeout_seconds: int, mover: Mover | None = None) -> Definition:
    """The state machine that drives the function. Execution name: the workflow's id. Input: the plan; or of a
    held share, which the function starts, `{"hold": true, "step": 0, "last": 0, "look": {"wait_seconds"}}`;
    of a deployment, `{"deploy": true, "step": 0, "look": {"wait_seconds"}}`. `mover`: None where there is no
    ledger.

    It ends as Shifted (output: what finalize answered), ShareEnded, Deployed or LedgerMoved (what the mover
    answered),
    or fails as an Ending says, whose cause is JSON: {"Error", "Cause"} of what went wrong.
    """
    call = _Caller(function_arn, function_timeout_seconds + MARGIN_SECONDS)
    return Definition(
        comment="Shifts traffic to one colour in steps, and rolls it back when a step fails",
        start="SelectWork",
        timeout=LONGEST_SECONDS,
        states={
            **_begin(call, mover),
            **_step(call),
            **_watch(call, mover),
            **_end(call, mover),
            **_deployment(call),
            **(_ledger(call, mover) if mover else {}),
        },
    )


class _Caller:
    """Makes the tasks that call the function."""

    def __init__(self, function_arn: str, timeout_seconds: int) -> None:
        self._function_arn, self._timeout_seconds = function_arn, timeout_seconds

    def task(self, action: Action, more: Mapping[str, Any], **rest: Any) -> Task:
        """Calls the function with the action, the workflow's id and `more`."""
        event = {"action": action, "workflow.$": WORKFLOW, **more}
        settings: dict[str, Any] = {
            "resource": INVOKE,
            "parameters": {"FunctionName": self._function_arn, "Payload": event},
            "timeout": self._timeout_seconds,
        }
        return Task(**(settings | rest))

    def step(self, action: Action, more: Mapping[str, Any], **rest: Any) -> Task:
        """The same for a step of the plan: what fails for good is rolled back."""
        settings: dict[str, Any] = {"retry": (AGAIN, LOCKED), "catch": _rolled_back()}
        return self.task(action, {"step.$": "$.step", **more}, **(settings | rest))


def _rolled_back() -> Sequence[Catch]:
    return (
        Catch(errors=NOT_OURS, then=Ending.SUPERSEDED, at=FAILURE),
        Catch(then="RollBack", at=FAILURE),
    )


def _begin(call: _Caller, mover: Mover | None) -> Mapping[str, State]:
    """Nothing has moved yet. What may have begun, its answer lost, is rolled back."""
    kinds = {"hold": "Wait", "deploy": "WaitForTasks"} | ({"only_ledger": "SeeLedger"} if mover else {})
    alone = "The ledger moves alone. " if mover else ""
    return {
        "SelectWork": Choice(
            comment=f"A held share, or a rollout, is only watched. {alone}Otherwise a shift begins",
            rules=[
                Rule(variable=f"$.{key}", test="IsPresent", value=True, then=then)
                for key, then in kinds.items()
            ],
            otherwise="CompareSchemas" if mover else "Begin",
        ),
        **({"CompareSchemas": _comparison(mover)} if mover else {}),
        "Begin": call.task(
            Action.BEGIN,
            {"plan.$": "$$.Execution.Input"},
            comment="Checks the plan and the gates, and takes the lock. A refusal ends here: nothing moved",
            keep={f"{key}.$": f"$.Payload.{key}" for key in PLAN},
            at="$",
            retry=(AGAIN,),
            catch=(Catch(errors=REFUSALS, then=Ending.REFUSED, at="$"), Catch(then="Withdraw", at="$")),
            then="SelectStep",
        ),
        "Withdraw": call.task(
            Action.ROLLBACK,
            {"cause.$": "States.JsonToString($)"},
            comment="Whether the shift began is unknown: in case it did, it is closed. Nothing moved",
            retry=(AGAIN, LOCKED),
            catch=(Catch(then=Ending.REFUSED, at="$.withdrawal"),),
            then=Ending.REFUSED,
        ),
        Ending.REFUSED: Fail(
            comment="The shift did not begin: the cause says why. Nothing moved",
            error=Ending.REFUSED,
            cause="States.JsonToString($)",
        ),
    }


def _comparison(mover: Mover) -> Task:
    return _asking(
        mover,
        "compare",
        {},
        ("tables",),
        "$.schema",
        comment="Both versions of the code work on one ledger: its databases need the same schema",
        retry=(READ_AGAIN,),
        catch=(Catch(then=Ending.REFUSED, at="$"),),
        then="Begin",
    )


def _asking(
    mover: Mover, action: str, more: Mapping[str, Any], keep: Sequence[str], at: str, **rest: Any
) -> Task:
    """Calls the mover."""
    return Task(
        resource=INVOKE,
        parameters={"FunctionName": mover.arn, "Payload": {"action": action, **more}},
        timeout=mover.timeout_seconds + MARGIN_SECONDS,
        keep={f"{key}.$": f"$.Payload.{key}" for key in keep},
        at=at,
        **rest,
    )


def _step(call: _Caller) -> Mapping[str, State]:
    return {
        "SelectStep": Pass(
            comment="Looks up the share of this step, and whether it needs an approval",
            parameters={
                "percent.$": "States.ArrayGetItem($.percents, $.step)",
                "approval.$": "States.ArrayGetItem($.approvals, $.step)",
            },
            at="$.now",
            then="NeedsApproval",
        ),
        "NeedsApproval": Choice(
            comment="Only the steps of approve_at need an approval",
            rules=[Rule(variable="$.now.approval", test="BooleanEquals", value=True, then="Ask")],
            otherwise="Shift",
        ),
        "Ask": call.step(
            Action.ASK,
            {},
            comment="Records and notifies that an approval is wanted. Without it the shift rolls back",
            keep=LOOK_LATER,
            at="$.look",
            then="Wait",
        ),
        "Shift": call.step(
            Action.SHIFT,
            {
                "target.$": "$.target",
                "percent.$": "$.now.percent",
                "reason.$": "$.reason",
                "by.$": "$.by",
            },
            comment="Evaluates the gates and gives the target this step's share of the traffic",
            keep=LOOK_LATER,
            at="$.look",
            then="Wait",
        ),
    }


def _watch(call: _Caller, mover: Mover | None) -> Mapping[str, State]:
    ledger_moves = [(Next.MOVE_LEDGER, "LookAtLedger")] if mover else []
    return {
        "Wait": Wait(
            comment="Lets time pass until the next look: of a bake, an approval, or a held share",
            seconds="$.look.wait_seconds",
            then="Verify",
        ),
        "Verify": call.step(
            Action.VERIFY,
            {},
            comment="Evaluates gates, freeze, abort, deadline, and whether the weights are unchanged",
            keep={"next.$": "$.Payload.next", "cause.$": "$.Payload.cause", **LOOK_LATER},
            at="$.look",
            then="Next",
        ),
        "Next": Choice(
            comment="What the function says comes next; anything it doesn't know is another look",
            rules=[
                Rule(variable="$.look.next", test="StringEquals", value=value, then=then)
                for value, then in (
                    (Next.SHIFT, "Shift"),
                    (Next.NEXT_STEP, "NextStep"),
                    (Next.FINALIZE, "Finalize"),
                    (Next.ROLL_BACK, "EndShare"),
                    (Next.ENDED, "ShareEnded"),
                    *ledger_moves,
                )
            ],
            otherwise="Wait",
        ),
        "EndShare": call.task(
            Action.ROLLBACK,
            {"cause.$": "$.look.cause"},
            comment="The time limit of a held share is over: all traffic goes back to the active colour",
            retry=UNTIL_ROLLED_BACK,
            catch=(
                Catch(errors=NOT_OURS, then="ShareEnded", at=FAILURE),
                Catch(then=Ending.ROLLBACK_FAILED, at=FAILURE),
            ),
            then="ShareEnded",
        ),
        "ShareEnded": Succeed(
            comment="A held share has ended as planned: at its limit, or by an operator's next move",
            output="$.look",
        ),
        "NextStep": Pass(
            comment="Counts",
            parameters={
                **{f"{key}.$": f"$.{key}" for key in PLAN},
                "step.$": "States.MathAdd($.step, 1)",
            },
            then="SelectStep",
        ),
    }


def _end(call: _Caller, mover: Mover | None) -> Mapping[str, State]:
    after = Choice(
        comment="The ledger follows the traffic where the plan says so",
        rules=[
            Rule(
                variable="$.finalized.answer.next",
                test="StringEquals",
                value=Next.MOVE_LEDGER,
                then="LookAtLedger",
            )
        ],
        otherwise="Shifted",
    )
    release = "releases the lock unless the ledger follows" if mover else "releases the lock"
    return {
        **({"AfterFinalize": after} if mover else {}),
        "Finalize": call.task(
            Action.FINALIZE,
            {},
            comment="Records the target as active and notifies; " + release,
            keep={"answer.$": "$.Payload"},
            at="$.finalized",
            retry=(AGAIN, LOCKED),
            catch=_rolled_back(),
            then="AfterFinalize" if mover else "Shifted",
        ),
        "Shifted": Succeed(comment="All traffic is at the target", output="$.finalized.answer"),
        "RollBack": call.task(
            Action.ROLLBACK,
            {"cause.$": f"States.JsonToString({FAILURE})"},
            comment="Returns all traffic to the colour that it came from; retried for an hour",
            retry=UNTIL_ROLLED_BACK,
            catch=(
                Catch(errors=NOT_OURS, then=Ending.SUPERSEDED, at=FAILURE),
                Catch(then=Ending.ROLLBACK_FAILED, at=FAILURE),
            ),
            then=Ending.ROLLED_BACK,
        ),
        **_failed(Ending.ROLLED_BACK, "All traffic is where it was before: the cause says what went wrong"),
        **_failed(
            Ending.ROLLBACK_FAILED,
            "The operator has to act: traffic may be split. Run `bluegreen status`, then `rollback`",
        ),
        **_failed(
            Ending.SUPERSEDED,
            "Another client moved the traffic and has it now: this shift moves nothing more",
        ),
    }


def _deployment(call: _Caller) -> Mapping[str, State]:
    """The function has begun it; nothing of it is traffic. Whatever goes wrong ends with the way back."""
    return {
        "WaitForTasks": Wait(
            comment="Lets time pass until the next look at the rollout",
            seconds="$.look.wait_seconds",
            then="LookAtRollout",
        ),
        "LookAtRollout": call.task(
            Action.VERIFY,
            {"step.$": "$.step"},
            comment="Sees whether all tasks are healthy, or will not be",
            keep={"next.$": "$.Payload.next", "cause.$": "$.Payload.cause", **LOOK_LATER},
            at="$.look",
            retry=(AGAIN, LOCKED),
            catch=(
                Catch(errors=NOT_OURS, then=Ending.SUPERSEDED, at=FAILURE),
                Catch(then="GoBackUnseen", at=FAILURE),
            ),
            then="AfterRollout",
        ),
        "AfterRollout": Choice(
            comment="What the function says comes next; anything it doesn't know is another look",
            rules=[
                Rule(variable="$.look.next", test="StringEquals", value=value, then=then)
                for value, then in (
                    (Next.FINALIZE, "FinishDeployment"),
                    (Next.ROLL_BACK, "GoBack"),
                    (Next.ENDED, "ShareEnded"),
                )
            ],
            otherwise="WaitForTasks",
        ),
        "GoBack": _going_back(call, "$.look.cause"),
        "GoBackUnseen": _going_back(call, f"States.JsonToString({FAILURE})"),
        "FinishDeployment": call.task(
            Action.FINALIZE,
            {},
            comment="Records how it ended, notifies, and releases the lock",
            keep={"Error.$": "$.Payload.outcome", "Cause.$": "$.Payload.cause", "answer.$": "$.Payload"},
            at=FAILURE,
            retry=(AGAIN, LOCKED),
            catch=(
                Catch(errors=NOT_OURS, then=Ending.SUPERSEDED, at=FAILURE),
                Catch(then="GoBackUnseen", at=FAILURE),
            ),
            then="HowItEnded",
        ),
        "HowItEnded": Choice(
            comment="Only a deployment whose tasks are healthy has succeeded",
            rules=[
                Rule(variable="$.failure.Error", test="StringEquals", value=value, then=then)
                for value, then in (
                    (Stands.COMPLETED, "Deployed"),
                    (Stands.ROLLED_BACK, Ending.ROLLED_BACK),
                )
            ],
            otherwise=Ending.ROLLBACK_FAILED,
        ),
        "Deployed": Succeed(comment="All tasks of the colour run the image", output="$.failure.answer"),
    }


def _going_back(call: _Caller, cause: str) -> Task:
    return call.task(
        Action.ROLLBACK,
        {"cause.$": cause},
        comment="Has the colour run the image before; retried for an hour",
        keep=LOOK_LATER,
        at="$.look",
        retry=UNTIL_ROLLED_BACK,
        catch=(
            Catch(errors=NOT_OURS, then=Ending.SUPERSEDED, at=FAILURE),
            Catch(then=Ending.ROLLBACK_FAILED, at=FAILURE),
        ),
        then="WaitForTasks",
    )


def _ledger(call: _Caller, mover: Mover) -> Mapping[str, State]:
    """What the mover has begun is never rolled back: it is finished, or the database itself takes it back."""

    def seeing(catch: Catch, then: str) -> Task:
        return _asking(
            mover,
            "see",
            {},
            ("writer", "epoch", "state"),
            "$.ledger",
            comment="Reads the row: a move that is past its fence is finished whatever the gates say",
            retry=(AGAIN,),
            catch=(catch,),
            then=then,
        )

    beginning = {"plan.$": "$$.Execution.Input", "ledger.$": "$.ledger"}
    return {
        "SeeLedger": seeing(Catch(then=Ending.REFUSED, at="$"), "BeginMove"),
        "LookAtLedger": seeing(Catch(then="RecordNoMove", at=FAILURE), "StartMove"),
        "StartMove": call.task(
            Action.BEGIN_LEDGER,
            beginning,
            comment="Evaluates the gates. The shift has the lock already",
            retry=(AGAIN, LOCKED),
            catch=(
                Catch(errors=NOT_OURS, then=Ending.SUPERSEDED, at=FAILURE),
                Catch(then="RecordNoMove", at=FAILURE),
            ),
            then="MoveLedger",
        ),
        "BeginMove": call.task(
            Action.BEGIN_LEDGER,
            beginning,
            comment="Evaluates the gates and takes the lock. A refusal ends here: nothing moved",
            retry=(AGAIN,),
            catch=(Catch(errors=REFUSALS, then=Ending.REFUSED, at="$"), Catch(then="Withdraw", at="$")),
            then="MoveLedger",
        ),
        "MoveLedger": _asking(
            mover,
            "move",
            {"target.$": "$.target"},
            ("writer", "epoch", "pause_ms"),
            "$.moved",
            comment="Moves the ledger, or finishes a move; tried again for as long as a former try could run",
            retry=(UNTIL_MOVED,),
            catch=(Catch(then="RecordNoMove", at=FAILURE),),
            then="RecordMove",
        ),
        "RecordMove": _recording(
            call, {"moved.$": "$.moved"}, "Records the move, notifies, and releases the lock", FAILURE
        ),
        "RecordNoMove": _recording(
            call,
            {"error.$": f"{FAILURE}.Error", "cause.$": f"States.JsonToString({FAILURE})"},
            "Records that the ledger was not moved, notifies, and releases the lock",
            "$.unrecorded",
        ),
        "AfterMove": Choice(
            comment="What the function says of the move",
            rules=[
                Rule(variable="$.recorded.next", test="StringEquals", value=value, then=then)
                for value, then in (
                    (ledger.After.MOVED, "LedgerMoved"),
                    (ledger.After.REFUSED, Ending.LEDGER_REFUSED),
                    (ledger.After.NEXT_STEP, "NextStep"),
                    (ledger.After.SHIFTED, "Shifted"),
                    (ledger.After.ROLL_BACK, "RollBack"),
                )
            ],
            otherwise=Ending.LEDGER_UNFINISHED,
        ),
        "LedgerMoved": Succeed(comment="The ledger is on the target's database", output="$.moved"),
        **_failed(
            Ending.LEDGER_REFUSED,
            "The ledger is where it was: the cause says why. Traffic that a shift moved stays",
        ),
        **_failed(
            Ending.LEDGER_UNFINISHED, "The operator has to act: run the same move again, which finishes it"
        ),
    }


def _failed(ending: Ending, comment: str) -> Mapping[str, State]:
    """The execution ends with the ending as its error; its cause is what failed before."""
    cause = f"States.JsonToString({FAILURE})"
    return {ending: Fail(comment=comment, error=ending, cause=cause)}


def _recording(call: _Caller, more: Mapping[str, Any], comment: str, failure: str) -> Task:
    return call.task(
        Action.LEDGER,
        more,
        comment=comment,
        keep={"next.$": "$.Payload.next"},
        at="$.recorded",
        retry=(AGAIN,),
        catch=(
            Catch(errors=NOT_OURS, then=Ending.SUPERSEDED, at=FAILURE),
            Catch(then=Ending.LEDGER_UNFINISHED, at=failure),
        ),
        then="AfterMove",
    )
