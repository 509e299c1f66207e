"""Runs inside the process of one deployed function and does what Lambda's Python runtime does there.

Started as a script by `environment.py`, with nothing on its path but the standard library, the package and
the SDK. It speaks JSON, a line a message, over a socket: first `{"ready": true}` or `{"error": …}`, then for
every request that comes `{"payload": "<JSON>"}` or `{"error": …}`. Errors have the shape that AWS gives:
errorMessage, errorType, stackTrace.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import importlib
import json
import logging
import os
import queue
import resource
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, TextIO

Message = dict[str, Any]
Handler = Callable[[Any, "Context"], Any]
THREAD_STACK_BYTES = (
    1 << 20
)  # stacks count against the memory limit in full: a few of the usual 8 MiB would fill it
OUT_OF_MEMORY, KILLED = "Runtime.OutOfMemory", "Runtime exited with error: signal: killed"


def main() -> None:
    """Load the handler, then answer events until the other end of the socket is closed."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    requests = _follow(channel)
    _limit_memory(int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]))
    logs = _set_up_logging()
    handler, failure = _load_handler(os.environ["_HANDLER"])
    _send(channel, {"ready": True} if handler else {"error": failure})
    while handler:
        request = requests.get()
        logs.request_id = request["requestId"]
        os.environ["_X_AMZN_TRACE_ID"] = request["traceId"]
        answer = _answer(handler, request)
        _send(channel, answer)
        if answer.get("error", {}).get("errorType") == OUT_OF_MEMORY:
            return


class Context:
    """What a handler gets as `context`. https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    client_context = None
    identity = None

    def __init__(self, request: Message) -> None:
        self.aws_request_id: str = request["requestId"]
        self.invoked_function_arn: str = request["functionArn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]  # text, as in AWS
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self._deadline: float = request["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's timeout."""
        return max(0, int((self._deadline - time.time()) * 1000))


class LogHandler(logging.StreamHandler[TextIO]):
    """Lambda's own handler of the root logger: text with tabs, or JSON where the function is set to it."""

    request_id = ""

    def format(self, record: logging.LogRecord) -> str:
        """One line, or more where there is a traceback."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = super().format(record)
        if os.environ["AWS_LAMBDA_LOG_FORMAT"] != "JSON":
            return f"[{record.levelname}]\t{at}.{int(record.msecs):03d}Z\t{self.request_id}\t{text}"
        line = {"timestamp": at + "Z", "level": record.levelname, "message": record.getMessage()}
        if record.exc_info and record.exc_info[0]:
            line |= {"errorType": record.exc_info[0].__name__, "errorMessage": str(record.exc_info[1])}
            line["stackTrace"] = "".join(traceback.format_tb(record.exc_info[2]))
        return json.dumps(line | {"logger": record.name, "requestId": self.request_id})


def _set_up_logging() -> LogHandler:
    handler = LogHandler(sys.stdout)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(os.environ.get("AWS_LAMBDA_LOG_LEVEL", "WARNING"))
    return handler


def _follow(channel: socket.socket) -> "queue.SimpleQueue[Message]":
    """Read requests from a thread, which kills this process and its children when the server is gone."""
    requests: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def read() -> None:
        with channel.makefile("rb") as lines:
            for line in lines:
                requests.put(json.loads(line))
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=read, daemon=True).start()
    return requests


def _limit_memory(megabytes: int) -> None:
    """Limit heap and private mappings together. macOS accepts the limit and ignores it."""
    threading.stack_size(THREAD_STACK_BYTES)
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))


def _load_handler(name: str) -> tuple[Handler | None, Message]:
    """The handler, or None and why there is none."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        return None, _error(
            "Runtime.MalformedHandlerName", f"Bad handler '{name}': it is not module.function"
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        return None, _error("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        return None, _error("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}")
    except MemoryError:
        return None, _error(OUT_OF_MEMORY, KILLED)
    except Exception as error:  # noqa: BLE001 - the package's own failure, which is reported to the caller
        return None, _raised(error)
    missing = f"Handler '{function_name}' missing on module '{module_name}'"
    return getattr(module, function_name, None), _error("Runtime.HandlerNotFound", missing)


def _answer(handler: Handler, request: Message) -> Message:
    try:
        result = handler(request["event"], Context(request))
    except MemoryError:
        return {"error": _error(OUT_OF_MEMORY, KILLED)}
    except Exception as error:  # noqa: BLE001 - the function's own failure, which is reported to the caller
        return {"error": _raised(error)}
    try:
        return {"payload": json.dumps(result, default=_serialize)}
    except (TypeError, ValueError) as error:
        return {"error": _error("Runtime.MarshalError", f"Unable to marshal response: {error}")}


def _serialize(value: Any) -> Any:
    """Lambda's runtime knows one type more than JSON does: what DynamoDB calls a number."""
    if type(value).__name__ == "Decimal":
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _error(error_type: str, message: str) -> Message:
    return {"errorMessage": message, "errorType": error_type, "stackTrace": []}


def _raised(error: Exception) -> Message:
    """Without the frame of this file, as in AWS."""
    frames = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
    return _error(type(error).__name__, str(error)) | {"stackTrace": frames}


def _send(channel: socket.socket, message: Message) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    message["maxMemoryMb"] = _max_memory_mb()
    channel.sendall(json.dumps(message).encode() + b"\n")


def _max_memory_mb() -> int:
    """From /proc where there is one: Linux's getrusage includes the process that this one was forked from."""
    try:
        with open("/proc/self/status") as status:  # noqa: PTH123 - pathlib would double the start-up time
            return next(int(line.split()[1]) >> 10 for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20


if __name__ == "__main__":
    main()
