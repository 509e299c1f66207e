"""Profiles: which policies of a pack a scan asks. The row of a policy says which it is in (`profiles`)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from stack_gate import registries
from stack_gate.report import ALL, Problem


def select(profile: str, policies: Path | None) -> list[Problem]:
    """Leaves the pack's policies of a profile, beside Checkov's own without those that the policies replace;
    call it inside `pack.loaded`. A profile that no policy is in would ask nothing: that is a problem.
    """
    problems = _select(profile, policies)
    others = {name for check in registries.active() for name in replaced(check)}
    if others:
        registries.keep(lambda check: check.id not in others or not registries.is_built_in(check))
    return problems


def replaced(check: Any) -> Mapping[str, str]:
    """Ids of Checkov's own checks that a policy replaces, each with the reason."""
    return getattr(check, "replaces", {})


def _select(profile: str, policies: Path | None) -> list[Problem]:
    if profile == ALL:
        return []
    own = [check for check in registries.active() if not registries.is_built_in(check)]
    known = sorted({name for check in own for name in _profiles(check)})
    if profile not in known:
        message = f"no policy of {policies or 'Checkov'} is in the profile {profile}"
        return [Problem(message, f"choose another: {', '.join((ALL, *known))}", str(policies or ""))]
    registries.keep(lambda check: registries.is_built_in(check) or profile in _profiles(check))
    return []


def asks(profile: str, check: str) -> bool:
    """Whether a scan would have run the check of this id; with all policies also one that there is not."""
    return profile == ALL or any(active.id == check for active in registries.active())


def _profiles(check: Any) -> Iterable[str]:
    return getattr(check, "profiles", ())


def listed_once(errors: list[Problem], profile: str) -> list[Problem]:
    """The errors, with all of a check that says so (`listed_once_in`) as a single one."""
    checks = {c.id for c in registries.active() if profile in getattr(c, "listed_once_in", ())}
    kept: list[Problem] = []
    listed: dict[str | None, list[Problem]] = defaultdict(list)
    for error in errors:
        (listed[error.policy] if error.policy in checks else kept).append(error)
    for policy, found in listed.items():
        names = ", ".join(sorted({str(error.resource) for error in found}))
        message = f"{policy} on {len(found)} blocks, which were not evaluated by the pack: {names}"
        kept.append(Problem(message, found[0].fix, found[0].file, 0, policy))
    return kept
