"""All companions of one embedded AWS, as its control requests see them: JSON in and out."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedded_aws import state
from embedded_aws.companions.services import Services
from embedded_aws.egress.refusals import Refusals
from embedded_aws.egress.stand_ins import StandIns
from embedded_aws.extensions import Server
from embedded_aws.handle import LocalAws
from embedded_aws.standing_in import databases

if TYPE_CHECKING:
    from embedded_aws.companions.load_balancing import LoadBalancing
    from embedded_aws.egress.proxy import Proxy

Body = Mapping[str, Any]
INSTALL_SECONDS = 80.0  # two database servers, on a busy laptop


class Companions:
    """They are started when somebody asks for them: whoever uses AWS only pays nothing."""

    def __init__(self, aws: LocalAws, server: Server) -> None:
        self._aws, self._server = aws, server
        self._routes: dict[tuple[str, int], tuple[str, int]] = {}
        self._services = Services(self._routes, rerouted=lambda: self.describe({}))
        self._databases = Services({}, INSTALL_SECONDS)
        self._making = threading.Lock()
        self._made: LoadBalancing | None = None
        self._stand_ins, self._refusals = StandIns(), Refusals()
        self._egress: Proxy | None = None
        server.closers += [self._services.close, self._databases.close]
        server.launch = self._launch

    def start_service(self, body: Body) -> dict[str, Any]:
        """`colour`, and the settings of `Services.start`; answers whether it had to be `started`.

        The service is told `egress`, too: the URL of the proxy that is its way outside. When this is
        answered, a running load balancer knows where its targets are.
        """
        colour = body["colour"]
        settings = {key: value for key, value in body.items() if key != "colour"}
        started = self._services.start(colour, settings | {"egress": self._proxy().url(colour)})
        self.describe({})
        return {"started": started}

    def start_databases(self, body: Body) -> dict[str, Any]:
        """The settings of `Services.start`, `endpoints`: identifier of a cluster → where it is here, in the
        order of the targets, and `authority`: the file of who signs the servers' certificates.

        Answers whether they had to be `started`.
        """
        own = ("endpoints", "authority")
        settings = {key: value for key, value in body.items() if key not in own}
        started = self._databases.start("databases", settings)
        databases.endpoints.update(body["endpoints"])
        databases.authority = Path(body["authority"])
        numbers = {cluster: number for number, cluster in enumerate(body["endpoints"])}

        def administer(cluster: str, name: str, password: str, database: str) -> None:
            told = {"server": numbers[cluster], "name": name, "password": password, "database": database}
            self._databases.tell("databases", {"administrator": told})

        databases.administer = administer
        return {"started": started}

    def _launch(self, service: str, image: str, annotations: dict[str, str]) -> str | None:
        """Of an ECS service, by the colour at the end of its name. The load balancer learns of it later: this
        is called while moto holds its lock.
        """
        return self._services.launch(service.rpartition("-")[2], {"image": image, "annotations": annotations})

    def stand_in(self, body: Body) -> dict[str, Any]:
        """`address`, `port`, `local_port` and perhaps `name` of a host outside (`StandIns.add`)."""
        self._stand_ins.add(body["address"], body["port"], body["local_port"], body.get("name"))
        return {}

    def egress(self, _: Body) -> dict[str, Any]:
        """What stands for hosts outside, and the connections that were refused."""
        return {"stand_ins": self._stand_ins.listed(), "refused": self._refusals.listed()}

    def forget_refusals(self) -> None:
        """Those of connections."""
        self._refusals.clear()

    def afflict(self, body: Body) -> dict[str, Any]:
        """`colour`, `mode` and `share` of an incident."""
        return self._services.afflict(body["colour"], body["mode"], body["share"])

    def start_load_balancer(self, _: Body) -> dict[str, Any]:
        """Answers whether it had to be `started`, and what `describe` says."""
        return {"started": self._load_balancing().start(), **self.describe({})}

    def describe(self, _: Body) -> dict[str, Any]:
        """When this is answered, the load balancer goes by all that was configured when it was asked."""
        balancing = self._made
        listeners = balancing.settle() if balancing else []
        running = balancing is not None and balancing.running
        return {
            "load_balancer": {"running": running, "listeners": listeners},
            "services": self._services.describe(),
        }

    def _proxy(self) -> "Proxy":
        # Imported here: ec2 takes a second to load.
        from embedded_aws.egress.proxy import Proxy  # noqa: PLC0415

        with self._making:
            if self._egress is None:
                self._egress = Proxy(self._stand_ins, self._refusals)
                self._server.closers.append(self._egress.server_close)
            return self._egress

    def _load_balancing(self) -> "LoadBalancing":
        # Imported here: elbv2 brings ec2 with it, which takes a second to load.
        from embedded_aws.companions.load_balancing import LoadBalancing  # noqa: PLC0415

        with self._making:
            if self._made is None:
                directory = self._aws.state_dir
                files = state.certificates_file(directory), state.log_file(directory)
                self._made = LoadBalancing(self._aws.endpoint, self._server.keys, self._routes, *files)
                self._server.closers.append(self._made.close)
            return self._made
