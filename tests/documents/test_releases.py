"""The version, the changelog, the page on upgrading and the recorded stack speak of the same releases."""

import re

from bluegreen import __version__
from tests.workspaces import ROOT


def test_they_agree() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert headings[0] == __version__
    (recorded,) = (ROOT / "tests" / "e2e" / "previous").iterdir()
    assert recorded.name == f"{headings[1]}.tar.xz"
    assert f"\n| {headings[1]} | {headings[0]} |" in (ROOT / "docs" / "upgrading.md").read_text("utf-8")
