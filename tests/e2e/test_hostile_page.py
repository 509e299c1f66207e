"""A hostile page in the developer's browser, beside the running platform: nothing is changed, nothing read.

That its attacks succeed on an embedded AWS without the gate is shown in tests/bluegreen/local_aws/access.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser import EVIL, REBOUND, fetch, submit
from tests.e2e.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]

FORGED = (
    "AWS4-HMAC-SHA256 Credential=local/20261129/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
)
SWITCH = '{"action": "switch", "target": "green"}'


def page_at(browser: Browser, url: str) -> Page:
    """A page of the attacker's, with that address."""
    page = browser.new_page(ignore_https_errors=True)  # the developer has accepted the load balancer's

    def blank(route: Route) -> None:
        route.fulfill(body="<!doctype html><title>a page</title>", content_type="text/html")

    page.route(url, blank)
    page.goto(url)
    return page


def invocations(platform: Platform, host: str) -> str:
    """Where the switch function is invoked."""
    port = platform.aws.endpoint.rpartition(":")[2]
    return f"http://{host}:{port}/2015-03-31/functions/{platform.function.name}/invocations"


def history(platform: Platform) -> Any:
    return platform.json("history")


def test_a_page_moves_no_traffic(browser: Browser, on_blue: Platform) -> None:
    before = history(on_blue)
    endpoint = on_blue.aws.endpoint
    headers = {"Authorization": FORGED.format("lambda")}
    evil = page_at(browser, f"http://{EVIL}/page")
    port = endpoint.rpartition(":")[2]
    rebound = page_at(browser, f"http://{REBOUND}:{port}/page")

    url = invocations(on_blue, "127.0.0.1")
    assert fetch(evil, url, method="POST", body=SWITCH, headers=headers)[0] == 0
    fetch(evil, url, method="POST", body=SWITCH, mode="no-cors")
    submit(evil, url, "text/plain", {SWITCH: ""})
    submit(evil, f"{endpoint}/_bluegreen/reset", "text/plain", {"{}": ""})
    for host, status in ((REBOUND, 421), ("127.0.0.1", 0)):
        where = invocations(on_blue, host)
        assert fetch(rebound, where, method="POST", body=SWITCH, headers=headers)[0] == status

    assert history(on_blue) == before
    assert on_blue.weights() == {"blue": 100, "green": 0}


def test_a_page_makes_no_payment(browser: Browser, on_blue: Platform) -> None:
    url = on_blue.json("local", "up")["url"]
    port = url.rpartition(":")[2]
    payment = {"method": "POST", "body": '{"amount": 1, "currency": "EUR"}'}
    key = {"Idempotency-Key": "hostile-1"}
    evil = page_at(browser, f"http://{EVIL}/page")
    assert fetch(evil, f"{url}/payments", headers=key, **payment)[0] == 0
    fetch(evil, f"{url}/payments", mode="no-cors", headers=key, **payment)
    rebound = page_at(browser, f"https://{REBOUND}:{port}/page")
    assert fetch(rebound, f"https://{REBOUND}:{port}/payments", headers=key, **payment)[0] == 421
    own = page_at(browser, f"{url}/page")
    assert fetch(own, f"{url}/payments?prefix=hostile-") == (200, '{"payments": [], "more": false}')
