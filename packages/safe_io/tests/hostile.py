"""Text that means harm, and what must not be in any output whatever it was made of."""

import re
import unicodedata

from hypothesis import strategies as st

PIECES = (
    "\x1b[31m", "\x1b]8;;https://evil.example\x07", "\x9b2J", "\r", "\n", "\t", "\b", "\x00", "\x7f", "\x85",
    "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\u2029", "\ud800", "\ufffe", "\U000e0041",
    "[red]", "[/red]", "[/]", "[link=https://evil.example]", ":warning:", "\\", "|", "<!--", "]]>", "&amp;",
    "::error::", "::error file=a::", "::add-mask::x", "::stop-commands::t", "##[error]", "##VSO[a]", "###[",
    "##vso[task.setvariable variable=a]b", "##teamcity[buildStatus text='x']", "<img src=x onerror=alert(1)>",
    "#quot;", "[x](https://evil.example)", "](", "{0}", "`", '"', "'", "${a}", "$(id)", "é", "word", " ",
    "a" * 40,
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), min_size=1, max_size=5).map("".join)
# As the runners look for them: `packages/safe_io/src/safe_io/escapes.py` has the sources.
OBEYED = (
    re.compile(r"^\s*::[^\n]*?::", re.MULTILINE),
    re.compile(r"##\["),
    re.compile(r"##(vso|teamcity)\[", re.IGNORECASE),
)
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def harm(shown: str, *, beside: str = "\n") -> list[str]:
    """What a terminal or a CI system would obey in `shown`; `beside`: control characters that are ours."""
    found = [repr(c) for c in sorted(set(shown)) if unicodedata.category(c) in HIDDEN and c not in beside]
    return found + [match[0] for pattern in OBEYED if (match := pattern.search(shown))]
