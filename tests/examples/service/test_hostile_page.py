"""A hostile page in a browser that trusts the load balancer's certificate makes no payment and reads none."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from tests.browser import EVIL, REBOUND, fetch, page_at
from tests.examples.service.conftest import Shop

BODY = '{"amount": 1, "currency": "EUR"}'
NO_PAYMENTS = '{"payments": [], "more": false}'


def paying(key: str) -> dict[str, Any]:
    """What a payment takes."""
    return {"method": "POST", "body": BODY, "headers": {"Idempotency-Key": key}}


def test_a_page_of_another_site_makes_no_payment(browser: Browser, shop: Shop) -> None:
    url = shop.urls["blue"]
    evil = page_at(browser, f"http://{EVIL}/page")
    assert fetch(evil, f"{url}/payments", **paying("hostile-cors"))[0] == 0
    fetch(evil, f"{url}/payments", mode="no-cors", **paying("hostile-no-cors"))
    assert fetch(evil, f"{url}/payments?prefix=hostile-")[0] == 0
    assert shop.written("hostile-") == []


def test_a_page_whose_name_leads_to_the_load_balancer_makes_none(browser: Browser, shop: Shop) -> None:
    port = urlsplit(shop.urls["blue"]).port
    rebound = page_at(browser, f"https://{REBOUND}:{port}/page")
    assert fetch(rebound, f"https://{REBOUND}:{port}/payments", **paying("hostile-rebound"))[0] == 421
    own = page_at(browser, f"https://localhost:{port}/page")
    assert fetch(own, f"https://localhost:{port}/payments?prefix=hostile-") == (200, NO_PAYMENTS)
    assert fetch(own, f"https://localhost:{port}/payments", **paying("own"))[0] == 201
