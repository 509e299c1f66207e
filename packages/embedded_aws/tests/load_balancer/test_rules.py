"""Patterns of rule conditions, compared with a plain matcher that tries everything."""

from embedded_aws.load_balancer.configuration import Rule
from embedded_aws.load_balancer.rules import Asked, action_for
from hypothesis import given
from hypothesis import strategies as st

LETTERS = st.text(alphabet="ab/?*.\\", max_size=8)


def matches(pattern: str, text: str) -> bool:
    """The definition, one character at a time."""
    if not pattern:
        return not text
    head, rest = pattern[0], pattern[1:]
    if head == "*":
        return any(matches(rest, text[skip:]) for skip in range(len(text) + 1))
    if head == "\\" and rest:
        head, rest = rest[0], rest[1:]
    elif head == "?":
        return bool(text) and matches(rest, text[1:])
    return text[:1] == head and matches(rest, text[1:])


@given(pattern=LETTERS, path=LETTERS)
def test_a_pattern_means_what_the_user_guide_says(pattern: str, path: str) -> None:
    wanted = Rule(({"Field": "path-pattern", "Values": [pattern]},), {"Type": "wanted"})
    rules = [wanted, Rule((), {"Type": "default"})]
    asked = Asked(method="GET", host="", path=path, query="", headers={}, source="127.0.0.1")
    assert (action_for(rules, asked)["Type"] == "wanted") is matches(pattern, path)


def test_a_condition_of_an_unknown_kind_holds_for_nobody() -> None:
    rules = [Rule(({"Field": "phase-of-the-moon"},), {"Type": "wanted"}), Rule((), {"Type": "default"})]
    asked = Asked(method="GET", host="", path="/", query="", headers={}, source="127.0.0.1")
    assert action_for(rules, asked)["Type"] == "default"
