"""A browser, and an embedded AWS without its gate."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.prerequisites import leave_out
from tests.workspaces import ROOT

FIX = "install Chromium (Debian: apt-get install chromium)"
NAMES = ("chromium", "chromium-browser", "google-chrome")
# Names of the attacker's: of a site, and of one whose name leads to this machine.
HOSTS = ("evil.example", "rebound.example")
FLAGS = (
    "--no-sandbox",  # a container's root has no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Newer browsers ask before a page may reach this machine. Not everybody has one, nor says no.
    "--disable-features=LocalNetworkAccessChecks",
    f"--host-resolver-rules={','.join(f'MAP {host} 127.0.0.1' for host in HOSTS)}",
)


def executable() -> str | None:
    """Where a Chromium is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser, the summary says in one line what did not run."""
    if executable() is None:
        here = ROOT / "tests" / "bluegreen" / "local_aws" / "access"
        leave_out(config, items, below=here, fixture="browser", lack="no Chromium", fix=FIX)


@pytest.fixture(scope="module")
def browser(_integration: None) -> Iterator[Browser]:
    """A browser with an empty profile."""
    found = executable()
    if found is None:
        pytest.fail(f"no Chromium here: {FIX}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield chromium
        chromium.close()
