"""Sends what the state machine sends, in its order: a workflow by hand."""

import itertools
from typing import Any

from tests.lambda_src.live_platform import LivePlatform

_serial = itertools.count()


def plan(*steps: int, target: str = "green", bake: int = 0, **others: Any) -> dict[str, Any]:
    return {"target": target, "steps": list(steps), "bake_seconds": bake, **others}


class Machine:
    """One execution. `options`: of `LivePlatform.invoke`."""

    def __init__(self, platform: LivePlatform, plan: dict[str, Any], **options: Any) -> None:
        self.platform, self.plan, self.options = platform, plan, options
        self.id = f"shift-{next(_serial)}"

    def send(self, action: str, **keys: Any) -> dict[str, Any]:
        event = {"action": action, "workflow": self.id, **keys}
        return self.platform.invoke(event, **self.options)

    def begin(self) -> dict[str, Any]:
        return self.send("begin", plan=self.plan)

    def shift(self, step: int) -> dict[str, Any]:
        percent = self.plan["steps"][step]
        return self.send("shift", step=step, target=self.plan["target"], percent=percent)

    def ask(self, step: int) -> dict[str, Any]:
        return self.send("ask", step=step)

    def verify(self, step: int) -> dict[str, Any]:
        return self.send("verify", step=step)

    def finalize(self) -> dict[str, Any]:
        return self.send("finalize")

    def roll_back(self, cause: str = "a gate") -> dict[str, Any]:
        return self.send("rollback", cause=cause)

    def run(self) -> dict[str, Any]:
        """To its end, with every step verified; without approvals."""
        self.begin()
        for step in range(len(self.plan["steps"])):
            self.shift(step)
            assert self.verify(step)["next"] in ("next_step", "finalize")
        return self.finalize()


def workflow_of(platform: LivePlatform) -> dict[str, Any]:
    """The workflow that `status` shows."""
    shown: dict[str, Any] = platform.invoke({"action": "status"})["workflow"]
    return shown
