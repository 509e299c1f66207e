"""Terraform's pure functions, of known values. What they refuse raises ValueError or TypeError.

Source: Terraform documentation, "Functions". Numbers are int or float, sets are `Set`, null is None.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any


class Set(list[Any]):
    """A set: sorted, each item once. It has no index."""


def text(value: Any) -> str:
    """As Terraform converts a primitive value to a string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, str | int):
        return str(value)
    raise TypeError("no string")


def number(value: Any) -> int | float:
    """As Terraform converts a primitive value to a number."""
    if isinstance(value, bool):
        raise TypeError("no number")
    if isinstance(value, int | float):
        return int(value) if float(value).is_integer() else value
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return number(float(value)) if "." in value else int(value)
    raise TypeError("no number")


def boolean(value: Any) -> bool:
    """As Terraform converts a primitive value to a boolean."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise TypeError("no boolean")


def same_type(values: list[Any]) -> list[Any]:
    """Primitives of several types become strings, as in a list."""
    kinds = {_kind(value) for value in values if value is not None}
    if len(kinds) <= 1:
        return values
    if kinds <= {"string", "number", "bool"} and "string" in kinds:
        return [value if value is None else text(value) for value in values]
    raise TypeError("values of several types")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "set" if isinstance(value, Set) else "list" if isinstance(value, list) else "map"


def as_set(values: list[Any]) -> Set:
    """The set of strings or numbers in a list."""
    values = same_type([*values])
    if any(not isinstance(value, str | int | float) for value in values):
        raise TypeError("a set of collections")
    if values and isinstance(values[0], str):
        return Set(sorted(set(values), key=lambda value: value.encode()))
    return Set(sorted(set(values)))


def encoded(value: Any) -> str:
    """As jsonencode writes it: sorted keys, no spaces, and <, >, & as Unicode escapes."""
    written = json.dumps(_jsonable(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for sign in "<>&\u2028\u2029":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return written


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_jsonable(item) for item in value]
    return number(value) if isinstance(value, float) else value


def _coalesce(*values: Any) -> Any:
    found = [value for value in same_type([*values]) if value not in (None, "")]
    return found[0] if found else _refuse("no value")


def _coalescelist(*lists: list[Any]) -> list[Any]:
    found = [values for values in lists if values]
    return found[0] if found else _refuse("no list with items")


def _concat(*lists: list[Any]) -> list[Any]:
    return [item for found in lists for item in found]


def _contains(values: list[Any], value: Any) -> bool:
    if value is None:
        raise ValueError("a search for null")
    return any(type(found) is type(value) and found == value for found in values)


def _distinct(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in same_type([*values]):
        if value not in found:
            found.append(value)
    return found


def _element(values: list[Any], index: int) -> Any:
    return values[index % len(values)] if index >= 0 else _refuse("a negative index")


def _refuse(why: str) -> Any:
    raise ValueError(why)


def _flatten(values: list[Any]) -> list[Any]:
    return [item for value in values for item in (_flatten(value) if isinstance(value, list) else [value])]


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str | list | dict) else int(_refuse("no length"))


def _lookup(values: Mapping[str, Any], key: str, *default: Any) -> Any:
    return values[key] if key in values else default[0]


def _merge(*maps: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for found in maps if found is not None for key, value in found.items()}


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else None if not values else _refuse("more than one")


def _slice(values: list[Any], start: int, end: int) -> list[Any]:
    return values[start:end] if 0 <= start <= end <= len(values) else _refuse("out of bounds")


def _substr(value: str, offset: int, length: int) -> str:
    """A negative offset counts from the end, a negative length takes the rest."""
    if not value.isascii():
        raise ValueError("what Terraform counts are grapheme clusters")
    start = max(0, offset + len(value) if offset < 0 else offset)
    return value[start:] if length < 0 else value[start : start + length]


def _zipmap(keys: list[str], values: list[Any]) -> dict[str, Any]:
    return dict(sorted(zip(keys, values, strict=True)))


def _replace(value: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        raise ValueError("a regular expression")
    return value.replace(old, new)


def _split(separator: str, value: str) -> list[str]:
    return value.split(separator) if separator else list(value)


def _format(form: str, *values: Any) -> str:
    """The verbs %s, %d, %v and %%; others are refused."""
    verbs = re.findall(r"%.", form)
    if any(verb not in ("%s", "%d", "%v", "%%") for verb in verbs) or form.endswith("%"):
        raise ValueError("a verb that is not evaluated")
    waiting = list(values)
    if len([verb for verb in verbs if verb != "%%"]) != len(waiting):
        raise ValueError("another number of values")

    def put(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        value = waiting.pop(0)
        if match[0] == "%d" and not float(number(value)).is_integer():
            raise ValueError("no whole number")
        return text(number(value) if match[0] == "%d" else value)

    return re.sub(r"%.", put, form)


def _cidrsubnet(prefix: str, newbits: int, netnum: int) -> str:
    network = ip_network(prefix, strict=False)
    length = network.prefixlen + newbits
    if newbits < 0 or length > network.max_prefixlen or not 0 <= netnum < 2**newbits:
        raise ValueError("no such subnet")
    start = int(network.network_address) + (netnum << (network.max_prefixlen - length))
    return f"{ip_address(start)}/{length}"


def _cidrhost(prefix: str, hostnum: int) -> str:
    network = ip_network(prefix, strict=False)
    offset = hostnum if hostnum >= 0 else network.num_addresses + hostnum
    if not 0 <= offset < network.num_addresses:
        raise ValueError("no such host")
    return str(ip_address(int(network.network_address) + offset))


# Their arguments are checked for null here, and converted to what the function takes.
FUNCTIONS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    # name → the types of its arguments, the last one repeated after "+"; what it does
    "abs": ("N", abs),
    "max": ("N+", max),
    "min": ("N+", min),
    "chomp": ("s", lambda value: re.sub(r"(\r\n|\n|\r)+\Z", "", value)),
    "endswith": ("ss", str.endswith),
    "startswith": ("ss", str.startswith),
    "strcontains": ("ss", lambda value, part: part in value),
    "format": ("s*+", _format),
    "join": ("sS", lambda separator, values: separator.join(values)),
    "lower": ("s", str.lower),
    "upper": ("s", str.upper),
    "replace": ("sss", _replace),
    "split": ("ss", _split),
    "substr": ("sNN", _substr),
    "trimprefix": ("ss", str.removeprefix),
    "trimsuffix": ("ss", str.removesuffix),
    "alltrue": ("B", all),
    "anytrue": ("B", any),
    "coalesce": ("*+", _coalesce),
    "coalescelist": ("L+", _coalescelist),
    "compact": ("S", lambda values: [value for value in values if value]),
    "concat": ("L+", _concat),
    "contains": ("L*", _contains),
    "distinct": ("L", _distinct),
    "element": ("LN", _element),
    "flatten": ("L", _flatten),
    "keys": ("M", sorted),
    "length": (
        "*",
        _length,
    ),
    "lookup": ("Ms*+", _lookup),
    "merge": ("*+", _merge),
    "one": ("L", _one),
    "reverse": ("L", lambda values: values[::-1]),
    "slice": ("LNN", _slice),
    "sort": ("S", lambda values: sorted(values, key=str.encode)),
    "values": ("M", lambda values: [values[key] for key in sorted(values)]),
    "zipmap": ("SL", _zipmap),
    "tobool": ("*", lambda value: None if value is None else boolean(value)),
    "tolist": ("L", lambda values: same_type([*values])),
    "tomap": ("M", lambda values: dict(zip(values, same_type([*values.values()]), strict=True))),
    "tonumber": ("*", lambda value: None if value is None else number(value)),
    "toset": ("L", as_set),
    "tostring": ("*", lambda value: None if value is None else text(value)),
    "base64encode": ("s", lambda value: base64.b64encode(value.encode()).decode()),
    "base64decode": ("s", lambda value: base64.b64decode(value, validate=True).decode()),
    "jsonencode": ("*", encoded),
    "jsondecode": ("s", json.loads),
    "sensitive": ("*", lambda value: value),
    "nonsensitive": ("*", lambda value: value),
    "cidrhost": ("sN", _cidrhost),
    "cidrsubnet": ("sNN", _cidrsubnet),
}
# Those that only move or count items, and so may be given lists and maps with unknown items.
STRUCTURAL = frozenset({
    "coalescelist", "concat", "element", "keys", "length", "lookup", "merge", "one", "reverse", "slice",
    "nonsensitive", "sensitive", "values", "zipmap",
})  # fmt: skip
