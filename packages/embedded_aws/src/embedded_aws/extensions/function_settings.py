"""Stock moto forgets what a function does with failed events and logs, and ignores updates of some settings.

Lost: the dead-letter queue and the logging configuration. Not updated: those two, the key, tracing, the size
of /tmp, and the retries of asynchronous events. Terraform would find the function changed after every apply.
"""

from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaFunction

from embedded_aws.extensions import Server, replace

KEPT = ("DeadLetterConfig", "LoggingConfig")
SETTINGS = "bluegreen_settings"


def install(_: Server) -> None:
    """Extend moto's functions."""
    replace(LambdaFunction, "__init__", _init)
    replace(LambdaFunction, "update_configuration", _update_configuration)
    replace(LambdaFunction, "get_configuration", _get_configuration)
    replace(LambdaBackend, "put_function_event_invoke_config", _put_event_invoke_config)


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
    if target := dead_letter_target(function):
        configuration["DeadLetterConfig"] = {"TargetArn": target}
    return configuration


def _put_event_invoke_config(
    stock: Callable[..., dict[str, Any]], backend: LambdaBackend, function_name: str, config: dict[str, Any]
) -> dict[str, Any]:
    """Stock adds the new one behind the old one, and reads the first."""
    backend.get_function(function_name).event_invoke_config.clear()
    return stock(backend, function_name, config)
