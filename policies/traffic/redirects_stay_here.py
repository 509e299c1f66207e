"""Clients are redirected to the host that they asked, and nowhere else."""

from collections.abc import Iterator
from typing import Any

from stack_gate.stack import ROUTING, Block, objects

from policies._policy import ResourcePolicy
from policies.firewall._firewall import WEB_ACL

_SAME = (None, "", "#{host}")


class RedirectsStayHere(ResourcePolicy):
    policy = "CKV_BG_315"
    title = "No redirect leads to another host"
    requirement = None
    pci = "6.2.4"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "The other host gets the payments, cards and sessions of every client that follows"
    fix = 'take host out of the redirect, or set it to "#{host}"'
    types = (*ROUTING, WEB_ACL)

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == WEB_ACL:
            yield from (f"answers with the header Location: {value}" for value in _locations(resource.body))
            return
        for action in resource.blocks(ROUTING[resource.type]):
            for redirect in objects(action.get("redirect")):
                if redirect.get("host") not in _SAME:
                    yield f"redirects to {redirect['host']}"
                if not str(redirect.get("path") or "/").startswith("/") or str(
                    redirect.get("path")
                ).startswith("//"):
                    yield f"redirects to the path {redirect['path']}"


def _locations(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _locations(item)
    elif isinstance(value, dict):
        if str(value.get("name")).lower() in ("location", "refresh") and "value" in value:
            yield str(value["value"])
        for item in value.values():
            yield from _locations(item)


check = RedirectsStayHere()
