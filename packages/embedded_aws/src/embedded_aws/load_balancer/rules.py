"""Which rule of a listener a request meets.

Source: Elastic Load Balancing user guide, "Condition types for listener rules".
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl

from embedded_aws.load_balancer.configuration import Json, Rule


@dataclass(frozen=True)
class Asked:
    """What conditions look at. `host` without port; `query` as it was sent; `headers`: case-insensitive."""

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    source: str


def action_for(rules: Iterable[Rule], asked: Asked) -> Json:
    """The action of the first rule whose conditions all hold. The default rule, the last, has none."""
    return next(rule.action for rule in rules if all(_holds(c, asked) for c in rule.conditions))


def names_host(rules: Iterable[Rule], asked: Asked) -> bool:
    """Whether a `host-header` condition of any rule holds."""
    named = (condition for rule in rules for condition in rule.conditions)
    return any(condition["Field"] == "host-header" and _host(condition, asked) for condition in named)


def _holds(condition: Json, asked: Asked) -> bool:
    """A kind of condition that came after this was written holds for no request."""
    holds = CONDITIONS.get(condition["Field"])
    return holds is not None and holds(condition, asked)


def _path(condition: Json, asked: Asked) -> bool:
    return _any_like(_values(condition, "PathPatternConfig"), asked.path)


def _host(condition: Json, asked: Asked) -> bool:
    return _any_like(_lower(_values(condition, "HostHeaderConfig")), asked.host.lower())


def _method(condition: Json, asked: Asked) -> bool:
    return asked.method in _values(condition, "HttpRequestMethodConfig")


def _header(condition: Json, asked: Asked) -> bool:
    given = asked.headers.get(condition["HttpHeaderConfig"]["HttpHeaderName"])
    return given is not None and _any_like(_lower(_values(condition, "HttpHeaderConfig")), given.lower())


def _query(condition: Json, asked: Asked) -> bool:
    return any(_in_query(pair, asked) for pair in condition["QueryStringConfig"]["Values"])


def _source(condition: Json, asked: Asked) -> bool:
    source = ipaddress.ip_address(asked.source)
    return any(source in ipaddress.ip_network(network) for network in _values(condition, "SourceIpConfig"))


CONDITIONS: dict[str, Callable[[Json, Asked], bool]] = {
    "path-pattern": _path,
    "host-header": _host,
    "http-request-method": _method,
    "http-header": _header,
    "query-string": _query,
    "source-ip": _source,
}


def _values(condition: Json, config: str) -> list[str]:
    """AWS takes the values of the older conditions in either of two places."""
    values: list[str] = condition.get(config, {}).get("Values") or condition.get("Values") or []
    return values


def _lower(values: Iterable[str]) -> list[str]:
    return [value.lower() for value in values]


def _any_like(patterns: Iterable[str], text: str) -> bool:
    return any(_pattern(pattern).fullmatch(text) for pattern in patterns)


def _in_query(wanted: Json, asked: Asked) -> bool:
    key, value = wanted.get("Key"), _pattern(wanted["Value"].lower())
    return any(
        (key is None or _pattern(key.lower()).fullmatch(name.lower())) and value.fullmatch(given.lower())
        for name, given in parse_qsl(asked.query, keep_blank_values=True)
    )


@cache
def _pattern(text: str) -> re.Pattern[str]:
    r"""`*`: any characters; `?`: exactly one; a backslash takes the meaning of the character after it."""
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(part) or re.escape(part[-1]) for part in parts), re.S)
