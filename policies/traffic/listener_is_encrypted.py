"""Clients talk TLS 1.2 or newer."""

import re
from collections.abc import Iterator

from stack_gate.stack import LISTENERS, Block, lookup, objects

from policies._policy import ResourcePolicy

PLAIN = ("HTTP", "TCP")
# Not those for TLS 1.0 and 1.1 (…-1-0-…, …-1-1-…, …-2016-08), nor the Ext ones with old ciphers.
STRONG = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)-(?!Ext[01])[\w-]+")


class ListenerIsEncrypted(ResourcePolicy):
    policy = "CKV_BG_53"
    title = "Each listener is TLS 1.2 or newer, or redirects to one"
    requirement = None
    pci = "4.2.1"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "Card data in plain text, or under a broken cipher, can be read on the way"
    fix = (
        'set protocol = "HTTPS" and ssl_policy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", or '
        "redirect to HTTPS"
    )
    types = LISTENERS

    def defects(self, resource: Block) -> Iterator[str]:
        protocol, policy = resource.get("protocol") or "HTTP", resource.get("ssl_policy")
        if protocol in PLAIN and not _redirects(resource):
            yield f"serves {protocol}"
        elif protocol not in PLAIN and not policy:
            yield "names no ssl_policy, so TLS 1.0 is offered"
        elif protocol not in PLAIN and not STRONG.fullmatch(str(policy)):
            yield f"has the ssl_policy {policy}"


def _redirects(listener: Block) -> bool:
    actions = listener.blocks("default_action")
    return bool(actions) and all(
        lookup(action, "redirect.protocol") == "HTTPS" for action in objects(actions)
    )


check = ListenerIsEncrypted()
