"""Executions end when they are stopped, and their tasks' tokens with them.

Stock moto notices StopExecution only when the present state has ended by itself, calls what was stopped
failed, keeps neither its error and cause nor the cause of SendTaskFailure, takes tokens that nobody waits for
any more, gives executions without a name none, lets two starts with one name meet, and makes boto3 clients
in many threads at once, which boto3's default session is not made for, with keys that don't exist.
"""

import sys
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.exceptions import InvalidName, NameTooLongException
from moto.stepfunctions.parser.api import (
    ExecutionAbortedEventDetails,
    ExecutionStatus,
    HistoryEventType,
    InvalidToken,
    TaskTimedOut,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.credentials import StateCredentials
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackOutcome,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse
from moto.utilities.arns import parse_arn

from embedded_aws.clients import boto_client
from embedded_aws.extensions import Server, replace
from embedded_aws.extensions.execution_events import announce

LONGEST_NAME = 80
INTERPRETER = "moto.stepfunctions.parser."
GONE = "Task Timed Out: 'Provided task does not exist anymore'"
BEGIN_SECONDS, POLL_SECONDS = 5.0, 0.002

# Who starts, ends or answers does it alone: names are unique, and what ends an execution first has ended it.
changing = threading.RLock()


def install(server: Server) -> None:
    """Extend moto's executions."""
    replace(StepFunctionsParserBackend, "start_execution", _start)
    replace(StepFunctionsParserBackend, "send_task_success", _succeed)
    replace(StepFunctionsParserBackend, "send_task_failure", _fail)
    replace(StepFunctionResponse, "send_task_failure", _answer_send_task_failure)
    replace(StepFunctionResponse, "stop_execution", _answer_stop_execution)
    replace(StepFunctionResponse, "describe_execution", _answer_describe_execution)
    replace(BaseExecutionWorkerCommunication, "terminated", _terminated)
    replace(StateTaskService, "_eval_execution", _with_a_token_of_its_own)
    _share_clients(server)


def _start(
    stock: Callable[..., Execution], backend: Any, arn: str, name: str | None, given: str
) -> Execution:
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


def _terminated(stock: Callable[..., None], communication: BaseExecutionWorkerCommunication) -> None:
    """The last state has ended, perhaps long after the execution was stopped."""
    execution = communication.execution
    with changing:
        if execution.exec_status != ExecutionStatus.RUNNING:
            return
        stock(communication)
    announce(execution, execution.exec_status)


def stop(execution: Execution, error: str | None, cause: str | None) -> None:
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
        for endpoint in list(environment.callback_pool_manager._pool.values()):
            endpoint.interrupt_all()
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


def _answer(backend: StepFunctionsParserBackend, outcome: CallbackOutcome) -> None:
    """Give a task what it waits for, once. Raises InvalidToken; TaskTimedOut if it waits no more."""
    for execution in backend._get_executions():
        environment = execution.exec_worker.env
        endpoint = environment and environment.callback_pool_manager.get(outcome.callback_id)
        if endpoint is None:
            continue
        with changing:
            if endpoint._notify_event.is_set() or execution.exec_status != ExecutionStatus.RUNNING:
                raise TaskTimedOut(GONE, TaskTimedOut.code, TaskTimedOut.status_code)
            endpoint.notify(outcome)
            return
    raise InvalidToken()  # type: ignore[no-untyped-call]


def _succeed(_: Any, backend: StepFunctionsParserBackend, task_token: str, outcome: str) -> None:
    _answer(backend, CallbackOutcomeSuccess(callback_id=task_token, output=outcome))


def _fail(
    _: Any,
    backend: StepFunctionsParserBackend,
    task_token: str,
    error: str | None = None,
    cause: str | None = None,
) -> None:
    _answer(backend, CallbackOutcomeFailure(callback_id=task_token, error=error, cause=cause))


def _with_a_token_of_its_own(stock: Callable[..., None], task: StateTaskService, env: Environment) -> None:
    """Each try of a task that waits has its own token; nobody waits for that of a try that failed."""
    context = env.states.context_object
    if "Task" not in context.context_object_data:
        stock(task, env)
        return
    endpoint = env.callback_pool_manager.add(context.update_task_token())
    try:
        stock(task, env)
    finally:
        endpoint.interrupt_all()


def _answer_send_task_failure(_: Any, response: StepFunctionResponse) -> EmptyResult:
    token, error, cause = (response._get_param(name) for name in ("taskToken", "error", "cause"))
    response.stepfunction_backend.send_task_failure(token, error, cause)  # type: ignore[call-arg]
    return EmptyResult()


def _answer_stop_execution(_: Any, response: StepFunctionResponse) -> ActionResult:
    execution: Any = response.stepfunction_backend.describe_execution(response._get_param("executionArn"))
    stop(execution, response._get_param("error"), response._get_param("cause"))
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
