"""Views of the images that the colours run."""

from collections.abc import Mapping
from typing import Any

from safe_io import Text

DIGITS = 12  # of a digest: as much as tells two apart


def short(image: str | None) -> str:
    """The first digits of its digest; a name without one as it is."""
    place, _, digest = str(image or "nothing").partition("@sha256:")
    return digest[:DIGITS] or place


def image_lines(images: Mapping[str, Mapping[str, Any]] | None) -> list[Text]:
    """What each colour runs, a line each; what does not agree is among the differences of the status."""
    return [
        Text(f"Image of {colour}: {short(found['running'])}{_rollout(found['rollout'])}")
        for colour, found in (images or {}).items()
        if found.get("running")
    ]


def repaired_lines(images: Mapping[str, Mapping[str, Any]] | None) -> list[Text]:
    """What `reconcile` found of them."""
    return [
        Text(
            f"Image of {colour}: {found['problem']}{'; recorded anew' if found['repaired'] else ''}",
            style="yellow",
        )
        for colour, found in (images or {}).items()
        if found["problem"]
    ]


def _rollout(rollout: Mapping[str, Any]) -> str:
    """Nothing where it has completed."""
    if rollout["state"] == "COMPLETED":
        return ""
    return f" ({rollout['running']} of {rollout['desired']} tasks, {rollout['state']})"
