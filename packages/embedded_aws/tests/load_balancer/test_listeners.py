"""What listeners do with a request: rules, weights, redirects, TLS; and that changes take effect."""

import ssl
from collections import Counter
from typing import Any

import pytest
from embedded_aws.certificates import self_signed

from packages.embedded_aws.tests.load_balancer.conftest import (
    CERTIFICATE,
    Stage,
    ask,
    connection,
    fixed,
    forward,
    own_host,
    told,
)

CONDITIONS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/pay/*", "/a?c"]}},
        {"path": "/pay/1"},
        {"path": "/Pay/1"},
    ),
    (
        {"Field": "path-pattern", "Values": ["/pay/*"]},
        {"path": "/pay/"},
        {"path": "/pay"},
    ),
    (
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.Pay.test"]}},
        {"host": "a.pay.TEST:8443"},
        {},
    ),
    (
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST"]}},
        {"method": "POST"},
        {"method": "GET"},
    ),
    (
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Beta", "Values": ["yes*"]}},
        {"x_beta": "YES please"},
        {},
    ),
    (
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2*"}]}},
        {"path": "/?a=1&V=2.1"},
        {"path": "/?a=2&v=1"},
    ),
    (
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": "beta"}]}},
        {"path": "/?mode=beta"},
        {"path": "/?beta=mode"},
    ),
]


@pytest.mark.parametrize(("condition", "meets", "misses"), CONDITIONS)
def test_a_rule_takes_the_requests_that_its_condition_holds_for(
    stage: Stage, condition: dict[str, Any], meets: dict[str, Any], misses: dict[str, Any]
) -> None:
    listener, url = stage.listener(fixed("default"))
    stage.elbv2.create_rule(
        ListenerArn=listener, Priority=5, Conditions=[condition], Actions=[fixed("rule", "202")]
    )
    stage.settle()
    assert [ask(url, **asked)[1] for asked in (meets, misses)] == [b"rule", b"default"]


def test_a_rule_for_somebody_else_s_address(stage: Stage) -> None:
    listener, url = stage.listener(fixed("default"))
    for priority, network in ((1, "10.0.0.0/8"), (2, "127.0.0.0/8")):
        condition = {"Field": "source-ip", "SourceIpConfig": {"Values": [network]}}
        stage.elbv2.create_rule(
            ListenerArn=listener, Priority=priority, Conditions=[condition], Actions=[fixed(network)]
        )
    stage.settle()
    assert ask(url)[1] == b"127.0.0.0/8"


def test_rules_go_by_priority_and_all_conditions_must_hold(stage: Stage) -> None:
    listener, url = stage.listener(fixed("default"))
    path = {"Field": "path-pattern", "Values": ["/pay*"]}
    post = {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST"]}}
    for priority, conditions, text in ((20, [path], "path"), (10, [path, post], "both")):
        stage.elbv2.create_rule(
            ListenerArn=listener, Priority=priority, Conditions=conditions, Actions=[fixed(text)]
        )
    stage.settle()
    answers = [ask(url, "/pay", "POST")[1], ask(url, "/pay")[1], ask(url, "/", "POST")[1]]
    assert answers == [b"both", b"path", b"default"]


def test_a_fixed_response_is_the_load_balancer_s(stage: Stage) -> None:
    _, url = stage.listener(fixed("closed for today", "503"))
    answer, body = ask(url)
    assert (answer.status, body) == (503, b"closed for today")
    assert (answer.headers["Server"], answer.headers["Content-Type"]) == (
        "awselb/2.0",
        "text/plain; charset=utf-8",
    )


def test_a_redirect_leads_to_the_listener_on_this_machine(stage: Stage) -> None:
    secure, https = stage.listener(fixed("safe"), "HTTPS")
    port = stage.port(secure)
    config = {"Protocol": "HTTPS", "Port": str(port), "StatusCode": "HTTP_301"}
    _, url = stage.listener({"Type": "redirect", "RedirectConfig": config})
    answer, _ = ask(url, "/pay%20me?a=%2F&b")
    assert (answer.status, answer.headers["Location"]) == (301, f"{https}/pay%20me?a=%2F&b")


def test_a_redirect_fills_its_placeholders(stage: Stage) -> None:
    config = {
        "Protocol": "HTTPS",
        "Port": "444",
        "Host": "www.#{host}",
        "Path": "/#{port}/#{path}",
        "Query": "was=#{query}",
        "StatusCode": "HTTP_302",
    }
    listener, url = stage.listener({"Type": "redirect", "RedirectConfig": config})
    port = stage.port(listener)
    answer, _ = ask(url, "/a?b=1", host=own_host(url, "pay"))
    assert (answer.status, answer.headers["Location"]) == (
        302,
        f"https://www.pay.localhost:444/{port}/a?was=b=1",
    )


def test_requests_follow_the_weights_and_every_change_of_them(stage: Stage) -> None:
    blue, green = stage.origin("blue", "127.0.0.2"), stage.origin("green", "127.0.0.3")
    groups = [stage.group(blue), stage.group(green)]
    listener, url = stage.listener(forward(dict(zip(groups, (100, 0), strict=True))))
    link = connection(url)  # one connection: what is open goes by the new weights, too
    shares: dict[int, Counter[str]] = {}
    for percent in (0, 30, 100):
        weights = dict(zip(groups, (100 - percent, percent), strict=True))
        stage.elbv2.modify_listener(ListenerArn=listener, DefaultActions=[forward(weights)])
        stage.settle()
        shares[percent] = Counter()
        for _ in range(400):
            link.request("GET", "/status/200")
            link.getresponse().read()
        shares[percent]["blue"] = len(blue.requests("/status/200"))
        shares[percent]["green"] = len(green.requests("/status/200"))
        blue.seen.clear()
        green.seen.clear()
    link.close()
    assert shares[0] == {"blue": 400, "green": 0}
    assert shares[100] == {"blue": 0, "green": 400}
    # Standard deviation 9.2: outside of this once in 10^11 runs.
    assert 60 < shares[30]["green"] < 180
    assert shares[30].total() == 400


def test_weights_of_nothing_serve_nobody(stage: Stage) -> None:
    origin = stage.origin("blue", "127.0.0.2")
    group = stage.group(origin)
    _, url = stage.listener(forward({group: 0}))
    answer, _ = ask(url)
    assert (answer.status, answer.headers["Server"]) == (503, "awselb/2.0")
    assert origin.requests("/") == []


def test_a_group_without_targets_keeps_its_share(stage: Stage) -> None:
    origin = stage.origin("blue", "127.0.0.2")
    _, url = stage.listener(forward({stage.group(origin): 50, stage.group(): 50}))
    statuses = Counter(ask(url, "/status/200")[0].status for _ in range(100))
    assert set(statuses) == {200, 503}


def test_a_group_named_without_weights(stage: Stage) -> None:
    origin = stage.origin("blue", "127.0.0.2")
    _, url = stage.listener({"Type": "forward", "TargetGroupArn": stage.group(origin)})
    assert told(url)["name"] == "blue"


def test_tls_is_the_certificate_s_that_the_listener_names(stage: Stage) -> None:
    _, url = stage.listener(fixed("safe"), "HTTPS")
    link = connection(url, stage.trust())
    link.request("GET", "/")
    assert link.getresponse().read() == b"safe"
    link.close()
    with pytest.raises(ssl.SSLCertVerificationError):
        connection(url, ssl.create_default_context()).request("GET", "/")


def test_a_renewed_certificate_is_served_to_new_connections(stage: Stage) -> None:
    _, url = stage.listener(fixed("safe"), "HTTPS")
    before = stage.trust()
    certificate, key = self_signed("payments.test")
    stage.aws.client("acm").import_certificate(
        CertificateArn=CERTIFICATE, Certificate=certificate, PrivateKey=key
    )
    stage.settle()
    with pytest.raises(ssl.SSLCertVerificationError):
        connection(url, before).request("GET", "/")
    connection(url, stage.trust()).request("GET", "/")


def test_what_cannot_be_done_here_says_so(stage: Stage) -> None:
    config = {
        "Issuer": "https://id.test",
        "AuthorizationEndpoint": "https://id.test/a",
        "TokenEndpoint": "https://id.test/t",
        "UserInfoEndpoint": "https://id.test/u",
        "ClientId": "payments",
        "ClientSecret": "none",
    }
    _, url = stage.listener({"Type": "authenticate-oidc", "AuthenticateOidcConfig": config})
    assert ask(url)[0].status == 501


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "localhost.evil:{port}", ""]
)
def test_a_host_that_is_not_this_machines_own_is_refused(stage: Stage, host: str) -> None:
    _, url = stage.listener(fixed("ok"))
    port = url.rpartition(":")[2]
    assert ask(url)[0].status == 200
    assert ask(url, host=f"127.0.0.1:{port}")[0].status == 200
    assert ask(url, host=host.format(port=port))[0].status == 421
