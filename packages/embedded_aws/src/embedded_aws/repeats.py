"""A request of Terraform's has one effect: sent again because its answer was lost, it gets that answer.

On a busy machine Terraform's HTTP client now and then resets a connection on which it has just got all of an
answer, within a millisecond of its request: sooner than it reckons with (seen in captured packets, whatever
the server). Its SDK then sends the same request again, as every SDK of AWS does, under the same invocation
id, and would find its own work: `already exists`. AWS has tokens for that in some of its APIs only. Other
clients get nothing of the kind: the switch function has to stand it.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from safe_io import notice

from embedded_aws.serial import Application

REMEMBERED = 256
CLIENT = "Terraform"


@dataclass
class _Answer:
    lock: threading.Lock = field(default_factory=threading.Lock)
    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class Repeats:
    """A WSGI application around another one. A failed request is carried out again."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, _Answer] = OrderedDict()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if not invocation or CLIENT not in environ.get("HTTP_USER_AGENT", ""):
            return self._application(environ, start_response)
        answer = self._answer(invocation)
        with answer.lock:  # the first may still be at work
            if answer.status.startswith("2"):
                notice(f"{invocation} was answered before: the answer was lost")
            else:
                self._carry_out(environ, answer)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _answer(self, invocation: str) -> _Answer:
        with self._lock:
            answer = self._answers.setdefault(invocation, _Answer())
            while len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
            return answer

    def _carry_out(self, environ: Any, answer: _Answer) -> None:
        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            answer.status, answer.headers = status, list(headers)

        answer.body = b"".join(self._application(environ, start_response))
