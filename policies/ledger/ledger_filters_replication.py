"""What is not the ledger's doesn't cross from one database to the other."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._databases import CLUSTER
from policies.data._parameters import PARAMETER_GROUP
from policies.ledger._ledger import Ledger, lacking_filters


class LedgerFiltersReplication(ResourcePolicy):
    policy = "CKV_BG_301"
    title = "With a ledger, both replication filters are set on both databases"
    requirement = None
    pci = "7.2.1"
    severity = "CRITICAL"
    why = (
        "Without the first, accounts cross, and one colour's rotation sets the other's password; without the "
        "second, each database takes itself for the other one"
    )
    fix = (
        'set replicate-wild-do-table = "<database>.%" and replicate-ignore-db = "ledger_local" in the '
        "parameter group of both clusters"
    )
    types = (PARAMETER_GROUP,)

    def defects(self, resource: Block) -> Iterator[str]:
        if not resource.stack.derived(Ledger).begun:
            return
        for cluster in resource.stack.users(resource, "db_cluster_parameter_group_name", CLUSTER):
            if lacking := list(lacking_filters(cluster)):
                yield f"lacks {', '.join(lacking)}"


check = LedgerFiltersReplication()
