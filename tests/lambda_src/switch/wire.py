"""Faults of single AWS calls, made where botocore would send: what is let through reaches the embedded AWS.

    with Wire.of(platform, call, fault) as wire:
        platform.invoke(event)
    wire.calls  # in the order in which they began

A call is known by service, operation, resource and how often that was called before in the same run: reads
run in threads, in no order.

A run that is `known` until the fault, because another one went the same way from the same state, gets what
that one read; its writes, and all from the fault on, reach AWS.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.retries.quota import RetryQuota
from embedded_aws.rules import rates

from lambda_src.switch import gates, writer, writes
from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.switch.faults import OF_THE_TABLE, READ_ONCE, WRITES, Call, Fault, Killed


@dataclass
class Wire:
    """What one run sends. `dead`: the process was killed; `afterwards` is what it wrote nevertheless."""

    call: Call | None = None
    fault: Fault | None = None
    names: Mapping[str, str] = field(default_factory=dict)  # by what they are called, ARNs for instance
    known: Mapping[Call, AWSResponse] = field(default_factory=dict)  # what was read on the same way
    read: dict[Call, AWSResponse] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    afterwards: list[Call] = field(default_factory=list)
    dead: bool = False
    hit: bool = False
    on_begin: Callable[[Call], None] = lambda _: None
    on_effect: Callable[[Call], None] = lambda _: None  # after each request that was let through

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        # Others make calls that are made together: these may begin in the moment of the death.
        self._thread = threading.current_thread()
        self._own = threading.local()

    @classmethod
    @contextmanager
    def of(cls, platform: LivePlatform, call: Call | None = None, fault: Fault | None = None,
           **hooks: Any) -> Iterator["Wire"]:  # fmt: skip
        """Between the platform's own clients and AWS for the time of the block."""
        names = {value: name for name, value in platform.environment.items()}
        wire = cls(call, fault, names=names, **hooks)
        registered = []
        for client in platform.clients:
            events, send = client.meta.events, wire._sender(client)
            for event, handler in (("before-parameter-build", wire._begun), ("before-send", send)):
                events.register(event, handler)
                registered.append((events, event, handler))
        try:
            yield wire
        finally:
            for events, event, handler in registered:
                events.unregister(event, handler)

    @property
    def operations(self) -> list[str]:
        return [call.operation for call in self.calls]

    @property
    def writes(self) -> list[Call]:
        return [call for call in self.calls if call.writes]

    def _begun(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        service, operation = model.service_model.service_name, model.name
        resource = _resource(params, self.names)
        with self._lock:
            known = sum((c.service, c.operation, c.resource) == (service, operation, resource)
                        for c in self.calls)  # fmt: skip
            call = Call(service, operation, resource, known)
            self.calls.append(call)
            if self.dead and call.writes and threading.current_thread() is self._thread:
                self.afterwards.append(call)
        self._own.call, self._own.attempts = call, 0
        self.on_begin(call)

    def _sender(self, client: Any) -> Callable[..., AWSResponse | None]:
        def send(request: Any, **_: Any) -> AWSResponse | None:
            return self._send(client, request)

        return send

    def _send(self, client: Any, request: Any) -> AWSResponse | None:
        """None: botocore sends the request itself."""
        call: Call = self._own.call
        self._own.attempts += 1
        if self.dead:
            raise Killed
        if self.fault is None or not self._meant(call, self.fault):
            return self._through(client, request, call)
        self.hit = True
        return self._faulty(client, request, call, self.fault)

    def _meant(self, call: Call, fault: Fault) -> bool:
        if fault is Fault.CUT_OFF and self.hit:
            return True
        lasts = not fault.once and not fault.kills and call.operation not in READ_ONCE | WRITES
        # Each retry is a call of its own.
        if (lasts or fault in (Fault.MET, Fault.CROWDED)) and self.hit and self.call:
            return replace(call, occurrence=0) == replace(self.call, occurrence=0)
        return call == self.call and not (fault.once and self._own.attempts > 1)

    def _faulty(self, client: Any, request: Any, call: Call, fault: Fault) -> AWSResponse:
        if fault in (Fault.UNHEARD, Fault.UNHEARD_ONCE, Fault.KILLED_AFTER):
            self._through(client, request, call)
        if fault.kills:
            self.dead = True
            raise Killed
        if fault in (Fault.UNHEARD, Fault.UNHEARD_ONCE):
            raise ReadTimeoutError(endpoint_url=request.url)
        if fault in (Fault.UNSENT, Fault.UNSENT_ONCE, Fault.CUT_OFF):
            raise ConnectTimeoutError(endpoint_url=request.url)
        return _refusal(client, request, call, fault)

    def _through(self, client: Any, request: Any, call: Call) -> AWSResponse:
        if call in self.known and not self.hit:
            return self.known[call]
        response: AWSResponse = client._endpoint.http_session.send(request)
        if not call.writes:
            self.read[call] = response
        self.on_effect(call)
        return response


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow each other at once, and a client's budget of them, which calls that work would fill up
    again, never ends.
    """
    impatient = SimpleNamespace(**vars(time) | {"sleep": lambda _: None})
    monkeypatch.setattr(botocore.endpoint, "time", impatient)
    monkeypatch.setattr(writes, "time", impatient)
    monkeypatch.setattr(gates, "time", impatient)
    monkeypatch.setattr(writer, "time", impatient)
    monkeypatch.setattr(RetryQuota, "acquire", lambda *_: True)


# Parameters that say what a call is about.
_ABOUT = ("ListenerArn", "ListenerArns", "LoadBalancerArn", "TargetGroupArn", "Names", "AlarmNames",
          "DBClusterIdentifier", "DBInstanceIdentifier", "SecretId", "TopicArn", "IndexName",
          "Name", "stateMachineArn", "services", "service", "serviceName", "family", "taskDefinition",
          "repositoryName")  # fmt: skip


_FAMILIES = ("family", "taskDefinition")  # named as the colour's database, whose variable it is not

# What differs from run to run: ids of workflows that the function begins, and numbers of revisions.
_VARYING = re.compile(r"(?<=deploy)-\d{8}T\d{6}-[0-9a-f]{8}|(?<=task-definition/)(payments-\w+):\d+")


def _resource(params: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The same for every run."""
    return _VARYING.sub(lambda found: found[1] or "", _named(params, names))


def _named(params: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What it is about, by the name of the variable that holds it."""
    if "TransactItems" in params:
        writes = [write for item in params["TransactItems"] for write in item.values()]
        return " + ".join(_named(write, names) for write in writes)
    if key := params.get("Key") or params.get("Item"):
        return str(key["id"]["S"])
    about = next((name for name in _ABOUT if name in params), "")
    found = params.get(about, "")
    if about in _FAMILIES:
        return str(found)
    return ", ".join(names.get(each, each) for each in ([found] if isinstance(found, str) else found))


def _refusal(client: Any, request: Any, call: Call, fault: Fault) -> AWSResponse:
    document: dict[str, Any] = {"message": "injected"}
    status = 500 if fault is Fault.ERROR else 400
    if fault is Fault.ERROR:
        code = "InternalServerError"
    elif fault in (Fault.THROTTLED, Fault.THROTTLED_ONCE):
        status, code, _ = rates.throttled(client.meta.service_model.signing_name)
    elif call.operation == "TransactWriteItems":
        code, met = "TransactionCanceledException", fault in OF_THE_TABLE
        reason = "TransactionConflict" if met else "ThrottlingError"
        document["CancellationReasons"] = [{"Code": reason, "Message": "injected"}, {"Code": "None"}]
    else:
        code = "TransactionConflictException"
    if client.meta.service_model.protocol == "query":
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>injected</Message></Error>"
        body = f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>"
    else:
        body = json.dumps(document | {"__type": code})
    return AWSResponse(request.url, status, HTTPHeaders(), _Raw(body.encode()))


class _Raw(BytesIO):
    """As urllib3's response."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()
