"""Whether parameter, newest revision and service of a colour agree on its image, and how they are made to.

What runs is the truth, as the listener is of the traffic: the parameter and the newest revision follow it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.errors import SwitchError
from ..contract.values import Colour
from .effects import Effects
from .invocation import Invocation
from .lock import Work
from .services import Deployed


def agree(
    invocation: Invocation, work: Work, colour: Colour, deployed: Deployed, image: str, *, run: bool = True
) -> str:
    """Have parameter, newest revision and service of a colour agree on an image: only what does not is
    written. The ARN of the revision that runs then. `run`: whether the service may replace its tasks.
    """
    effects, live, latest = Effects.of(invocation), deployed.live, deployed.latest
    anew = live.image != image or (latest.arn != live.arn and latest.image != image)
    if (anew and run) or deployed.recorded != image:
        work.fence()
    revision = effects.register(live, image) if anew and run else live.arn
    if deployed.recorded != image:
        effects.record_image(colour, image)
    if revision != live.arn:
        effects.run(colour, revision)
    return revision


def reconcile(invocation: Invocation, work: Work, weights: Mapping[str, int]) -> dict[str, object]:
    """Have the record and the newest revision of each colour follow what runs. `weights`: production's. A
    colour that serves keeps its tasks: the next apply registers a revision with what runs.
    """
    found: dict[str, object] = {}
    for colour in Colour:
        try:
            deployed = invocation.gateway.services.deployed(colour)
        except SwitchError as error:
            found[colour.value] = {"problem": error.what, "repaired": False}
            continue
        problem = "; ".join(deployed.problems) or None
        fit = deployed.repairable and not deployed.moving
        if problem and fit:
            agree(invocation, work, colour, deployed, deployed.live.image, run=not weights[colour])
        found[colour.value] = {"problem": problem, "repaired": bool(problem) and fit}
    return found
