"""Patterns of policies: wildcards and policy variables, compiled once, matched often.

Source: IAM User Guide, "IAM JSON policy elements: Resource" (wildcards stay within a segment of an ARN; the
last segment, after the fifth colon, may hold colons) and "IAM policy elements: Variables and tags" (`${key}`,
`${key, 'default'}`, `${*}`, `${?}`, `${$}`; a variable without a value matches nothing). That page says that
variables stand behind the fifth colon only. AWS's own managed policies have them before it
(AmazonTimestreamInfluxDBServiceRolePolicy), so they are replaced everywhere.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from iam_evaluation.context import Context

# Whether a value of the request matches.
Check = Callable[[str, Context], bool]

ARN_PARTS = 6
_VARIABLE = re.compile(r"\$\{(?:([*?$])|([^{}$',]+?)\s*(?:,\s*'([^']*)')?\s*)\}")
_ANY, _ONE = ".*", "."
_ANY_IN_PART, _ONE_IN_PART = "[^:]*", "[^:]"


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key}` or `${key, 'default'}`; the key in lower case."""

    key: str
    default: str | None

    def value(self, context: Context) -> str | None:
        """None: it has no value, and no default."""
        found = context.variable(self.key)
        return self.default if found is None else found


# A literal text, a regular expression (in a tuple), or a variable.
Token = str | tuple[str] | Variable


def tokens(text: str, *, variables: bool, wildcards: bool, within_part: bool = False) -> list[Token]:
    """What `text` is made of."""
    found: list[Token] = []
    position = 0
    for match in _VARIABLE.finditer(text) if variables else ():
        found += _plain(text[position : match.start()], wildcards=wildcards, within_part=within_part)
        special, key, default = match.groups()
        found.append(special or Variable(key.strip().lower(), default))
        position = match.end()
    return found + _plain(text[position:], wildcards=wildcards, within_part=within_part)


def _plain(text: str, *, wildcards: bool, within_part: bool) -> list[Token]:
    if not wildcards:
        return [text] if text else []
    any_, one = (_ANY_IN_PART, _ONE_IN_PART) if within_part else (_ANY, _ONE)
    pieces = [piece for piece in re.split(r"(\*+|\?)", text) if piece]
    return [(any_,) if piece[0] == "*" else (one,) if piece == "?" else piece for piece in pieces]


def text_check(text: str, *, variables: bool, wildcards: bool = True, ignore_case: bool = False) -> Check:
    """Matches whole strings."""
    found = tokens(text, variables=variables, wildcards=wildcards)
    if wildcards and found and all(token == (_ANY,) for token in found):
        return lambda _value, _context: True
    return _check(found, ignore_case=ignore_case)


def arn_check(text: str, *, variables: bool) -> Check:
    """Matches ARNs, segment by segment. `*` alone matches everything, also the request for all resources
    (`*`).

    Raises ValueError when `text` isn't an ARN of six segments.
    """
    if text and not text.strip("*"):
        return lambda _value, _context: True
    parts = arn_parts(text, variables=variables)
    if variables and _VARIABLE.match(text):
        return text_check(text, variables=True)  # the variable holds the ARN
    if len(parts) < ARN_PARTS or parts[0] != "arn":
        raise ValueError(f'{text!r} is neither "*" nor an ARN of six parts')
    found: list[Token] = []
    for number, part in enumerate(parts):
        last = number == ARN_PARTS - 1
        found += tokens(part, variables=variables, wildcards=True, within_part=not last)
        found += [] if last else [":"]
    return _check(found, ignore_case=False)


def arn_parts(text: str, *, variables: bool = False) -> list[str]:
    """At most six parts: a colon within `${…}` doesn't separate."""
    if not variables or "${" not in text:
        return text.split(":", ARN_PARTS - 1)
    hidden = _VARIABLE.sub(lambda match: match[0].replace(":", "\0"), text)
    return [part.replace("\0", ":") for part in hidden.split(":", ARN_PARTS - 1)]


def _check(found: Sequence[Token], *, ignore_case: bool) -> Check:
    if any(isinstance(token, Variable) for token in found):
        return lambda value, context: _matches(found, value, context, ignore_case)
    if all(isinstance(token, str) for token in found):
        return _equals("".join(token for token in found if isinstance(token, str)), ignore_case=ignore_case)
    fits = _compiled(_expression(found), ignore_case).fullmatch
    return lambda value, _context: fits(value) is not None


def _equals(text: str, *, ignore_case: bool) -> Check:
    if ignore_case:
        lower = text.lower()
        return lambda value, _context: value.lower() == lower
    return lambda value, _context: value == text


def _matches(found: Sequence[Token], value: str, context: Context, ignore_case: bool) -> bool:
    resolved: list[Token] = []
    for token in found:
        if isinstance(token, Variable):
            replacement = token.value(context)
            if replacement is None:
                return False
            resolved.append(replacement)
        else:
            resolved.append(token)
    return _compiled(_expression(resolved), ignore_case).fullmatch(value) is not None


def _expression(found: Sequence[Token]) -> str:
    """Matched in a time proportional to pattern times text: after each wildcard but the last the first place
    that fits will do, so no other one is tried.
    """
    pieces = [token[0] if isinstance(token, tuple) else re.escape(str(token)) for token in found]
    stars = [index for index, piece in enumerate(pieces) if found[index] in ((_ANY,), (_ANY_IN_PART,))]
    expression = "".join(pieces[: stars[0]]) if stars else "".join(pieces)
    for star, following in zip(stars, [*stars[1:], None][: len(stars)], strict=True):
        rest = "".join(pieces[star + 1 : following])
        expression += f"{pieces[star]}{rest}" if following is None else f"(?>{pieces[star]}?{rest})"
    return expression


def glob(text: str) -> re.Pattern[str]:
    """Of a text with wildcards, without variables."""
    return re.compile(_expression(_plain(text, wildcards=True, within_part=False)), re.DOTALL)


@lru_cache(maxsize=4096)
def _compiled(expression: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if ignore_case else 0))
