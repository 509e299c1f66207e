"""Stock moto has neither ValidateStateMachineDefinition nor ListStateMachineVersions (500), which the AWS
provider calls for every plan and after every apply.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
Errors of the language are those that moto's own interpreter finds, and states that lead nowhere.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from embedded_aws.extensions import Server

Diagnostic = dict[str, str]
TRANSITIONS = ("Default", "Next")


def install(_: Server) -> None:
    """Extend moto's state machines."""
    # Moto dispatches by the operation's name.
    StepFunctionResponse.validate_state_machine_definition = _validate  # type: ignore[attr-defined]
    StepFunctionResponse.list_state_machine_versions = _list_versions  # type: ignore[attr-defined]


def _list_versions(response: StepFunctionResponse) -> ActionResult:
    """The newest first."""
    machine = response.stepfunction_backend.describe_state_machine(response._get_param("stateMachineArn"))
    versions = sorted(getattr(machine, "versions", {}).items(), reverse=True)
    found = [
        {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date}
        for _, version in versions
    ]
    return ActionResult({"stateMachineVersions": found})


def _validate(response: StepFunctionResponse) -> ActionResult:
    found = diagnostics(str(response._get_param("definition")))
    return ActionResult({"result": "FAIL" if found else "OK", "diagnostics": found, "truncated": False})


def diagnostics(definition: str) -> list[Diagnostic]:
    """What is wrong with a definition, as the API says it."""
    try:
        StepFunctionsParserBackend._validate_definition(definition)
    except InvalidDefinition as error:
        return [_error("SCHEMA_VALIDATION_FAILED", str(error.message), "/")]
    return list(_dead_ends(json.loads(definition), ""))


def _dead_ends(machine: Mapping[str, Any], where: str) -> Iterator[Diagnostic]:
    """Transitions to states that there are not; those of branches and iterations are their own."""
    states = machine["States"]
    wanted = [(machine["StartAt"], f"{where}/StartAt")]
    for name, state in states.items():
        here = f"{where}/States/{name}"
        wanted += [(state[key], f"{here}/{key}") for key in TRANSITIONS if key in state]
        for many in ("Catch", "Choices"):
            wanted += [
                (branch["Next"], f"{here}/{many}[{index}]/Next")
                for index, branch in enumerate(state.get(many, ()))
            ]
    for target, place in wanted:
        if target not in states:
            yield _error("MISSING_TRANSITION_TARGET", f"Missing 'Next' target: {target}", place)


def _error(code: str, message: str, location: str) -> Diagnostic:
    return {"severity": "ERROR", "code": code, "message": message, "location": location}
