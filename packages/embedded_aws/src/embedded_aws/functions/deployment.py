"""From a function as moto holds it to what an execution environment is made of."""

import os
from pathlib import Path

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaFunction

from embedded_aws.clients import Credentials, client_variables
from embedded_aws.extensions.function_settings import logging_settings
from embedded_aws.functions.model import Deployed
from embedded_aws.functions.packages import unpack
from embedded_aws.standing_in import databases

PATH = "/usr/local/bin:/usr/bin:/bin"


def deployed(
    function: LambdaFunction, endpoint: str, credentials: Credentials, code: Path, sdk: Path
) -> Deployed:
    """What to run for `function`, with which credentials.

    Raises InvalidParameterValueException where that can't be done here.
    """
    _refuse_what_cannot_run(function)
    client = client_variables(endpoint, credentials, function.region)
    task_root = unpack(function.code_bytes, function.code_sha_256, code, databases.authorities())
    return Deployed(
        arn=":".join(function.function_arn.split(":")[:7]),  # of all versions
        code=task_root,
        memory_mb=int(function.memory_size),
        timeout=float(function.timeout),
        variables=tuple(sorted(function.environment_vars.items())),
        runtime=tuple(sorted(_runtime_variables(function, client, task_root, sdk).items())),
    )


def _refuse_what_cannot_run(function: LambdaFunction) -> None:
    if function.package_type != "Zip":
        reason = "it is not a zip package"
    elif not str(function.run_time).startswith("python3"):
        reason = f"its runtime is {function.run_time}"
    elif function.layers:
        reason = "it has layers"
    elif not function.code_bytes:
        reason = "its package is empty: was it there in S3 when the function was created?"
    else:
        return
    raise InvalidParameterValueException(
        f"The embedded AWS can't run {function.function_name}: {reason}. It runs Python from one zip package."
    )


def _runtime_variables(
    function: LambdaFunction, client: dict[str, str], task_root: Path, sdk: Path
) -> dict[str, str]:
    """Those that Lambda sets. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
    logs = logging_settings(function)
    level = {"AWS_LAMBDA_LOG_LEVEL": logs["ApplicationLogLevel"]} if "ApplicationLogLevel" in logs else {}
    del client["AWS_MAX_ATTEMPTS"]  # how often a function tries is its own decision
    return client | level | {
        "_HANDLER": str(function.handler),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": logs["LogFormat"],
        "AWS_LAMBDA_LOG_GROUP_NAME": logs["LogGroup"],
        "LAMBDA_RUNTIME_DIR": str(sdk),
        "LAMBDA_TASK_ROOT": str(task_root),
        "LANG": "en_US.UTF-8",
        "PATH": PATH,
        "PYTHONPATH": os.pathsep.join((str(task_root), str(sdk))),
        "PYTHONUTF8": "1",
        "TZ": ":UTC",
    }  # fmt: skip
