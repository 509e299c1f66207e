"""The rules of composite alarms, such as `ALARM("errors") AND NOT OK(slow)`.

Source: CloudWatch API reference, PutCompositeAlarm, parameter AlarmRule.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

TOKEN = re.compile(r'\s*(?:(?P<mark>[()])|"(?P<quoted>[^"]*)"|(?P<word>[^\s()"]+))')
STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
# Metric alarms and composite ones alike: arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME
ARN_NAME = 6

Test = Callable[[Mapping[str, str]], bool]


class RuleError(ValueError):
    """The rule can't be read."""


@dataclass(frozen=True)
class Rule:
    """`alarms`: the names it is about. `holds(states)`: whether it is true for those states by name."""

    alarms: frozenset[str]
    holds: Test


def parse(text: str) -> Rule:
    """Read a rule. Raises RuleError."""
    reader = _Reader(text)
    holds = reader.either()
    reader.end()
    return Rule(frozenset(reader.alarms), holds)


class _Reader:
    """OR binds weaker than AND, AND weaker than NOT."""

    def __init__(self, text: str) -> None:
        self._text, self._position = text.rstrip(), 0
        self.alarms: set[str] = set()

    def either(self) -> Test:
        tests = [self._both()]
        while self._took("OR"):
            tests.append(self._both())
        return lambda states: any(test(states) for test in tests)

    def end(self) -> None:
        if self._position < len(self._text):
            raise RuleError(f"unexpected {self._text[self._position :].strip()[:40]!r}")

    def _both(self) -> Test:
        tests = [self._one()]
        while self._took("AND"):
            tests.append(self._one())
        return lambda states: all(test(states) for test in tests)

    def _one(self) -> Test:
        if self._took("NOT"):
            test = self._one()
            return lambda states: not test(states)
        if self._took("("):
            test = self.either()
            self._need(")")
            return test
        if self._took("TRUE"):
            return lambda _: True
        if self._took("FALSE"):
            return lambda _: False
        return self._state()

    def _state(self) -> Test:
        state = next((state for state in STATES if self._took(state)), None)
        if state is None:
            found = self._text[self._position :].strip()[:40] or "the end"
            raise RuleError(f"expected {', '.join(STATES)}, NOT or a parenthesis, found {found}")
        self._need("(")
        match = self._next()
        named = (match["quoted"] or match["word"]) if match else None
        if match is None or not named:
            raise RuleError(f"{state} names no alarm")
        self._position = match.end()
        self._need(")")
        name = named.split(":", ARN_NAME)[-1] if named.startswith("arn:") else named
        self.alarms.add(name)
        return lambda states: states.get(name) == state

    def _next(self) -> re.Match[str] | None:
        return TOKEN.match(self._text, self._position)

    def _took(self, wanted: str) -> bool:
        match = self._next()
        if match is None or wanted not in (match["mark"], match["word"]):
            return False
        self._position = match.end()
        return True

    def _need(self, wanted: str) -> None:
        if not self._took(wanted):
            raise RuleError(f"expected {wanted!r} at character {self._position}")
