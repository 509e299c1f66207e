"""One request to a target and back: headers, bodies, connections, and what a target does wrong."""

import http.client
import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from packages.embedded_aws.tests.load_balancer.conftest import (
    PATIENCE_SECONDS,
    Stage,
    ask,
    connection,
    eventually,
    forward,
    own_host,
    told,
)

FREE = "127.0.0.9"


def test_a_target_learns_who_asks_and_how(stage: Stage) -> None:
    origin = stage.origin("blue", "127.0.0.2")
    group = stage.group(origin)
    listener, url = stage.listener(forward({group: 1}))
    port = stage.port(listener)
    host = own_host(url, "pay")
    headers = told(url, "/a%20b/?x=%2F", x_forwarded_for="203.0.113.7", host=host)["headers"]
    assert headers["X-Forwarded-For"] == "203.0.113.7, 127.0.0.1"
    assert (headers["X-Forwarded-Proto"], headers["X-Forwarded-Port"]) == ("http", str(port))
    assert headers["Host"] == host
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers["X-Amzn-Trace-Id"])
    assert origin.requests("/a%20b/")[0]["path"] == "/a%20b/?x=%2F"
    # Nothing of the forwarder's own: not its name, not what it would like to get.
    assert {name.lower() for name in headers} == {
        "host",
        "accept-encoding",  # http.client's
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-forwarded-port",
        "x-amzn-trace-id",
    }


def test_a_trace_is_kept(stage: Stage) -> None:
    _, url = stage.serving(stage.origin("blue", "127.0.0.2"))
    given = "Root=1-67891233-abcdef012345678912345678;Parent=1"
    traced = told(url, x_amzn_trace_id=given)["headers"]["X-Amzn-Trace-Id"]
    assert re.fullmatch(r"Self=1-[0-9a-f]{8}-[0-9a-f]{24};" + re.escape(given), traced)


def test_headers_of_one_connection_stay_there(stage: Stage) -> None:
    _, url = stage.serving(stage.origin("blue", "127.0.0.2"))
    answer, body = ask(url, "/", connection="close, X-Mine", x_mine="1", x_yours="2", te="trailers")
    sent = {name.lower() for name in json.loads(body)["headers"]}
    assert ("x-mine" in sent, "te" in sent, "x-yours" in sent) == (False, False, True)
    assert answer.headers["X-Private"] is None
    assert answer.headers["X-Public"] == "for the client"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods_bodies_and_statuses_pass_through(stage: Stage, method: str) -> None:
    origin = stage.origin("blue", "127.0.0.2")
    _, url = stage.serving(origin)
    body = None if method == "GET" else b"\x00\xff" * 500
    answer, _ = ask(url, "/status/418", method, body)
    (seen,) = origin.requests("/status/418")
    assert (answer.status, seen["method"], seen["body"]) == (418, method, (body or b"").decode("latin-1"))


def test_a_head_has_the_length_and_no_body(stage: Stage) -> None:
    _, url = stage.serving(stage.origin("blue", "127.0.0.2"))
    answer, body = ask(url, "/large/1234", "HEAD")
    assert (answer.status, answer.headers["Content-Length"], body) == (200, "1234", b"")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body(stage: Stage, status: int) -> None:
    _, url = stage.serving(stage.origin("blue", "127.0.0.2"))
    answer, body = ask(url, f"/status/{status}")
    assert (answer.status, body) == (status, b"")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_upload_is_passed_on(stage: Stage, chunked: bool) -> None:
    _, url = stage.serving(stage.origin("blue", "127.0.0.2"))
    size = 3_000_000
    body = (b"x" * 100_000 for _ in range(30)) if chunked else b"x" * size
    got = json.loads(ask(url, "/upload", "POST", body)[1])
    assert got["size"] == size
    assert ("Content-Length" in got["headers"]) is not chunked


def test_a_client_that_waits_for_leave_to_send_gets_it(stage: Stage) -> None:
    _, url = stage.serving(stage.origin("blue", "127.0.0.2"))
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), PATIENCE_SECONDS) as link:
        head = f"POST /upload HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 4\r\n"
        link.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
        reader = link.makefile("rb")
        assert [reader.readline(), reader.readline()] == [b"HTTP/1.1 100 Continue\r\n", b"\r\n"]
        link.sendall(b"body")
        assert reader.readline() == b"HTTP/1.1 200 OK\r\n"


def test_long_headers_pass(stage: Stage) -> None:
    _, url = stage.serving(stage.origin("blue", "127.0.0.2"))
    assert told(url, "/", x_long="x" * 8000)["headers"]["x-long"] == "x" * 8000


def test_a_large_download_is_passed_on(stage: Stage) -> None:
    _, url = stage.serving(stage.origin("blue", "127.0.0.2"))
    answer, body = ask(url, "/large/3000000")
    assert (answer.headers["Content-Length"], len(body)) == ("3000000", 3_000_000)


def test_an_answer_streams(stage: Stage) -> None:
    origin = stage.origin("blue", "127.0.0.2")
    _, url = stage.serving(origin)
    link = connection(url)
    link.request("GET", "/stream")
    answer = link.getresponse()
    assert answer.read(5) == b"first"  # while the target has not sent the rest
    origin.release()
    assert answer.read() == b"second"
    link.close()


def test_connections_to_targets_are_kept(stage: Stage) -> None:
    origin = stage.origin("blue", "127.0.0.2")
    _, url = stage.serving(origin)
    for _ in range(5):
        ask(url)
    assert len({seen["peer"] for seen in origin.requests("/")}) == 1


def test_a_target_s_certificate_is_not_verified(stage: Stage) -> None:
    _, url = stage.serving(
        stage.origin("blue", "127.0.0.2", tls=True), protocol="HTTPS", HealthCheckProtocol="HTTPS"
    )
    assert told(url)["name"] == "blue"


def test_requests_take_turns_over_the_healthy_targets(stage: Stage) -> None:
    origins = [stage.origin(name, f"127.0.0.{host}") for host, name in ((2, "a"), (3, "b"), (4, "c"))]
    _, url = stage.serving(*origins)
    assert sorted(told(url)["name"] for _ in range(6)) == ["a", "a", "b", "b", "c", "c"]


def test_least_outstanding_requests_avoids_the_busy_target(stage: Stage) -> None:
    origins = [stage.origin("a", "127.0.0.2"), stage.origin("b", "127.0.0.3")]
    group, url = stage.serving(*origins)
    stage.elbv2.modify_target_group_attributes(
        TargetGroupArn=group,
        Attributes=[{"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"}],
    )
    stage.settle()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(ask, url, "/hold")
        eventually(lambda: any(origin.requests("/hold") for origin in origins))
        busy = next(origin for origin in origins if origin.requests("/hold"))
        assert {told(url)["name"] for _ in range(4)} == {"a", "b"} - {busy.name}
        busy.release()
        assert held.result()[1] == busy.name.encode()


@pytest.mark.parametrize("path", ["/die", "/garbage"])
def test_a_target_that_breaks_off_is_a_bad_gateway(stage: Stage, path: str) -> None:
    origin = stage.origin("blue", "127.0.0.2")
    _, url = stage.serving(origin)
    answer, _ = ask(url, path, "POST", b"{}")
    assert (answer.status, answer.headers["Server"]) == (502, "awselb/2.0")
    assert len(origin.requests(path)) == 1  # and it is not sent again: it may have had an effect


def test_a_target_that_refuses_connections_is_a_bad_gateway(stage: Stage) -> None:
    with closing(socket.create_server((FREE, 0))) as bound:
        port = bound.getsockname()[1]
    group = stage.group()
    stage.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": FREE, "Port": port}])
    _, url = stage.listener(forward({group: 1}))
    assert ask(url)[0].status == 502


def test_an_address_that_nothing_stands_for_is_never_called(stage: Stage) -> None:
    group = stage.group()
    stage.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.99.99.99", "Port": 443}])
    _, url = stage.listener(forward({group: 1}))
    assert ask(url)[0].status == 502
    stage.await_health(group, {"10.99.99.99": "unhealthy"})
    assert stage.health(group)["10.99.99.99"][2] == "Health checks failed: nothing answers for it here"


def test_a_target_that_says_nothing_is_a_gateway_timeout(stage: Stage) -> None:
    stage.elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=stage.arn, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "1"}]
    )
    _, url = stage.serving(stage.origin("blue", "127.0.0.2"))
    answer, _ = ask(url, "/hold")
    assert (answer.status, answer.headers["Server"]) == (504, "awselb/2.0")


def test_an_answer_that_breaks_off_looks_broken(stage: Stage) -> None:
    origin = stage.origin("blue", "127.0.0.2")
    _, url = stage.serving(origin)
    link = connection(url)
    link.request("GET", "/stream/torn")
    answer = link.getresponse()
    origin.release()
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        answer.read()
    link.close()


def test_without_a_registered_target_there_is_no_service(stage: Stage) -> None:
    _, url = stage.listener(forward({stage.group(): 1}))
    answer, body = ask(url)
    assert (answer.status, answer.headers["Server"]) == (503, "awselb/2.0")
    assert b"503 Service Unavailable" in body
