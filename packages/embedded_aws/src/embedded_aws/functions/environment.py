"""One execution environment: a process that holds one deployed function and answers one event at a time.

Like Lambda's it is kept and used again, so that what a function leaves in its globals shows up here too.
Unlike Lambda's it is not frozen between events, its files are not read-only, neither network nor processor is
limited, and it runs on this Python, whichever the function asks for.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from embedded_aws.functions.model import Deployed, Outcome, Request

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
# -S -P: only the standard library and PYTHONPATH can be imported; -u: what was printed survives a kill.
PYTHON = (sys.executable, "-s", "-S", "-P", "-u")
INIT_SECONDS = 60.0  # AWS allows 10; a busy laptop needs more
EXIT_SECONDS = 1.0
# After these there is no process to go on with.
FATAL = frozenset({"Runtime.ExitError", "Runtime.OutOfMemory", "Sandbox.Timedout"})


class ExecutionEnvironment:
    """A process with one function in it. One event at a time; `close` may come from any thread."""

    def __init__(self, function: Deployed, directory: Path) -> None:
        version = dict(function.runtime)["AWS_LAMBDA_FUNCTION_VERSION"]
        self.function = function
        self.log_stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{version}]{secrets.token_hex(16)}"
        self._directory = directory
        self._output = directory / "output"
        self._initialized = self._closed = False
        self._closing = threading.Lock()
        (directory / "tmp").mkdir(parents=True)
        self._channel, theirs = socket.socketpair()
        self._answers = self._channel.makefile("rb")
        with theirs, self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [*PYTHON, str(BOOTSTRAP), str(theirs.fileno())],
                cwd=function.code,
                env=self._variables(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )

    def invoke(self, request: Request) -> Outcome:
        """Hand the function one event and wait for its answer, for as long as its timeout allows."""
        init_duration, failure = (None, None) if self._initialized else self._initialize()
        started = time.monotonic()
        answer = failure or self._exchange(request)
        duration = time.monotonic() - started
        error = answer.get("error")
        if failure or (error and error["errorType"] in FATAL):
            self.close()
        payload = json.dumps(_addressed(error, request.id)) if error else str(answer["payload"])
        memory = int(answer.get("maxMemoryMb", 0))
        return Outcome(payload, error is not None, self._take_output(), duration, init_duration, memory)

    def is_ready(self) -> bool:
        """Whether the process waits for an event: one that has died in the meantime has closed its end."""
        waiting = select.poll()
        waiting.register(self._channel, select.POLLIN)
        return not self._closed and not waiting.poll(0)

    def close(self) -> None:
        """Kill the function with everything it has started."""
        with self._closing:
            if not self._closed:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
                self._closed = True

    def remove(self) -> None:
        """Close, and remove what the function wrote."""
        self.close()
        self._answers.close()
        self._channel.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _variables(self) -> dict[str, str]:
        """The whole environment of the process. Nothing of the user's is in it."""
        return {
            **dict(self.function.variables),
            **dict(self.function.runtime),
            "AWS_LAMBDA_LOG_STREAM_NAME": self.log_stream,
            "HOME": str(self._directory / "tmp"),
            "TMPDIR": str(self._directory / "tmp"),
        }

    def _initialize(self) -> tuple[float, dict[str, Any] | None]:
        """Wait for the handler to be loaded. Returns how long it took, and the error if it can't be."""
        self._initialized = True
        started = time.monotonic()
        answer = self._read(INIT_SECONDS, "Runtime.InitTimeout")
        return time.monotonic() - started, answer if "error" in answer else None

    def _exchange(self, request: Request) -> dict[str, Any]:
        message = {
            "requestId": request.id,
            "event": request.event,
            "functionArn": request.function_arn,
            "deadline": time.time() + self.function.timeout,
            "traceId": f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Sampled=0",
        }
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # dead: reading finds out how
            self._channel.settimeout(self.function.timeout)
            self._channel.sendall(json.dumps(message).encode() + b"\n")
        return self._read(self.function.timeout, "Sandbox.Timedout")

    def _read(self, seconds: float, timeout_error: str) -> dict[str, Any]:
        self._channel.settimeout(seconds)
        try:
            line = self._answers.readline()
        except TimeoutError:
            return _error(timeout_error, f"Task timed out after {seconds:.2f} seconds")
        except ConnectionResetError:
            line = b""
        if not line:
            return _error("Runtime.ExitError", f"Runtime exited {self._how_it_ended()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _how_it_ended(self) -> str:
        """Give a process that is ending by itself the time to, or its exit status would be our signal."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(EXIT_SECONDS)
        self.close()
        status = self._process.returncode
        if status == 0:
            return "without providing a reason"
        return (
            f"with error: signal: {signal.Signals(-status).name}"
            if status < 0
            else f"with error: exit status {status}"
        )

    def _take_output(self) -> str:
        output = self._output.read_text(errors="replace")
        os.truncate(self._output, 0)
        return output


def _error(error_type: str, message: str) -> dict[str, Any]:
    return {"error": {"errorType": error_type, "errorMessage": message}}


def _addressed(error: dict[str, Any], request_id: str) -> dict[str, Any]:
    """What ended the process has the request's id in its message, what the function raised has it beside."""
    if error["errorType"] not in FATAL:
        return error | {"requestId": request_id}
    message = f"RequestId: {request_id} Error: {error['errorMessage']}"
    return {"errorType": error["errorType"], "errorMessage": message}
