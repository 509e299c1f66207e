"""A hostile page in the developer's browser, beside the running platform: nothing is changed, nothing read.

That its attacks succeed on an embedded AWS without the gate is shown in packages/embedded_aws/tests/access.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import EVIL, REBOUND, fetch, page_at, submit
from tests.e2e.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]

FORGED = (
    "AWS4-HMAC-SHA256 Credential=local/20261129/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
)
SWITCH = '{"action": "switch", "target": "green"}'


def invocations(platform: Platform, host: str) -> str:
    """Where the switch function is invoked."""
    port = platform.aws.endpoint.rpartition(":")[2]
    return f"http://{host}:{port}/2015-03-31/functions/{platform.function.name}/invocations"


def history(platform: Platform) -> Any:
    return platform.json("history")["entries"]


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
