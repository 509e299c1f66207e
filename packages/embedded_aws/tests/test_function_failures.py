"""How functions fail: as in AWS, and without harm to the next event."""

import embedded_aws
import pytest
from botocore.exceptions import ClientError

from packages.embedded_aws.tests.conftest import Deploy
from packages.embedded_aws.tests.invoking import HOLDS_THE_LINE, invoke, is_cut, listening, pick_up, port_of

KILLED = "Runtime exited with error: signal: killed"
FAILS = """
import os, sys

class NotHealthy(Exception):
    pass

def handler(event, context):
    match event:
        case "raise":
            raise NotHealthy("green has no healthy target")
        case "marshal":
            return {1, 2}
        case "allocate":
            return len(bytearray(200 << 20))
        case "exit":
            os._exit(3)
        case "leave":
            sys.exit()
    return "fine"
"""


def test_what_it_raises_is_reported(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    answer = invoke(aws, deploy(FAILS), "raise")
    assert answer.error == "Unhandled"
    (frame,) = answer.payload.pop("stackTrace")
    assert 'raise NotHealthy("green has no healthy target")' in frame
    assert len(answer.payload.pop("requestId")) == 36
    assert answer.payload == {"errorType": "NotHealthy", "errorMessage": "green has no healthy target"}


def test_a_result_that_is_not_json_is_reported(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    answer = invoke(aws, deploy(FAILS), "marshal")
    assert (answer.error, answer.payload["errorType"]) == ("Unhandled", "Runtime.MarshalError")
    assert answer.payload["errorMessage"] == (
        "Unable to marshal response: Object of type set is not JSON serializable"
    )


@pytest.mark.parametrize(
    ("event", "error_type", "message"),
    [
        ("allocate", "Runtime.OutOfMemory", KILLED),
        ("exit", "Runtime.ExitError", "Runtime exited with error: exit status 3"),
        ("leave", "Runtime.ExitError", "Runtime exited without providing a reason"),
    ],
)
def test_what_ends_the_process_is_reported_and_the_next_event_gets_a_new_one(
    aws: embedded_aws.LocalAws, deploy: Deploy, event: str, error_type: str, message: str
) -> None:
    name = deploy(FAILS)
    answer = invoke(aws, name, event)
    assert (answer.error, answer.payload["errorType"]) == ("Unhandled", error_type)
    prefix, _, said = answer.payload["errorMessage"].partition(" Error: ")
    assert (prefix.startswith("RequestId: "), said) == (True, message)
    assert invoke(aws, name).payload == "fine"


def test_more_memory_helps(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    assert invoke(aws, deploy(FAILS, MemorySize=512), "allocate").payload == 200 << 20


def test_many_threads_fit_into_little_memory(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    source = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

def handler(event, context):
    barrier = Barrier(32)
    with ThreadPoolExecutor(32) as threads:
        return len(list(threads.map(lambda _: barrier.wait(10), range(32))))
"""
    assert invoke(aws, deploy(source, MemorySize=128)).payload == 32


def test_a_timeout_kills_it_with_its_children(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    source = """
import socket, subprocess

def handler(event, context):
    line = socket.create_connection(("127.0.0.1", event["port"]))
    child = subprocess.Popen(["sleep", "600"], pass_fds=[line.fileno()])
    line.sendall(b"here")
    child.wait()
"""
    with listening() as listener:
        answer = invoke(aws, deploy(source, Timeout=1), {"port": port_of(listener)})
        assert is_cut(pick_up(listener))
    assert (answer.error, answer.payload["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert answer.payload["errorMessage"].endswith(" Error: Task timed out after 1.00 seconds")


CANNOT_BE_LOADED = [  # handler, source → errorType, part of errorMessage
    (("app.absent.handler", ""), ("Runtime.ImportModuleError", "module 'app.absent'")),
    (("app.main.absent", ""), ("Runtime.HandlerNotFound", "Handler 'absent' missing on module 'app.main'")),
    (("handler", ""), ("Runtime.MalformedHandlerName", "Bad handler 'handler'")),
    (("app.main.handler", "def"), ("Runtime.UserCodeSyntaxError", "Syntax error in module 'app.main'")),
    (("app.main.handler", "1 / 0"), ("ZeroDivisionError", "division by zero")),
    (("app.main.handler", "raise SystemExit(2)"), ("Runtime.ExitError", "exit status 2")),
    (("app.main.handler", "x = bytearray(200 << 20)"), ("Runtime.OutOfMemory", KILLED)),
]


@pytest.mark.parametrize(("package", "expected"), CANNOT_BE_LOADED)
def test_a_package_that_cannot_be_loaded_says_why(
    aws: embedded_aws.LocalAws, deploy: Deploy, package: tuple[str, str], expected: tuple[str, str]
) -> None:
    (handler, source), (error_type, message) = package, expected
    name = deploy(source, Handler=handler)
    for _ in range(2):  # the second time, too
        answer = invoke(aws, name)
        assert (answer.error, answer.payload["errorType"]) == ("Unhandled", error_type)
        assert message in answer.payload["errorMessage"]


def test_more_than_the_reserved_concurrency_is_refused(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    name, client = deploy(HOLDS_THE_LINE), aws.client("lambda")
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    with listening() as listener:
        event = b'{"port": %d}' % port_of(listener)
        client.invoke(FunctionName=name, InvocationType="Event", Payload=event)
        line = pick_up(listener)
        with pytest.raises(ClientError, match="TooManyRequestsException"):
            client.invoke(FunctionName=name, Payload=event)
        line.sendall(b"done")
