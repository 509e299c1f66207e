"""Who reads the log of the web application firewall can't act as a client."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true, objects

from policies._policy import ResourcePolicy
from policies.firewall._firewall import LOGGING, SECRET_HEADERS, WEB_ACL


class WebFirewallLogHasNoSecrets(ResourcePolicy):
    policy = "CKV_BG_273"
    title = "Neither logs nor samples of a web ACL show authorization and cookie headers, or query strings"
    requirement = None
    pci = "8.3.2"
    profiles = ("general",)
    severity = "HIGH"
    why = (
        "Session cookies and bearer tokens in a log are as good as the client's password; query strings have "
        "card numbers in them"
    )
    fix = (
        "add redacted_fields with single_header authorization and cookie, and with query_string, to the "
        "logging configuration, and "
        "set sampled_requests_enabled = false in every visibility_config"
    )
    types = (LOGGING, WEB_ACL)

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == LOGGING:
            redacted = {
                str(header.get("name")).lower()
                for field in resource.blocks("redacted_fields")
                for header in objects(field.get("single_header"))
            }
            if shown := SECRET_HEADERS - redacted:
                yield f"logs the headers {', '.join(sorted(shown))}"
            if not any("query_string" in field for field in resource.blocks("redacted_fields")):
                yield "logs query strings"
            return
        configs = [*resource.blocks("visibility_config")]
        configs += [c for rule in resource.blocks("rule") for c in objects(rule.get("visibility_config"))]
        if any(is_true(config.get("sampled_requests_enabled")) for config in configs):
            yield "keeps samples of requests, in which nothing is redacted"


check = WebFirewallLogHasNoSecrets()
