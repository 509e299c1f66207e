"""A firewall sees both directions of all that leaves."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._network import Network
from policies._policy import StackPolicy
from policies.network._network_firewall import Firewalls


class NetworkFirewallIsOnTheWay(StackPolicy):
    policy = "CKV2_BG_430"
    title = "Where there is a network firewall, no private subnet leaves past it, and answers come back by it"
    requirement = None
    pci = "1.3.2"
    severity = "CRITICAL"
    why = "What passes beside the firewall is not filtered, and it drops connections of which it sees one way"
    fix = (
        "route 0.0.0.0/0 of the subnet to the firewall's endpoint in its zone (vpc_endpoint_id), and the "
        "subnet's network in the NAT gateway's route table to the same endpoint"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        firewalls, network = stack.derived(Firewalls), stack.derived(Network)
        if not firewalls.all:
            return
        for subnet, table, route in firewalls.leaving():
            zone = network.zone(subnet)
            if not firewalls.passed(route):
                yield table, f"leads {subnet.address} past the network firewall"
                continue
            for what, found in (("leads", route), *(("answers", one) for one in firewalls.back(subnet))):
                zones = firewalls.zones(found)
                if zone and zones and zone not in zones:
                    yield table, f"{what} {subnet.address} in {zone} through the endpoint in {min(zones)}"
            if not any(firewalls.passed(one) for one in firewalls.back(subnet)):
                yield table, f"leads {subnet.address} through the network firewall, and its answers past it"


check = NetworkFirewallIsOnTheWay()
