"""Runs Checkov's graph checks: those on attributes, on connections between blocks, and on whole stacks."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from checkov.common.checks_infra.solvers.attribute_solvers import base_attribute_solver
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck

from stack_gate import registries
from stack_gate.graph import Key, StackGraph, StandIns
from stack_gate.verdict import Outcome, Verdict


class _Inline:
    """Runs a job at once, and lets through what it raises: in Checkov's thread pool nobody looks for that,
    and the block is gone from the results.
    """

    def submit(self, job: Any, *arguments: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(job(*arguments))
        return future


vars(base_attribute_solver).update(ThreadPoolExecutor=_Inline)


def run(stack: StackGraph, wanted: Callable[[Any], bool]) -> list[Verdict]:
    """A verdict of each check that is wanted on each block that it speaks about."""
    stand_ins = StandIns(stack)
    verdicts: list[Verdict] = []
    for check in filter(wanted, registries.graph().checks):
        try:
            verdicts += _verdicts(check, stack, stand_ins)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a check raises, it did not evaluate
            message = f"the check raises {type(error).__name__}: {error}"
            verdicts.append(Verdict(check, None, Outcome.NOT_EVALUATED, message))
    return verdicts


def _verdicts(check: BaseGraphCheck, stack: StackGraph, stand_ins: StandIns) -> list[Verdict]:
    passed, failed, unknown = (_keys(part) for part in check.run(stack.graph))
    if unknown - failed:  # it depends on references: not on their values, if it holds for a stand-in too
        passed_then, failed_then, unknown_then = (_keys(part) for part in check.run(stand_ins.graph))
        unknown -= passed_then - failed_then - unknown_then
    found = [_verdict(check, stack, key, Outcome.FAILED) for key in sorted(failed)]
    found += [_verdict(check, stack, key, Outcome.NOT_EVALUATED) for key in sorted(unknown - failed)]
    return found + [_verdict(check, stack, key, Outcome.PASSED) for key in sorted(passed - failed - unknown)]


def _keys(vertices: list[dict[str, Any]]) -> set[Key]:
    """Anything but a block (a check on the whole stack returns `{}`, say) stands for the stack: ("", "")."""
    return {(vertex.get("block_type_", ""), vertex.get("block_name_", "")) for vertex in vertices}


def _verdict(check: BaseGraphCheck, stack: StackGraph, key: Key, outcome: Outcome) -> Verdict:
    block = stack.blocks.get(key)
    if key[0] not in ("", "terraform", "locals") and block is None:
        message = f"it speaks of {'.'.join(key)}, which is not in this stack"
        return Verdict(check, None, Outcome.NOT_EVALUATED, message)
    said = getattr(check, "details", {}).get(block.address if block else "", "")
    if outcome is Outcome.NOT_EVALUATED:
        said = said or "it depends on a value that is not in the JSON"
    return Verdict(check, block, outcome, said)
