"""One colour's cluster, task definition, service and auto scaling, composed."""

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ecs_cluster import (
    EcsCluster,
    EcsClusterConfiguration,
    EcsClusterConfigurationManagedStorageConfiguration,
    EcsClusterSetting,
)
from cdktf_cdktf_provider_aws.ecs_service import (
    EcsService,
    EcsServiceDeploymentCircuitBreaker,
    EcsServiceLoadBalancer,
    EcsServiceNetworkConfiguration,
)
from cdktf_cdktf_provider_aws.ecs_task_definition import (
    EcsTaskDefinition,
    EcsTaskDefinitionRuntimePlatform,
)
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from modules import database as databases
from modules.config import Deployment
from modules.credentials import Credentials
from modules.database import Database
from modules.encryption import Encryption
from modules.endpoints import Endpoints
from modules.fargate import container, roles
from modules.fargate.scaling import Scaling
from modules.iam import Statement, policy
from modules.image_repository import Images
from modules.load_balancer import LoadBalancer
from modules.logs import log_group
from modules.network import Network
from modules.service import Service
from modules.sessions import Sessions


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the tasks of one colour use, and who uses them."""

    place: Service
    database: Database
    credentials: Credentials
    sessions: Sessions
    images: Images
    load_balancer: LoadBalancer
    network: Network
    endpoints: Endpoints
    encryption: Encryption


class FargateService(Construct):
    """The tasks of one colour, in a cluster of its own.

    A cluster costs nothing and holds settings (encryption of storage, Container Insights) that can then be
    changed for the side that serves nobody. `cluster`, `service`, `floor`, `ceiling` and
    `requests_per_target` are what tells whether a side is large enough for the traffic that it is to get.

    Terraform doesn't wait for tasks to run: an apply neither hangs nor fails because of an image that isn't
    there yet (docs/service.md).
    """

    def __init__(
        self, scope: Construct, id_: str, *, deployment: Deployment, colour: str, around: Surroundings
    ) -> None:
        super().__init__(scope, id_)
        self._deployment, self._colour, self._around = deployment, colour, around
        self._settings = deployment.colours[colour].service
        self._name = f"{deployment.prefix}-{colour}"
        self._tags = {"Name": self._name, "Colour": colour}
        self.logs = log_group(self, "logs", name=f"/aws/ecs/{self._name}", encryption=around.encryption)
        grants = [
            self._grant("execution", around.place.execution_role, self._execution()),
            self._grant("application", around.place.role, self._application()),
        ]
        around.endpoints.admit(around.place.security_group, f"{colour}-application")
        around.endpoints.reach_gateways(around.place.security_group, f"{colour}-application")
        self.cluster = self._cluster()
        self.task_definition = self._task_definition()
        self.service = self._service(grants)
        Scaling(
            self,
            "scaling",
            name=self._name,
            resource_id=f"service/{self.cluster.name}/{self.service.name}",
            requests_label=(
                f"{around.load_balancer.load_balancer.arn_suffix}/{around.place.target_group.arn_suffix}"
            ),
            settings=self._settings,
            colour=colour,
        )

    @property
    def floor(self) -> int:
        """The least tasks that auto scaling leaves."""
        return self._settings.min_tasks

    @property
    def ceiling(self) -> int:
        """The most tasks that auto scaling makes."""
        return self._settings.max_tasks

    @property
    def requests_per_target(self) -> int:
        """Requests a minute that auto scaling gives one task."""
        return self._settings.requests_per_target

    def _grant(self, name: str, role: IamRole, statements: list[Statement]) -> IamRolePolicy:
        return IamRolePolicy(self, name, name=name, role=role.id, policy=policy(*statements))

    def _execution(self) -> list[Statement]:
        around = self._around
        return roles.execution(
            region=self._deployment.region,
            repository_arns=[around.images.repository_arn(self._settings.image)],
            logs_arn=self.logs.arn,
            secret_arn=around.credentials.secret.arn,
            key_arn=around.encryption.key_arn,
        )

    def _application(self) -> list[Statement]:
        around = self._around
        return roles.application(
            region=self._deployment.region,
            sessions_arn=around.sessions.table.arn,
            secret_arn=around.credentials.secret.arn,
            key_arn=around.encryption.key_arn,
        )

    def _cluster(self) -> EcsCluster:
        return EcsCluster(
            self,
            "cluster",
            name=self._name,
            setting=[EcsClusterSetting(name="containerInsights", value="enabled")],
            configuration=EcsClusterConfiguration(
                managed_storage_configuration=EcsClusterConfigurationManagedStorageConfiguration(
                    fargate_ephemeral_storage_kms_key_id=self._around.encryption.key_id
                )
            ),
            tags=self._tags,
        )

    def _task_definition(self) -> EcsTaskDefinition:
        settings, place = self._settings, self._around.place
        return EcsTaskDefinition(
            self,
            "task-definition",
            family=self._name,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(settings.cpu),
            memory=str(settings.memory_mb),
            runtime_platform=EcsTaskDefinitionRuntimePlatform(
                cpu_architecture=settings.architecture, operating_system_family="LINUX"
            ),
            execution_role_arn=place.execution_role.arn,
            task_role_arn=place.role.arn,
            container_definitions=container.definitions(
                settings,
                port=place.port,
                environment=self._environment(),
                secrets=self._secrets(),
                logs=self.logs,
                region=self._deployment.region,
            ),
            volume=container.volumes(settings),
            # The circuit breaker rolls back to the revision before: it has to stay.
            skip_destroy=True,
            tags=self._tags,
        )

    def _environment(self) -> Mapping[str, str]:
        around = self._around
        return {
            "COLOUR": self._colour,
            "DATABASE_HOST": around.database.cluster.endpoint,
            "DATABASE_NAME": databases.NAME,
            "DATABASE_PORT": str(databases.PORT),
            "DATABASE_READER_HOST": around.database.cluster.reader_endpoint,
            "DATABASE_SECRET_ARN": around.credentials.secret.arn,
            "PORT": str(around.place.port),
            "SESSION_TABLE": around.sessions.table.name,
        }

    def _secrets(self) -> Mapping[str, str]:
        arn = self._around.credentials.secret.arn
        return {f"DATABASE_{key.upper()}": f"{arn}:{key}::" for key in ("username", "password")}

    def _service(self, grants: list[IamRolePolicy]) -> EcsService:
        place, balancer = self._around.place, self._around.load_balancer
        return EcsService(
            self,
            "service",
            name=self._name,
            cluster=self.cluster.arn,
            task_definition=self.task_definition.arn,
            # From creation on the number is auto scaling's.
            desired_count=self.floor,
            lifecycle=TerraformResourceLifecycle(ignore_changes=["desired_count"]),
            launch_type="FARGATE",
            # What is patched comes with the platform: a pinned version would keep its vulnerabilities.
            platform_version="LATEST",
            enable_execute_command=False,
            network_configuration=EcsServiceNetworkConfiguration(
                subnets=self._around.network.application.subnet_ids,
                security_groups=[place.security_group.id],
                assign_public_ip=False,
            ),
            availability_zone_rebalancing="ENABLED",
            load_balancer=[
                EcsServiceLoadBalancer(
                    target_group_arn=place.target_group.arn,
                    container_name=container.NAME,
                    container_port=place.port,
                )
            ],
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker=EcsServiceDeploymentCircuitBreaker(enable=True, rollback=True),
            health_check_grace_period_seconds=self._settings.health_check_grace_seconds,
            wait_for_steady_state=False,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            tags=self._tags,
            # ECS refuses a target group without load balancer; a task without permissions doesn't start, and
            # neither does one whose secret has no value, which the first rotation makes.
            depends_on=[
                balancer.listener,
                balancer.test_listener,
                self._around.credentials.schedule,
                *grants,
            ],
        )
