"""Whether a rule of a web ACL matches every ordinary request.

Ordinary are GET and POST of any path by any client. Countries, addresses and labels are left open: a
statement matches everything if it does so whichever of them a request has.
Source: AWS WAF developer guide, "Rule statements" and "Request components".
"""

import json
import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, collapse_addresses, ip_network
from itertools import product
from typing import Any

from stack_gate.stack import Block, Body, number, objects, strings

_JOINING = ("and_statement", "not_statement", "or_statement")
_MOST_OPEN = 8  # 256 combinations
_REQUESTS = tuple(
    {"method": method, "uri_path": path, "host": "q7.x4.example", "user-agent": agent}
    for method, path, agent in product(
        ("GET", "POST"), ("/", "/q7/x4"), ("Mozilla/5.0 (X11)", "okhttp/4.12.0")
    )
)
_Request = Mapping[str, str]


def stops_every_client(acl: Block) -> Iterator[str]:
    """Names of rules that block or challenge every GET or every POST of ordinary clients."""
    for rule in acl.blocks("rule"):
        stopping = {
            name for action in objects(rule.get("action")) for name in ("block", "captcha", "challenge")
            if name in action
        }  # fmt: skip
        if stopping and any(_matches_all(one, acl) for one in objects(rule.get("statement"))):
            yield f"{rule.get('name')}: {', '.join(sorted(stopping))}"


def _matches_all(statement: Body, acl: Block) -> bool:
    """Whether it matches each ordinary request of one method."""
    for limit in objects(statement.get("rate_based_statement")):
        # all clients are counted together: past the limit no client gets through
        scopes = objects(limit.get("scope_down_statement"))
        together = str(limit.get("aggregate_key_type")) == "CONSTANT"
        return together and (not scopes or any(_matches_all(scope, acl) for scope in scopes))
    return any(
        all(_always(statement, request, acl) for request in _REQUESTS if request["method"] == method)
        for method in ("GET", "POST")
    )


def _always(statement: Body, request: _Request, acl: Block) -> bool:
    """Whether it matches a request, whatever is left open."""
    leaves = {_key(name, inner): _leaf(name, inner, request, acl) for name, inner in _leaves(statement)}
    left = [key for key, found in leaves.items() if found is None]
    return len(left) <= _MOST_OPEN and all(
        _matches(statement, leaves | dict(zip(left, truths, strict=True)))
        for truths in product((True, False), repeat=len(left))
    )


def _leaves(statement: Body) -> Iterator[tuple[str, Any]]:
    """The parts of a statement that are not made of statements."""
    for name, inner in statement.items():
        if name in _JOINING:
            for joined in objects(inner):
                for one in objects(joined.get("statement")):
                    yield from _leaves(one)
        elif inner:
            yield name, inner


def _key(name: str, inner: Any) -> str:
    return name + json.dumps(inner, sort_keys=True, default=str)


def _matches(statement: Body, known: Mapping[str, bool | None]) -> bool:
    found = []
    for name, inner in statement.items():
        if name in _JOINING:
            parts = [
                _matches(one, known) for body in objects(inner) for one in objects(body.get("statement"))
            ]
            found.append(any(parts) if name == "or_statement" else all(parts) != (name == "not_statement"))
        elif inner:
            found.append(bool(known[_key(name, inner)]))
    return bool(found) and all(found)


def _leaf(name: str, inner: Any, request: _Request, acl: Block) -> bool | None:
    """Whether a request matches; None where that depends on what it has in it, and whose it is."""
    body = next(iter(objects(inner)), {})
    text = _text(body, request)
    if name == "ip_set_reference_statement":
        return True if _is_everywhere(inner, acl) else None
    if name == "size_constraint_statement":
        return _compares(body, None if text is None else len(text))
    if text is not None and name == "regex_match_statement":
        return _finds(str(body.get("regex_string")), text)
    return _is_at(body, text) if text is not None and name == "byte_match_statement" else None


def _text(body: Body, request: _Request) -> str | None:
    """What a statement looks at in a request; None if that may be anything."""
    for field in objects(body.get("field_to_match")):
        for header in objects(field.get("single_header")):
            return request.get(str(header.get("name")).lower())
        name = next((name for name in ("method", "uri_path") if name in field), None)
        if name:
            kinds = {str(one.get("type")) for one in objects(body.get("text_transformation"))}
            return request[name].lower() if "LOWERCASE" in kinds else request[name]
    return None


def _compares(body: Body, size: int | None) -> bool | None:
    limit, operator = number(body.get("size")), str(body.get("comparison_operator"))
    if limit is None or (size is None and (operator, limit) != ("GE", 0)):
        return None
    size = size or 0
    return {
        "EQ": size == limit, "NE": size != limit, "LE": size <= limit, "LT": size < limit,
        "GE": size >= limit, "GT": size > limit,
    }.get(operator, False)  # fmt: skip


def _finds(pattern: str, text: str) -> bool:
    try:
        return bool(re.search(pattern, text))
    except re.error:
        return False


def _is_at(body: Body, text: str) -> bool:
    wanted = str(body.get("search_string") or "")
    return {
        "CONTAINS": wanted in text, "ENDS_WITH": text.endswith(wanted), "EXACTLY": text == wanted,
        "STARTS_WITH": text.startswith(wanted),
    }.get(str(body.get("positional_constraint")), False)  # fmt: skip


def _is_everywhere(reference: Any, acl: Block) -> bool:
    """Whether a set of addresses has all of IPv4 in it."""
    for found in acl.stack.referred(reference, "aws_wafv2_ip_set"):
        try:
            networks = [ip_network(text, strict=False) for text in strings(found.get("addresses"))]
        except ValueError:
            continue
        of_ipv4 = [one for one in networks if isinstance(one, IPv4Network)]
        if any(one.prefixlen == 0 for one in collapse_addresses(of_ipv4)):
            return True
    return False
