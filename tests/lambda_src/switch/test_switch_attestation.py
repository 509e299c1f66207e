"""Who sends a request: proven by STS, for this request to this function, once."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from embedded_aws import LocalAws

from bluegreen.aws import Access
from bluegreen.operate.identity import attest
from lambda_src.contract.attestation import LIFETIME_SECONDS, QUERY, digest_of, headers
from lambda_src.contract.errors import NotAdmittedError, NotAttestedError, SwitchError
from lambda_src.contract.event import parse_request
from lambda_src.switch.admission import admitted
from lambda_src.switch.aws import Caller
from lambda_src.switch.invocation import Invocation
from lambda_src.switch.logic import perform
from lambda_src.switch.settings import Settings
from tests.lambda_src.live_platform import LivePlatform

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:payments-switch"
OPERATE, WORKFLOW = f"{FUNCTION}:operate", f"{FUNCTION}:workflow"
FREEZE = {"action": "freeze", "reason": "night", "request_id": "one"}
PLAN = {"target": "green", "steps": [100], "bake_seconds": 0}
OPERATOR = "arn:aws:iam::123456789012:user/operator"


@pytest.fixture
def access(embedded_aws: LocalAws) -> Access:
    return Access("us-east-1", embedded_aws.endpoint, embedded_aws.environment())


def ask(
    platform: LivePlatform, event: Mapping[str, Any], arn: str = OPERATE, clock: datetime | None = None
) -> Invocation:
    """What the function's entry does, up to what is carried out."""
    settings = Settings.from_environment(platform.environment)
    caller = Caller(platform.account.clients, lambda: 60.0)
    request = parse_request(json.loads(json.dumps(event)), "lambda-s-own-id")
    return admitted(Invocation(request, settings, caller, lambda: clock or datetime.now(UTC)), arn)


def proven(access: Access, event: Mapping[str, Any] = FREEZE, **instead: Any) -> dict[str, Any]:
    """The event with a proof; `instead`: of what was signed."""
    signed = {"arn": OPERATE, "id": event["request_id"], "document": event} | instead
    return {**event, "attestation": attest(access, signed["arn"], signed["id"], signed["document"])}


def refusal(platform: LivePlatform, event: Mapping[str, Any], **how: Any) -> str:
    with pytest.raises(NotAttestedError) as error:
        ask(platform, event, **how)
    assert "X-Amz" not in str(error.value)
    return error.value.what


def test_the_caller_is_who_sts_says_it_is(platform: LivePlatform, access: Access) -> None:
    invocation = ask(platform, proven(access, {**FREEZE, "by": "somebody else"}))
    assert (invocation.request.by, invocation.request.attestation) == (OPERATOR, None)


def test_a_role_s_session_is_named_whole(
    platform: LivePlatform, access: Access, session: Mapping[str, str]
) -> None:
    acting = Access(access.region, access.endpoint_url, session)
    by = ask(platform, proven(acting)).request.by
    assert by == "arn:aws:sts::123456789012:assumed-role/night-shift/ann"


@pytest.fixture
def session(embedded_aws: LocalAws) -> Iterator[Mapping[str, str]]:
    """The keys of a role that may do nothing: proving who one is needs no permission."""
    iam, sts = embedded_aws.client("iam"), embedded_aws.client("sts")
    statement = {"Effect": "Allow", "Principal": {"AWS": OPERATOR}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_role(RoleName="night-shift", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    keys = sts.assume_role(RoleArn=arn, RoleSessionName="ann")["Credentials"]
    yield {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    iam.delete_role(RoleName="night-shift")


def test_a_request_without_proof_is_refused(platform: LivePlatform) -> None:
    assert "it has no attestation" in refusal(platform, FREEZE | {"by": OPERATOR})


def test_a_proof_is_good_once(platform: LivePlatform, access: Access) -> None:
    event = proven(access)
    ask(platform, event)
    assert "was used before, by the request one" in refusal(platform, event)
    ask(platform, proven(access, {**FREEZE, "request_id": "two"}))


@pytest.mark.parametrize(
    "instead",
    [
        {"id": "another"},
        {"arn": f"{FUNCTION}-of-staging:operate"},
        {"arn": WORKFLOW},
        {"arn": FUNCTION},
        {"document": {**FREEZE, "action": "unfreeze"}},
        {"document": {**FREEZE, "reason": "day"}},
    ],
    ids=["request", "function", "alias", "no alias", "action", "reason"],
)
def test_a_proof_of_something_else_is_refused(
    platform: LivePlatform, access: Access, instead: dict[str, Any]
) -> None:
    event = proven(access, **instead)
    assert "STS does not accept its attestation (SignatureDoesNotMatch)" in refusal(platform, event)
    ask(platform, proven(access))


def test_an_expired_proof_is_refused(platform: LivePlatform, access: Access) -> None:
    event, now = proven(access), datetime.now(UTC)
    late = now + timedelta(seconds=LIFETIME_SECONDS + 5)
    assert "has expired" in refusal(platform, event, clock=late)
    assert "of the future" in refusal(platform, event, clock=now - timedelta(minutes=5))


def signed(access: Access, query: Mapping[str, str], expires: int = 60, **more: str) -> str:
    """A URL that is signed right, for a request to STS of one's own choosing; `more`: headers."""
    endpoint, credentials = access.signing("sts")
    own = {name.replace("_", "-"): value for name, value in more.items()}
    request = AWSRequest(
        "GET", f"{endpoint}/?{urlencode(query)}", headers("one", OPERATE, digest_of(FREEZE)) | own
    )
    auth.SigV4QueryAuth(credentials, "sts", access.region, expires=expires).add_auth(request)
    return str(request.url)


def test_sts_itself_is_asked_and_for_nothing_else(platform: LivePlatform, access: Access) -> None:
    good = signed(access, QUERY)
    endpoint = str(access.endpoint_url)
    for url, why in (
        (good.replace(endpoint, "https://sts.us-east-1.amazonaws.com.example"), "is not for"),
        (good.replace("127.0.0.1", "127.0.0.1@example.com"), "is not for"),
        (good.replace("/?", "/other?"), "is not for"),
        (signed(access, {**QUERY, "Action": "GetSessionToken"}), "another action"),
        (signed(access, {**QUERY, "DurationSeconds": "900"}), "other parameters"),
        (good + "&Action=GetCallerIdentity", "other parameters"),
        (good + "&More=", "other parameters"),
        (signed(access, QUERY, x_more="1"), "other headers"),
        (good.replace("x-bluegreen-request", "x-bluegreen-other"), "other headers"),
        (signed(access, QUERY, expires=LIFETIME_SECONDS + 1), "lives longer"),
        (good.replace("X-Amz-Expires=60", "X-Amz-Expires=no"), "no valid time"),
    ):
        assert why in refusal(platform, {**FREEZE, "attestation": url}), url
    ask(platform, {**FREEZE, "attestation": good})


def test_foreign_keys_prove_nothing(platform: LivePlatform, access: Access) -> None:
    """Keys that this AWS doesn't know, and known ones with another secret."""
    key = access.signing("sts")[1].access_key
    for found, code in (("AKIAFOREIGNFOREIGN12", "InvalidClientTokenId"), (key, "SignatureDoesNotMatch")):
        keys = {"AWS_ACCESS_KEY_ID": found, "AWS_SECRET_ACCESS_KEY": "x"}
        stranger = Access(access.region, access.endpoint_url, keys)
        assert f"STS does not accept its attestation ({code})" in refusal(platform, proven(stranger))


def test_another_account_s_caller_is_refused(platform: LivePlatform, access: Access) -> None:
    foreign = OPERATE.replace("123456789012", "999999999999")
    event = proven(access, arn=foreign)
    assert "it comes from another account, 123456789012" in refusal(platform, event, arn=foreign)


def begin(access: Access, plan: Mapping[str, Any], name: str, arn: str = WORKFLOW) -> dict[str, Any]:
    given = {**plan, "attestation": attest(access, arn, name, plan)}
    return {"action": "begin", "workflow": name, "plan": given}


def test_a_workflow_records_who_started_it(platform: LivePlatform, access: Access) -> None:
    event = begin(access, PLAN, "shift-1")
    for _ in range(2):  # a state machine sends it again when the answer was lost
        request = ask(platform, event, WORKFLOW).request
        assert (request.by, request.plan and request.plan.by) == (OPERATOR, OPERATOR)
        assert request.plan is not None
        assert "attestation" not in request.plan.to_json()
    # Later steps come from the workflow that holds the lock.
    ask(platform, {"action": "verify", "workflow": "shift-1", "step": 0}, WORKFLOW)


def test_a_workflow_with_another_s_proof_is_refused(platform: LivePlatform, access: Access) -> None:
    event = begin(access, PLAN, "shift-2")
    for other in (
        event | {"workflow": "shift-3"},
        event | {"plan": event["plan"] | {"target": "blue"}},
        begin(access, PLAN, "shift-2", OPERATE),
        {"action": "begin", "workflow": "shift-2", "plan": PLAN | {"by": OPERATOR}},
    ):
        refusal(platform, other, arn=WORKFLOW)


def test_a_proof_opens_no_other_way(platform: LivePlatform, access: Access) -> None:
    with pytest.raises(NotAdmittedError):
        ask(platform, proven(access), WORKFLOW)
    with pytest.raises(NotAdmittedError):
        ask(platform, begin(access, PLAN, "shift-4", OPERATE))


def test_what_sts_cannot_answer_is_no_refusal(platform: LivePlatform, access: Access) -> None:
    """No answer says nothing about the caller: the request may be repeated."""
    event = proven(access)
    with pytest.MonkeyPatch.context() as patch:
        meta = platform.account.clients("sts").meta
        patch.setattr(meta, "_endpoint_url", "http://127.0.0.1:1")
        event["attestation"] = event["attestation"].replace(str(access.endpoint_url), "http://127.0.0.1:1")
        with pytest.raises(SwitchError) as error:
            ask(platform, event)
    assert type(error.value).__name__ == "AwsCallError"


def test_the_history_says_what_sts_said(platform: LivePlatform, access: Access) -> None:
    perform(ask(platform, proven(access, {**FREEZE, "by": "mallory"})))
    (entry,) = platform.invoke({"action": "history"})["entries"]
    assert (entry["action"], entry["by"]) == ("freeze", OPERATOR)
