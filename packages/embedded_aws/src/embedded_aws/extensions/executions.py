"""Executions end when they are stopped, and act as the role of their state machine.

Stock moto notices StopExecution only when the present state has ended by itself, calls what was stopped
failed, keeps neither its error nor its cause, gives executions without a name none, lets two starts with one
name meet, and makes boto3 clients in many threads at once, which boto3's default session is not made for,
with keys that don't exist.
"""

import sys
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import InvalidName, NameTooLongException
from moto.stepfunctions.parser.api import (
    ExecutionAbortedEventDetails,
    ExecutionStatus,
    HistoryEventType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.credentials import StateCredentials
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse
from moto.utilities.arns import parse_arn

from embedded_aws.access.refusals import Denied
from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.encryption import machine_use
from embedded_aws.clients import boto_client
from embedded_aws.extensions import Server, replace
from embedded_aws.extensions.execution_events import announce
from embedded_aws.extensions.execution_logs import deliver
from iam_evaluation import Caller

PRINCIPAL = "states.amazonaws.com"
# What X-Ray needs of a role. Step Functions developer guide, "IAM policies for X-Ray".
TRACING = (
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
    *("xray:GetSamplingRules", "xray:GetSamplingTargets"),
)
LONGEST_NAME = 80
INTERPRETER = "moto.stepfunctions.parser."
BEGIN_SECONDS, POLL_SECONDS = 5.0, 0.002

# A start or an end happens alone: names are unique, and what ends an execution first has ended it.
changing = threading.RLock()


def install(server: Server) -> None:
    """Extend moto's executions."""
    replace(StepFunctionsParserBackend, "start_execution", partial(_start, server))
    replace(StepFunctionResponse, "stop_execution", partial(_answer_stop_execution, server))
    replace(StepFunctionResponse, "describe_execution", _answer_describe_execution)
    replace(BaseExecutionWorkerCommunication, "terminated", partial(_terminated, server))
    _share_clients(server)


def _start(server: Server, stock: Callable[..., Execution], backend: Any, arn: str, *how: Any) -> Execution:
    """`how`: the name, if one is given, and the input."""
    name, given = how
    _become_the_role(server, backend.describe_state_machine(arn))
    name = name or str(uuid.uuid4())
    if len(name) > LONGEST_NAME:
        raise NameTooLongException(name)
    if any(character in name for character in backend.invalid_chars_for_name):
        raise InvalidName(f"Invalid Name: '{name}'")
    with changing:
        known = len(backend.describe_state_machine(arn).executions)
        execution = stock(backend, arn, name, given)
        is_new = len(backend.describe_state_machine(arn).executions) > known
    if is_new:
        announce(execution, ExecutionStatus.RUNNING)
    return execution


def _become_the_role(server: Server, machine: Any) -> None:
    """What each execution does first: assume the role, and use its key with it.

    Step Functions developer guide, "Data at rest encryption": the role asks KMS by itself. Without the key an
    execution fails; here it doesn't start. Without X-Ray its traces are missing.
    """
    region, role = machine.arn.split(":")[3], machine.roleArn
    try:
        server.assume(PRINCIPAL, role, region, "states", machine.arn)
    except Denied as denied:
        raise AWSError(str(denied), "AccessDeniedException") from denied
    caller = Caller.role(role, "states")
    for use in machine_use(machine, "Decrypt", "GenerateDataKey"):
        if not server.authority.allows_use(use, caller, region, "StartExecution", via=False):
            raise AWSError(f"{role} may not use the key of {machine.arn}", "KmsAccessDeniedException")
    if machine.tracingConfiguration.get("enabled"):
        for action in TRACING:
            server.authority.allows(Check(caller, action, "*"), "StartExecution")


def _terminated(
    server: Server, stock: Callable[..., None], communication: BaseExecutionWorkerCommunication
) -> None:
    """The last state has ended, perhaps long after the execution was stopped."""
    execution = communication.execution
    with changing:
        if execution.exec_status != ExecutionStatus.RUNNING:
            return
        stock(communication)
    deliver(server, execution)
    announce(execution, execution.exec_status)


def stop(server: Server, execution: Execution, error: str | None, cause: str | None) -> None:
    """ABORTED from now on, whatever its states are doing. One that has ended stays as it is."""
    environment = _running_environment(execution)
    with changing:
        if execution.exec_status != ExecutionStatus.RUNNING:
            return
        now = datetime.now(tz=UTC)
        execution.exec_status, execution.stop_date = ExecutionStatus.ABORTED, now
        execution.error, execution.cause = error, cause
        _end_history(environment, error, cause)
        environment.set_stop(stop_date=now, error=error, cause=cause)
    deliver(server, execution)
    announce(execution, ExecutionStatus.ABORTED)


def _running_environment(execution: Execution) -> Environment:
    """What an execution runs in. Its thread makes it, a moment after the start."""
    deadline = time.monotonic() + BEGIN_SECONDS
    while time.monotonic() < deadline:
        environment = execution.exec_worker.env if execution.exec_worker else None
        if environment is not None and environment._program_state is not None:
            return environment
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"{execution.exec_arn} has not begun to run within {BEGIN_SECONDS:.0f} s")


def _end_history(environment: Environment, error: str | None, cause: str | None) -> None:
    """Nothing that is still going on adds to the history of what has been stopped."""
    environment.event_manager.add_event(
        context=environment.event_history_context,
        event_type=HistoryEventType.ExecutionAborted,
        event_details=EventDetails(  # type: ignore[typeddict-item]  # one of many, for each kind of event
            executionAbortedEventDetails=ExecutionAbortedEventDetails(error=error, cause=cause)
        ),
    )
    environment.event_manager.add_event = lambda *_, **__: 0  # type: ignore[method-assign]


def _answer_stop_execution(server: Server, _: Any, response: StepFunctionResponse) -> ActionResult:
    execution: Any = response.stepfunction_backend.describe_execution(response._get_param("executionArn"))
    stop(server, execution, response._get_param("error"), response._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date})


def _answer_describe_execution(_: Any, response: StepFunctionResponse) -> ActionResult:
    execution: Any = response.stepfunction_backend.describe_execution(response._get_param("executionArn"))
    described = execution.to_describe_output()
    return ActionResult({name: value for name, value in described.items() if value is not None})


def _share_clients(server: Server) -> None:
    """One client for all tasks with the same credentials: clients are made for threads, making them is not.

    A task acts as the role that it names, else as that of its state machine.
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
    """
    making, clients = threading.Lock(), {}

    def client_for(region: str, service: str, state_credentials: StateCredentials) -> Any:
        role = state_credentials.role_arn
        credentials = server.keys.of_role(parse_arn(role).account, region, role, "states")
        with making:
            name = service, region, credentials.access_key_id
            if name not in clients:
                clients[name] = boto_client(service, server.endpoint, credentials, region, patient=True)
            return clients[name]

    for module in [found for name, found in sys.modules.items() if name.startswith(INTERPRETER)]:
        if "boto_client_for" in vars(module):
            vars(module)["boto_client_for"] = client_for
