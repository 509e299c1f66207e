"""Runs Checkov's Python checks, each on every block of the types that it supports."""

import pickle
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import dpath  # type: ignore[import-untyped]
from checkov.common.checks.base_check import BaseCheck
from checkov.common.models.enums import CheckResult
from checkov.common.util.var_utils import is_terraform_variable_dependent
from checkov.terraform.checks.resource.base_resource_negative_value_check import (
    BaseResourceNegativeValueCheck,
)
from checkov.terraform.checks.utils.base_cloudsplaining_iam_scanner import (
    BaseTerraformCloudsplainingIAMScanner,
)

from stack_gate import documents, registries
from stack_gate.blocks import Block
from stack_gate.graph import StackGraph, StandIns
from stack_gate.report import Problem
from stack_gate.stack import strings
from stack_gate.verdict import Outcome, Verdict

_CALL = re.compile(r"^(?:\$\{)?\w+\(")
JSON_DUMPS = "write the document with json.dumps(), with references inside its strings only; or scan the plan"


def run(stack: StackGraph, wanted: Callable[[Any], bool]) -> tuple[list[Verdict], list[Problem]]:
    """A verdict of each check that is wanted on each block, and the documents that no check could read."""
    # Keyed by path and resource, not by content: from one scan to the next it would lie.
    BaseTerraformCloudsplainingIAMScanner.policy_document_cache.clear()
    verdicts: list[Verdict] = []
    problems: list[Problem] = []
    for key, config in stack.configs.items():
        registry = registries.PYTHON.get(key[0])
        if registry is not None:
            type_, name, conf = registry.extract_entity_details(config)
            entity = _Entity(stack.blocks[key], type_, name, conf, stack)
            verdicts += [entity.verdict(check) for check in registry.get_checks(type_) if wanted(check)]
            problems += entity.problems()
    return verdicts, problems


class _Entity:
    """One block, as the checks are given it."""

    def __init__(self, block: Block, type_: str, name: str, conf: dict[str, Any], stack: StackGraph) -> None:
        self._block, self._type, self._name, self._stack = block, type_, name, stack
        self._conf = pickle.dumps(conf)  # each check gets a copy of its own: some change what they are given
        self._hidden = documents.hidden(conf) if type_.startswith("aws_") else []

    def problems(self) -> Iterator[Problem]:
        for name in self._hidden:
            message = f"{self._block.address}: its {name} is an expression, so no check can read the document"
            yield Problem(
                message, JSON_DUMPS, self._block.file, self._block.line, resource=self._block.address
            )

    def verdict(self, check: BaseCheck) -> Verdict:
        """One check, run for what it says; one that raises has not said anything."""
        conf = pickle.loads(self._conf)  # noqa: S301 - pickled above
        try:
            result = self._result(check, conf)
            outcome, message = self._judged(check, result)
            keys = tuple(filter(None, check.get_evaluated_keys()))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a check raises, it did not evaluate
            outcome, message = Outcome.NOT_EVALUATED, f"the check raises {type(error).__name__}: {error}"
            keys = ()
        return Verdict(check, self._block, outcome, message, keys)

    def _result(self, check: BaseCheck, conf: dict[str, Any]) -> Any:
        check.graph = self._stack.graph
        answer = check.run(
            scanned_file=self._block.file,
            entity_configuration=conf,
            entity_name=self._name,
            entity_type=self._type,
            skip_info={},
        )
        result = answer["result"]
        return result[0] if isinstance(result, tuple) else result

    def _judged(self, check: BaseCheck, result: Any) -> tuple[Outcome, str]:
        if result == CheckResult.PASSED and isinstance(check, BaseResourceNegativeValueCheck):
            return self._not_forbidden(check)
        if result == CheckResult.PASSED:
            return Outcome.PASSED, ""
        if result == CheckResult.FAILED:
            return Outcome.FAILED, "; ".join(check.details)
        if result != CheckResult.UNKNOWN:
            return Outcome.NOT_EVALUATED, f"the check answers {result!r}, which is no verdict"
        return self._unknown(check)

    @cached_property
    def _has_calls(self) -> bool:
        """Whether there is any in the block: most have none, and to look where a check does takes longer."""
        return any(map(_CALL.search, strings(pickle.loads(self._conf))))  # noqa: S301 - as above

    def _not_forbidden(self, check: BaseCheck) -> tuple[Outcome, str]:
        """A call of a function is no forbidden value to Checkov; what it returns may be one."""
        if not self._has_calls:
            return Outcome.PASSED, ""
        calls = sorted(filter(_CALL.search, _values(check, pickle.loads(self._conf))))  # noqa: S301 - as above
        if not calls:
            return Outcome.PASSED, ""
        return Outcome.NOT_EVALUATED, f"it depends on {', '.join(calls)}, whose value is not in the JSON"

    def _unknown(self, check: BaseCheck) -> tuple[Outcome, str]:
        """UNKNOWN means "not my business", and also "I can't tell": the latter where what it looks at is a
        reference, and where a policy document is too much for the library that analyses it.
        """
        if isinstance(check, BaseTerraformCloudsplainingIAMScanner):
            return Outcome.NOT_EVALUATED, "the policy document can't be analysed"
        conf = pickle.loads(self._conf)  # noqa: S301 - pickled above
        references = sorted(set(filter(is_terraform_variable_dependent, _values(check, conf))))
        if not references:
            return Outcome.NOT_APPLICABLE, ""
        if self._result(check, StandIns(self._stack).put(conf)) == CheckResult.PASSED:
            return Outcome.PASSED, ""
        return Outcome.NOT_EVALUATED, f"it depends on {', '.join(references)}, whose value is not in the JSON"


def _values(check: BaseCheck, conf: dict[str, Any]) -> Iterator[str]:
    """The strings in what `check` looked at."""
    for key in filter(None, check.get_evaluated_keys()):
        for _, value in dpath.search(conf, key, yielded=True):
            yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list):
            yield from _strings(item)
        elif isinstance(item, str):
            yield item
