"""The platform: composes the constructs and wires them; creates no resource itself."""

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from constructs import Construct

from modules.compute import FargateService, Surroundings
from modules.compute.image_repository import Images
from modules.config import Deployment
from modules.data.backup import Backup
from modules.data.credentials import Credentials
from modules.data.database import Database
from modules.data.database_monitoring import monitoring_role
from modules.data.sessions import Sessions
from modules.foundation import backend
from modules.foundation.audit_trail import AuditTrail
from modules.foundation.encryption import Encryption
from modules.foundation.notifications import Notifications
from modules.foundation.outputs import outputs
from modules.foundation.terraform_text import literal
from modules.ledger import Ledger, Lock
from modules.network.endpoints import Endpoints
from modules.network.file_systems import FileSystems
from modules.network.flow_logs import FlowLogs
from modules.network.vpc import Network
from modules.observability import ColourMonitoring, Monitoring
from modules.platform_outputs import platform_outputs
from modules.switch.control_table import ControlTable
from modules.switch.function import ColourResources, Switching
from modules.switch.permissions import control_key
from modules.switch.workflow import Workflow
from modules.traffic.load_balancer import LoadBalancer
from modules.traffic.service import Service
from modules.traffic.web_firewall import WebFirewall


class BlueGreenStack(TerraformStack):
    """One deployment. The stack's name is the deployment's."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(scope, deployment.name)
        deployment = literal(deployment)  # nothing below sees a text that Terraform would evaluate
        self.deployment = deployment
        backend.configure(self, deployment)
        self._provider(deployment)
        self.encryption = Encryption(self, "encryption", deployment=deployment)
        if deployment.audit.trail:
            AuditTrail(self, "audit", deployment=deployment, encryption=self.encryption)
        self.network = Network(self, "network", deployment=deployment, encryption=self.encryption)
        FlowLogs(self, "flow-logs", deployment=deployment, network=self.network, encryption=self.encryption)
        self.endpoints = Endpoints(self, "endpoints", deployment=deployment, network=self.network)
        self.file_systems = FileSystems(self, "file-systems", deployment=deployment, network=self.network)
        self.services = {
            colour: Service(self, colour, deployment=deployment, colour=colour, network=self.network)
            for colour, _ in deployment.colours.items()
        }
        self._data_tier(deployment)
        self.load_balancer = LoadBalancer(
            self, "load-balancer", deployment=deployment, network=self.network, services=self.services
        )
        self.web_firewall = WebFirewall(
            self,
            "web-firewall",
            deployment=deployment,
            load_balancer=self.load_balancer,
            encryption=self.encryption,
        )
        self.images = Images(self, "images", deployment=deployment, encryption=self.encryption)
        self.fargate = {
            colour: self._fargate(deployment, colour, service) for colour, service in self.services.items()
        }
        self.colours: dict[str, ColourMonitoring] = {}
        for colour, service in self.services.items():
            self.colours[colour] = self._colour(deployment, colour, service)
        self.switching = self._switching(deployment)
        self.workflow = Workflow(
            self,
            "workflow",
            deployment=deployment,
            switching=self.switching,
            mover=self.ledger.mover if self.ledger else None,
            encryption=self.encryption,
        )
        self.monitoring = self._monitoring(deployment)
        outputs(self, platform_outputs(self))

    def _fargate(self, deployment: Deployment, colour: str, service: Service) -> FargateService:
        around = Surroundings(
            place=service,
            database=self.databases[colour],
            credentials=self.credentials[colour],
            of_ledger=self._of_ledger(deployment),
            sessions=self.sessions,
            images=self.images,
            load_balancer=self.load_balancer,
            network=self.network,
            endpoints=self.endpoints,
            file_systems=self.file_systems,
            encryption=self.encryption,
        )
        return FargateService(self, f"{colour}-fargate", deployment=deployment, colour=colour, around=around)

    def _colour(self, deployment: Deployment, colour: str, service: Service) -> ColourMonitoring:
        return ColourMonitoring(
            self,
            f"{colour}-monitoring",
            deployment=deployment,
            colour=colour,
            service=service,
            fargate=self.fargate[colour],
            database=self.databases[colour],
            credentials=self.credentials[colour],
            load_balancer=self.load_balancer,
            notifications=self.notifications,
            other=next(iter(self.colours.values()), None) if deployment.shared else None,
        )

    def _switching(self, deployment: Deployment) -> Switching:
        colours = {
            colour: ColourResources(
                target_group=service.target_group,
                database=self.databases[colour],
                credentials=self.credentials[colour],
                fargate=self.fargate[colour],
                service=service,
                repository_arn=self.images.repository_arn(deployment.colours[colour].service.image),
                alarm=self.colours[colour].any_rings,
            )
            for colour, service in self.services.items()
        }
        return Switching(
            self,
            "switching",
            deployment=deployment,
            load_balancer=self.load_balancer,
            colours=colours,
            control=self.control,
            notifications=self.notifications,
            network=self.network,
            endpoints=self.endpoints,
            encryption=self.encryption,
        )

    def _monitoring(self, deployment: Deployment) -> Monitoring:
        return Monitoring(
            self,
            "monitoring",
            deployment=deployment,
            colours=self.colours,
            load_balancer=self.load_balancer,
            web_firewall=self.web_firewall,
            switching=self.switching,
            workflow=self.workflow,
            ledger=self.ledger,
            control=self.control,
            sessions=self.sessions,
            backup=self.backup,
            network=self.network,
            encryption=self.encryption,
            notifications=self.notifications,
        )

    def _data_tier(self, deployment: Deployment) -> None:
        monitoring = monitoring_role(self, "database-monitoring", deployment=deployment)
        self.databases = self._databases(deployment, monitoring)
        self.control = ControlTable(self, "control", deployment=deployment, encryption=self.encryption)
        self.ledger = self._ledger(deployment)
        self.credentials = {
            colour: self._credentials(deployment, colour, service)
            for colour, service in self.services.items()
        }
        if self.ledger:
            self.ledger.rotate(after=[way for own in self.credentials.values() for way in own.administrator])
        self.sessions = Sessions(self, "sessions", deployment=deployment, encryption=self.encryption)
        self.notifications = Notifications(
            self, "notifications", deployment=deployment, encryption=self.encryption
        )
        self.backup = Backup(
            self,
            "backup",
            deployment=deployment,
            clusters={
                called: self.databases[colour].cluster for colour, called in deployment.clusters.items()
            },
            tables={"sessions": self.sessions.table, "control": self.control.table},
            encryption=self.encryption,
        )

    def _databases(self, deployment: Deployment, monitoring: IamRole) -> dict[str, Database]:
        """By colour; the same one for both where they share it."""
        made: dict[str, Database] = {}
        for colour, called in deployment.clusters.items():
            if called not in made:
                made[called] = Database(
                    self,
                    f"{called}-database",
                    deployment=deployment,
                    colour=colour,
                    network=self.network,
                    encryption=self.encryption,
                    monitoring_role=monitoring,
                )
            made[called].admit(self.services[colour].security_group, f"{colour}-application")
        return {colour: made[called] for colour, called in deployment.clusters.items()}

    def _credentials(self, deployment: Deployment, colour: str, service: Service) -> Credentials:
        return Credentials(
            self,
            f"{colour}-credentials",
            deployment=deployment,
            colour=colour,
            database=self.databases[colour],
            readers=[service.role, service.execution_role, *self._others(deployment, colour)],
            administrator_readers=[self.ledger.setup.role] if self.ledger else [],
            network=self.network,
            endpoints=self.endpoints,
            encryption=self.encryption,
        )

    def _others(self, deployment: Deployment, colour: str) -> list[IamRole]:
        """The other colour's application, which writes to this database while it is the ledger."""
        others = [service.role for other, service in self.services.items() if other != colour]
        return others if deployment.ledger.replicate else []

    def _of_ledger(self, deployment: Deployment) -> dict[str, tuple[Database, Credentials]]:
        found = {colour: (own, self.credentials[colour]) for colour, own in self.databases.items()}
        return found if deployment.ledger.replicate else {}

    def _ledger(self, deployment: Deployment) -> Ledger | None:
        if not deployment.ledger.replicate:
            return None
        return Ledger(
            self,
            "ledger",
            deployment=deployment,
            databases=self.databases,
            services=self.services,
            lock=Lock(
                self.control.table.name,
                self.control.lock(),
                control_key(deployment, self.encryption),
            ),
            network=self.network,
            endpoints=self.endpoints,
            encryption=self.encryption,
        )

    def _provider(self, deployment: Deployment) -> None:
        AwsProvider(
            self,
            "aws",
            region=deployment.region,
            # A plan for one account can't be applied to another by a wrong profile.
            allowed_account_ids=[deployment.account_id],
            # The roles that deploy may touch what has this tag and no name of its own (docs/permissions.md).
            default_tags=[
                AwsProviderDefaultTags(tags={**deployment.tags.model_dump(), "Deployment": deployment.prefix})
            ],
        )
