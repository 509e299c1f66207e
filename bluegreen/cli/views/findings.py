"""View of what sends clients elsewhere than the weights say, and of how to remove it."""

from collections.abc import Iterable, Mapping
from typing import Any

from safe_io import Text

Finding = Mapping[str, Any]


def findings_lines(findings: Iterable[Finding]) -> list[Text]:
    """A heading, and two lines each, which are not broken: a command has to be copied whole."""
    found = list(findings)
    lines = []
    for reach, whose in (("production", "Clients"), ("test", "Clients of the test listener")):
        own = [finding for finding in found if finding["reach"] == reach]
        if own:
            lines.append(Text(f"{whose} may go elsewhere than the weights say:", style="bold red"))
        for finding in own:
            lines.append(whole(f"  {finding['what']}", style="red"))
            lines.append(whole(f"    fix: {finding['fix']}"))
    return lines


def whole(text: str, style: str = "") -> Text:
    """A line that is longer than the terminal rather than broken."""
    return Text(text, style=style, no_wrap=True, overflow="ignore")
