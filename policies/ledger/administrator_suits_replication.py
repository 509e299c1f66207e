"""The administrator's password of a database that replicates is not RDS's own."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._policy import ResourcePolicy
from policies.data._databases import CLUSTER
from policies.ledger._ledger import Ledger


class AdministratorSuitsReplication(ResourcePolicy):
    policy = "CKV_BG_307"
    title = "With a ledger, the administrator's password is in a secret of the stack's own"
    requirement = "R04"
    pci = "8.6.3"
    severity = "HIGH"
    why = (
        "RDS does not support a password that it keeps itself together with binary log replication (Aurora "
        'user guide, "Password management with Amazon Aurora and AWS Secrets Manager", limitations)'
    )
    fix = (
        "set master_password_wo to an ephemeral value in place of manage_master_user_password, and have a "
        "function rotate a secret by rds:ModifyDBCluster"
    )
    types = (CLUSTER,)

    def defects(self, resource: Block) -> Iterator[str]:
        managed = is_true(resource.get("manage_master_user_password"))
        if managed and resource.stack.derived(Ledger).begun:
            yield "replicates, and has RDS keep its administrator's password"


check = AdministratorSuitsReplication()
