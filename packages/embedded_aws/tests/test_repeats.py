"""A request of Terraform's that is sent again has one effect and one answer; everybody else's has two."""

import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any
from urllib.parse import urlencode

from embedded_aws import LocalAws
from embedded_aws.repeats import REMEMBERED, Repeats

from packages.embedded_aws.tests.signing import FORM, send_signed

TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 terraform-provider-aws/5.100.0"
BOTO = "Boto3/1.35.49 md/Botocore#1.35.49"


def create_group(aws: LocalAws, name: str, invocation: str, client: str) -> tuple[int, str]:
    """Status and body of CreateSecurityGroup, sent once."""
    form = {
        "Action": "CreateSecurityGroup",
        "Version": "2016-11-15",
        "GroupName": name,
        "GroupDescription": "d",
    }
    headers = {"Content-Type": FORM, "User-Agent": client, "amz-sdk-invocation-id": invocation}
    answer = send_signed(aws, "ec2", ("POST", "/", urlencode(form).encode()), headers)
    return answer.status, answer.body


def test_what_terraform_repeats_happens_once(aws: LocalAws) -> None:
    name, invocation = uuid.uuid4().hex, uuid.uuid4().hex
    first = create_group(aws, name, invocation, TERRAFORM)
    assert first[0] == 200
    assert create_group(aws, name, invocation, TERRAFORM) == first
    status, body = create_group(aws, name, uuid.uuid4().hex, TERRAFORM)  # another request for the same
    assert (status, "InvalidGroup.Duplicate" in body) == (400, True)


def test_what_others_repeat_happens_twice(aws: LocalAws) -> None:
    name, invocation = uuid.uuid4().hex, uuid.uuid4().hex
    assert create_group(aws, name, invocation, BOTO)[0] == 200
    assert create_group(aws, name, invocation, BOTO)[0] == 400


class Counting:
    """An application that counts its requests, and answers the first ones with `statuses`, then with 200."""

    def __init__(self, *statuses: str) -> None:
        self.requests = 0
        self._statuses = iter(statuses)

    def __call__(self, _environ: Any, start_response: Any) -> Iterable[bytes]:
        self.requests += 1
        number = self.requests
        start_response(next(self._statuses, "200 OK"), [])
        return [str(number).encode()]


def ask(repeats: Repeats, invocation: str) -> bytes:
    environ = {"HTTP_AMZ_SDK_INVOCATION_ID": invocation, "HTTP_USER_AGENT": TERRAFORM}
    return b"".join(repeats(environ, lambda *_: None))


def test_what_failed_is_carried_out_again() -> None:
    application = Counting("500 INTERNAL SERVER ERROR", "400 BAD REQUEST")
    repeats = Repeats(application)
    assert [ask(repeats, "a") for _ in range(4)] == [b"1", b"2", b"3", b"3"]


def test_a_repetition_waits_for_the_first_that_is_still_at_work() -> None:
    both, counting = Barrier(2), Counting()

    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        with suppress(BrokenBarrierError):
            both.wait(timeout=0.5)
        return counting(environ, start_response)

    repeats = Repeats(application)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: ask(repeats, "a"), range(2))) == [b"1", b"1"]


def test_only_so_many_answers_are_kept() -> None:
    repeats = Repeats(Counting())
    for number in range(REMEMBERED + 1):
        ask(repeats, str(number))
    assert ask(repeats, str(REMEMBERED)) == str(REMEMBERED + 1).encode()
    assert ask(repeats, "0") == str(REMEMBERED + 2).encode()
