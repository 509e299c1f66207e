"""Stock moto forgets what a function does with failed events and logs, and ignores updates of some settings.

Lost: the dead-letter queue and the logging configuration. Not updated: those two, the key, tracing, the size
of /tmp, and the retries of asynchronous events. Terraform would find the function changed after every apply.

While conditions are set (rules/conditions.py), a new function is Pending for a moment and a changed one
InProgress; it is not changed again before that ends.
https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
"""

from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction

from embedded_aws.extensions import Server, replace
from embedded_aws.rules.conditions import conditions

KEPT = ("DeadLetterConfig", "LoggingConfig")
SETTINGS = "bluegreen_settings"
NEW = "bluegreen_new"  # whether it has been active yet


def install(_: Server) -> None:
    """Extend moto's functions."""
    replace(LambdaFunction, "__init__", _init)
    replace(LambdaFunction, "update_configuration", _update_configuration)
    replace(LambdaFunction, "get_configuration", _get_configuration)
    replace(LambdaBackend, "put_function_event_invoke_config", _put_event_invoke_config)
    for name in ("update_function_code", "update_function_configuration"):
        replace(LambdaBackend, name, _one_at_a_time)


class ResourceConflict(LambdaClientError):  # noqa: N818 - named after the API's error
    """A function is changed while it is being changed."""

    code = 409

    def __init__(self, arn: str) -> None:
        super().__init__(
            "ResourceConflictException",
            "The operation cannot be performed at this time. An update is in progress for resource: " + arn,
        )


def _one_at_a_time(
    stock: Callable[..., Any], backend: LambdaBackend, name: str, *args: Any, **named: Any
) -> Any:
    function = backend.get_function(name)
    if not conditions.visible(function.function_arn):
        raise ResourceConflict(function.function_arn)
    answer = stock(backend, name, *args, **named)
    conditions.wrote(function.function_arn)
    return answer


def dead_letter_target(function: LambdaFunction) -> str | None:
    """The ARN of the queue or topic that events go to which the function failed on."""
    target: str | None = vars(function)[SETTINGS].get("DeadLetterConfig", {}).get("TargetArn")
    return target or None


def logging_settings(function: LambdaFunction) -> dict[str, str]:
    """LogFormat (Text or JSON), LogGroup, and for JSON ApplicationLogLevel and SystemLogLevel."""
    given: dict[str, str] = vars(function)[SETTINGS].get("LoggingConfig", {})
    defaults = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"}
    if given.get("LogFormat") == "JSON":
        defaults |= {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
    return defaults | given


def _init(
    stock: Callable[..., None],
    function: LambdaFunction,
    account_id: str,
    spec: dict[str, Any],
    *args: Any,
    **named: Any,
) -> None:
    vars(function)[SETTINGS] = {name: spec[name] for name in KEPT if spec.get(name)}
    stock(function, account_id, spec, *args, **named)
    vars(function)[NEW] = True
    conditions.wrote(function.function_arn)


def _update_configuration(
    stock: Callable[..., Any], function: LambdaFunction, updates: dict[str, Any]
) -> dict[str, Any]:
    # A new dict: published versions are shallow copies of the function and keep theirs.
    vars(function)[SETTINGS] = vars(function)[SETTINGS] | {
        name: updates[name] for name in KEPT if name in updates
    }
    function.kms_key_arn = updates.get("KMSKeyArn", function.kms_key_arn)
    function.tracing_config = updates.get("TracingConfig", function.tracing_config)
    function.ephemeral_storage = updates.get("EphemeralStorage", {}).get("Size", function.ephemeral_storage)
    stock(function, updates)
    return function.get_configuration()


def _get_configuration(
    stock: Callable[..., dict[str, Any]], function: LambdaFunction, on_create: bool = False
) -> dict[str, Any]:
    configuration = stock(function, on_create) | {"LoggingConfig": logging_settings(function)}
    visible = conditions.visible(function.function_arn)
    if visible:
        vars(function)[NEW] = False
    elif vars(function).get(NEW):
        configuration |= {"State": "Pending", "StateReasonCode": "Creating"}
    else:
        configuration |= {"LastUpdateStatus": "InProgress"}
    if target := dead_letter_target(function):
        configuration["DeadLetterConfig"] = {"TargetArn": target}
    return configuration


def _put_event_invoke_config(
    stock: Callable[..., dict[str, Any]], backend: LambdaBackend, function_name: str, config: dict[str, Any]
) -> dict[str, Any]:
    """Stock adds the new one behind the old one, and reads the first."""
    backend.get_function(function_name).event_invoke_config.clear()
    return stock(backend, function_name, config)
