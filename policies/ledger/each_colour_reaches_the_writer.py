"""Whichever database the ledger is on, both colours write to it."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.data._databases import CLUSTER
from policies.ledger._access import colour
from policies.ledger._ledger import Ledger
from policies.ledger._reading import Readings
from policies.service._containers import TASK_DEFINITION, containers


class EachColourReachesTheWriter(StackPolicy):
    policy = "CKV2_BG_304"
    title = "With a ledger, each service reaches both databases, and may read how to log in"
    requirement = None
    pci = "6.5.1"
    severity = "CRITICAL"
    why = "The writer is either database, whatever colour has the traffic: payments of this colour fail then"
    fix = (
        "allow the service's security group to connect to both clusters, name both endpoints in its "
        "environment, and let its task role read both application secrets"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        ledger, readings = stack.derived(Ledger), stack.derived(Readings)
        if not ledger.begun:
            return
        readable = {(reading.colour, reading.secret.key) for reading in readings.all()}
        for service in ledger.services:
            for cluster in ledger.clusters:
                if not ledger.groups.reaches(service, cluster):
                    yield service, f"can't connect to {cluster.address}"
            for key, owner in readings.own.items():
                own = colour(service)
                if own and (own, key) not in readable:
                    yield service, f"may not read {key}, {owner}'s application secret"
            for task in service.refers("task_definition", TASK_DEFINITION):
                told = stack.referred([body.get("environment") for _, body in containers(task)], CLUSTER)
                for cluster in ledger.clusters:
                    if cluster not in told:
                        yield task, f"is not told where {cluster.address} is"


check = EachColourReachesTheWriter()
