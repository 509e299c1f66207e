"""What a network firewall let pass and dropped can be read afterwards."""

from collections.abc import Iterator

from stack_gate.stack import Block, objects

from policies._policy import ResourcePolicy
from policies.network._network_firewall import FIREWALL, LOGGING

_LOGS = ("ALERT", "FLOW")


class NetworkFirewallKeepsLogs(ResourcePolicy):
    policy = "CKV_BG_432"
    title = "Each network firewall logs its alerts and its flows"
    requirement = None
    pci = "10.2.1"
    severity = "HIGH"
    why = "After an attack there is no record of what left, and of what was dropped"
    fix = (
        "add an aws_networkfirewall_logging_configuration with a log_destination_config for ALERT and one "
        "for FLOW"
    )
    types = (FIREWALL,)

    def defects(self, resource: Block) -> Iterator[str]:
        kept = {
            str(destination.get("log_type"))
            for logging in resource.stack.users(resource, "firewall_arn", LOGGING)
            for configuration in logging.blocks("logging_configuration")
            for destination in objects(configuration.get("log_destination_config"))
            if destination.get("log_destination")
        }
        if missing := [log for log in _LOGS if log not in kept]:
            yield f"does not log {' and '.join(missing)}"


check = NetworkFirewallKeepsLogs()
