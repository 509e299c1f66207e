"""A real browser, for tests that open a hostile page in it: Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.prerequisites import leave_out
from tests.workspaces import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

FIX = "install Chromium (Debian: apt-get install chromium)"
NAMES = ("chromium", "chromium-browser", "google-chrome")
# Names of the attacker's: of a site, and of one whose name leads to this machine's own servers by now.
EVIL, REBOUND = "evil.example", "rebound.example"
FLAGS = (
    "--no-sandbox",  # a container's root has no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Newer browsers ask the user before a page may reach this machine; older ones don't.
    "--disable-features=LocalNetworkAccessChecks",
    f"--host-resolver-rules=MAP {EVIL} 127.0.0.1,MAP {REBOUND} 127.0.0.1",
)
FETCH = """async ([url, options]) => {
    try {
        const answer = await fetch(url, options)
        return [answer.status, await answer.text()]
    } catch (error) {
        return [0, String(error)]
    }
}"""
SUBMIT = """([url, enctype, fields]) => {
    const frame = Object.assign(document.createElement("iframe"), {name: `answer-${Date.now()}`})
    const form = Object.assign(document.createElement("form"), {action: url, method: "post", enctype})
    form.target = frame.name  // the page itself stays
    for (const [name, value] of Object.entries(fields)) {
        form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}))
    }
    document.body.append(frame, form)
    form.submit()
    form.remove()
}"""


def executable() -> str | None:
    """Where a Chromium is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser, the summary says in one line what did not run."""
    if executable() is None:
        leave_out(config, items, below=ROOT / "tests", fixture="browser", lack="no Chromium", fix=FIX)


@pytest.fixture(scope="module")  # while it is open, no other test of this process can run an event loop
def browser(_integration: None) -> Iterator["Browser"]:
    """A browser with an empty profile."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - for few tests

    found = executable()
    if found is None:
        pytest.fail(f"no Chromium here: {FIX}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield chromium
        chromium.close()


def page_at(browser: "Browser", url: str) -> "Page":
    """A page of the attacker's with that address, whatever is there: as before its name was bound anew.

    Its further requests go where its name leads, with the preflights that a browser makes.
    """
    page = browser.new_page(ignore_https_errors=True)  # the developer has accepted the load balancer's

    def blank(route: "Route") -> None:
        route.fulfill(body="<!doctype html><title>a page</title>", content_type="text/html")

    page.route(url, blank)
    page.goto(url)
    page.unroute(url)
    return page


def fetch(page: "Page", url: str, **options: Any) -> tuple[int, str]:
    """What the page's script gets to see: status and text; 0, and nothing of the server's, without leave."""
    status, text = page.evaluate(FETCH, [url, options])
    return status, text


def submit(page: "Page", url: str, enctype: str, fields: dict[str, str]) -> None:
    """Submit a form, and wait for its answer, whichever it is."""
    with page.expect_response(lambda answer: answer.url == url):
        page.evaluate(SUBMIT, [url, enctype, fields])
