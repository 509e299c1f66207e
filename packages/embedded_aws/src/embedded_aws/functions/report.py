"""What Lambda writes to a function's log group around what the function itself writes.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html
"""

import json
import math
import time
from typing import Any

from embedded_aws.functions.environment import ExecutionEnvironment
from embedded_aws.functions.model import Outcome, Request


def lines(environment: ExecutionEnvironment, request: Request, outcome: Outcome) -> list[str]:
    """The log lines of one event."""
    runtime = dict(environment.function.runtime)
    version = runtime["AWS_LAMBDA_FUNCTION_VERSION"]
    own = outcome.output.splitlines()
    error = json.loads(outcome.payload) if outcome.failed else {}
    if runtime["AWS_LAMBDA_LOG_FORMAT"] == "JSON":
        start = _event("start", requestId=request.id, version=version)
        status = {"status": "error", "errorType": error["errorType"]} if error else {"status": "success"}
        return [
            start,
            *own,
            _event("report", requestId=request.id, metrics=_metrics(environment, outcome), **status),
        ]
    if error:
        own.append(f"[ERROR] {error['errorType']}: {error['errorMessage']}")
    start, end = f"START RequestId: {request.id} Version: {version}", f"END RequestId: {request.id}"
    return [start, *own, end, _report(environment, request, outcome)]


def _metrics(environment: ExecutionEnvironment, outcome: Outcome) -> dict[str, float]:
    metrics = {
        "durationMs": round(outcome.duration * 1000, 3),
        "billedDurationMs": math.ceil(outcome.duration * 1000),
        "memorySizeMB": environment.function.memory_mb,
        "maxMemoryUsedMB": outcome.max_memory_mb,
    }
    return (
        metrics
        if outcome.init_duration is None
        else metrics | {"initDurationMs": round(outcome.init_duration * 1000, 3)}
    )


def _report(environment: ExecutionEnvironment, request: Request, outcome: Outcome) -> str:
    metrics = _metrics(environment, outcome)
    init = f"\tInit Duration: {metrics['initDurationMs']:.2f} ms" if "initDurationMs" in metrics else ""
    fields = [
        f"REPORT RequestId: {request.id}",
        f"Duration: {metrics['durationMs']:.2f} ms",
        f"Billed Duration: {metrics['billedDurationMs']} ms",
        f"Memory Size: {metrics['memorySizeMB']} MB",
        f"Max Memory Used: {metrics['maxMemoryUsedMB']} MB",
    ]
    return "\t".join(fields) + init


def _event(kind: str, **content: Any) -> str:
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    return json.dumps({"time": f"{at}.000Z", "type": f"platform.{kind}", "record": content})
