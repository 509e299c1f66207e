"""No password and no card data crosses the network in plain text."""

from collections.abc import Iterator, Mapping

from policies.data._parameters import ParameterPolicy, is_on


class DatabaseRequiresTls(ParameterPolicy):
    policy = "CKV_BG_127"
    title = "The parameters of each cluster require TLS"
    requirement = None
    pci = "8.3.2"
    why = "A client that forgets TLS is served all the same, its password in plain text on the wire"
    fix = (
        'set the parameter require_secure_transport = "ON" in an aws_rds_cluster_parameter_group, and '
        "name it in the cluster"
    )

    def wrong(self, parameters: Mapping[str, str]) -> Iterator[str]:
        if not is_on(parameters, "require_secure_transport"):
            yield "does not turn require_secure_transport on"


check = DatabaseRequiresTls()
