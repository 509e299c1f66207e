"""One colour's cluster, task definition, service and auto scaling, composed."""

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
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from lambda_src.contract.images import repository_of
from modules.compute import container, roles
from modules.compute.live_image import live_image
from modules.compute.scaling import Scaling
from modules.compute.surroundings import Surroundings
from modules.compute.task_definition import task_definition
from modules.config import Deployment
from modules.config.variables import stored
from modules.foundation.iam import Statement, policy
from modules.foundation.logs import log_group


class FargateService(Construct):
    """The tasks of one colour, in a cluster of its own.

    A cluster costs nothing and holds settings (encryption of storage, Container Insights) that can then be
    changed for the inactive colour. `image`: the parameter that records what it runs. `cluster`, `service`,
    `floor`, `ceiling` and `requests_per_target` tell whether a colour is large enough for the traffic that it
    is to get.

    Terraform doesn't wait for tasks to run: an apply neither hangs nor fails because of an image that isn't
    there yet (docs/service.md).
    """

    def __init__(
        self, scope: Construct, id_: str, *, deployment: Deployment, colour: str, around: Surroundings
    ) -> None:
        super().__init__(scope, id_)
        self._deployment, self._around = deployment, around
        self._settings = deployment.colours[colour].service
        self._name = f"{deployment.prefix}-{colour}"
        self._tags = {"Name": self._name, "Colour": colour}
        self.logs = log_group(self, "logs", name=f"/aws/ecs/{self._name}", encryption=around.encryption)
        around.endpoints.admit(around.place.security_group, f"{colour}-application")
        around.endpoints.reach_gateways(around.place.security_group, f"{colour}-application")
        if self._settings.file_systems:
            around.file_systems.admit(around.place.security_group, f"{colour}-application")
        self.cluster = self._cluster()
        self.image = live_image(
            self, "image", prefix=deployment.prefix, colour=colour, first=self._settings.image
        )
        self.task_definition = task_definition(
            self,
            "task-definition",
            deployment=deployment,
            colour=colour,
            around=around,
            logs=self.logs,
            image=self.image,
        )
        self.service = self._service()
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
    def repository(self) -> str:
        """Whose images are deployed to it: REGISTRY/NAME."""
        return repository_of(self._settings.image)

    @property
    def floor(self) -> int:
        """The least tasks that auto scaling leaves."""
        return self._settings.floor

    @property
    def ceiling(self) -> int:
        """The most tasks that auto scaling makes."""
        return self._settings.ceiling

    @property
    def requests_per_target(self) -> int:
        """Requests a minute that auto scaling gives one task."""
        return self._settings.requests_per_target

    def _cluster(self) -> EcsCluster:
        # Container Insights would create the log group itself, unencrypted.
        insights = log_group(
            self,
            "insights",
            name=f"/aws/ecs/containerinsights/{self._name}/performance",
            encryption=self._around.encryption,
        )
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
            depends_on=[insights],
            tags=self._tags,
        )

    def _service(self) -> EcsService:
        around, place = self._around, self._around.place
        return EcsService(
            self,
            "service",
            name=self._name,
            cluster=self.cluster.arn,
            task_definition=self.task_definition.arn,
            # From creation on the number is auto scaling's.
            desired_count=self._settings.min_tasks,
            lifecycle=TerraformResourceLifecycle(ignore_changes=["desired_count"]),
            launch_type="FARGATE",
            # What is patched comes with the platform: a pinned version would keep its vulnerabilities.
            platform_version="LATEST",
            enable_execute_command=False,
            network_configuration=EcsServiceNetworkConfiguration(
                subnets=around.network.application.subnet_ids,
                security_groups=[place.security_group.id],
                assign_public_ip=False,
            ),
            # Fargate spreads over the zones of the subnets by itself; this has it even out afterwards, too.
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
            # neither does one whose secret has no value, which the first rotation makes, or whose file
            # system can't be reached.
            depends_on=[
                around.load_balancer.listener,
                around.load_balancer.test_listener,
                around.credentials.schedule,
                *self._grants(),
                *around.file_systems.targets_of(self._settings.file_systems),
            ],
        )

    def _grants(self) -> list[IamRolePolicy]:
        around, region = self._around, self._deployment.region
        secret, key = around.credentials.secret.arn, around.encryption.key_arn
        execution = roles.execution(
            region=region,
            repository_arns=around.images.repository_arns(self._settings),
            logs_arn=self.logs.arn,
            secret_arn=secret,
            key_arn=key,
        ) + roles.chosen_secrets(
            region=region,
            stored=stored(self._settings.injected),
            key_arns=self._settings.secret_keys,
        )
        application = roles.application(
            region=region,
            sessions_arn=around.sessions.table.arn,
            secret_arns=[secret, *_others(around)],
            key_arn=key,
        ) + roles.chosen_rights(
            self._settings, region=region, account=self._deployment.account_id, logs_arn=self.logs.arn
        )
        return [
            self._grant("execution", around.place.execution_role, execution),
            self._grant("application", around.place.role, application),
        ]

    def _grant(self, name: str, role: IamRole, statements: list[Statement]) -> IamRolePolicy:
        return IamRolePolicy(self, name, name=name, role=role.id, policy=policy(*statements))


def _others(around: Surroundings) -> list[str]:
    """The application secrets that the ledger needs besides the colour's own."""
    return [own.secret.arn for _, own in around.of_ledger.values() if own is not around.credentials]
