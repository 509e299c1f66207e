"""What the bucket forgets, and when."""

from collections.abc import Iterable, Mapping
from typing import Any

Rule = Mapping[str, Any]

# The current state stays, however old it is; one that was replaced a year ago restores nothing.
OLD_VERSIONS: Rule = {
    "ID": "old-versions",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"ExpiredObjectDeleteMarker": True},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 365},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}
# A plan that is not approved is stale long before.
PLANS: Rule = {
    "ID": "plans",
    "Status": "Enabled",
    "Filter": {"Prefix": "plans/"},
    "Expiration": {"Days": 14},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
}
WANTED = (OLD_VERSIONS, PLANS)


def missing_rules(found: Iterable[Rule]) -> list[Rule]:
    """Those of WANTED that are not there as they should be."""
    there = list(found)
    return [rule for rule in WANTED if not any(_covers(other, rule) for other in there)]


def with_rules(found: Iterable[Rule]) -> list[Rule]:
    """`found` with WANTED, each instead of the one of the same ID; others stay."""
    ids = {rule["ID"] for rule in WANTED}
    return [*(rule for rule in found if rule.get("ID") not in ids), *WANTED]


def _covers(found: Any, wanted: Any) -> bool:
    """Whether `found` says all that `wanted` says: S3 adds defaults of its own."""
    if not isinstance(wanted, Mapping):
        return bool(found == wanted)
    return isinstance(found, Mapping) and all(_covers(found.get(key), value) for key, value in wanted.items())
