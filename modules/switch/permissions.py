"""What the switch and the function that reads may do: exactly the AWS calls that the code of each makes."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.ecs_service import EcsService
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.lb_listener import LbListener
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter

from modules.config import Deployment
from modules.data.database import Database
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement
from modules.traffic.load_balancer import TLS_POLICY


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What the switch looks at, and notifies."""

    parameters: Sequence[SsmParameter]
    databases: Sequence[Database]
    secrets: Sequence[SecretsmanagerSecret]
    images: Sequence[SsmParameter]
    services: Sequence[EcsService]
    topic: SnsTopic
    region: str


def calls(looked: Looked, *, listeners: Sequence[LbListener], state_machine_arn: str) -> list[Statement]:
    """Moving traffic, recording it, notifying; and what the gates look at.

    Source: Service Authorization Reference, for each service.
    """
    return [
        _see_load_balancer(looked.region),
        _move(listeners),
        Statement(
            sid="Record",
            actions=["ssm:GetParameters", "ssm:PutParameter"],
            resources=[parameter.arn for parameter in (*looked.parameters, *looked.images)],
        ),
        Statement(sid="Notify", actions=["sns:Publish"], resources=[looked.topic.arn]),
        *_see_colours(looked),
        # A held share is watched by an execution. Starting one needs no permission for the machine's key: its
        # own role uses that (Step Functions developer guide, "Data at rest encryption").
        Statement(sid="WatchAShare", actions=["states:StartExecution"], resources=[state_machine_arn]),
    ]


def reads(looked: Looked) -> list[Statement]:
    """The same without what changes anything: of the function for `status`, `preflight` and `history`."""
    return [
        _see_load_balancer(looked.region),
        Statement(
            sid="SeeRecords",
            actions=["ssm:GetParameters"],
            resources=[parameter.arn for parameter in (*looked.parameters, *looked.images)],
        ),
        *_see_colours(looked),
    ]


def deploys(
    looked: Looked, *, roles: Sequence[IamRole], repository_arns: Sequence[str], deployment: Deployment
) -> list[Statement]:
    """A new version of a colour. Who may register task definitions could run anything, with the roles that it
    may pass: here those of the colours' tasks, and no other.

    Source: Service Authorization Reference, Amazon ECS; ECS developer guide, "Amazon ECS task definition
    permissions", `iam:PassRole`.
    """
    here = f"{deployment.region}:{deployment.account_id}"
    # Of the colours' clusters, services and families alike (modules/compute/fargate.py).
    names = [f"{deployment.prefix}-{colour}" for colour, _ in deployment.colours.items()]
    families = [f"arn:aws:ecs:{here}:task-definition/{name}:*" for name in names]
    return [
        Statement(
            sid="SeeImages",
            actions=["ecr:DescribeImages"],
            resources=list(dict.fromkeys(repository_arns)),
        ),
        # Takes no resource. The copy has the tags of what it is copied from.
        Statement(
            sid="RegisterRevisions",
            actions=["ecs:RegisterTaskDefinition"],
            resources=["*"],
            conditions={"StringEquals": {"aws:RequestTag/Deployment": deployment.prefix}},
        ),
        Statement(
            sid="TagRevisions",
            actions=["ecs:TagResource"],
            resources=families,
            conditions={"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        ),
        Statement(
            sid="RunThemAsTheirTasks",
            actions=["iam:PassRole"],
            resources=[role.arn for role in roles],
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        Statement(
            sid="RollOut",
            actions=["ecs:UpdateService"],
            resources=[service.id for service in looked.services],
        ),
        *_see_stopped_tasks(names, here),
    ]


def _see_stopped_tasks(names: Sequence[str], here: str) -> list[Statement]:
    """ListTasks takes the container instances of a cluster, of which Fargate has none: the cluster limits
    it. `names`: of the colours' clusters.
    """
    clusters = [f"arn:aws:ecs:{here}:cluster/{name}" for name in names]
    return [
        Statement(
            sid="SeeStoppedTasks",
            actions=["ecs:ListTasks"],
            resources=["*"],
            conditions={"ArnEquals": {"ecs:cluster": clusters}},
        ),
        Statement(
            sid="SeeWhyTheyStopped",
            actions=["ecs:DescribeTasks"],
            resources=[f"arn:aws:ecs:{here}:task/{name}/*" for name in names],
        ),
    ]


def key_use(deployment: Deployment, encryption: Encryption) -> Statement:
    """DynamoDB and SNS use the key in the name of the role that reads, writes and publishes."""
    via = [f"{service}.{deployment.region}.amazonaws.com" for service in ("dynamodb", "sns")]
    return Statement(
        sid="ControlAndNotificationKey",
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=[encryption.key_arn],
        conditions={"StringEquals": {"kms:ViaService": via}},
    )


def control_key(deployment: Deployment, encryption: Encryption) -> Statement:
    """DynamoDB uses the key in the name of the role that reads."""
    return Statement(
        sid="ControlKey",
        actions=["kms:Decrypt"],
        resources=[encryption.key_arn],
        conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{deployment.region}.amazonaws.com"}},
    )


def _see_load_balancer(region: str) -> Statement:
    """Describe calls of Elastic Load Balancing take no resource."""
    return Statement(
        sid="SeeListenersAndTargets",
        actions=[
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        resources=["*"],
        conditions={"StringEquals": {"aws:RequestedRegion": region}},
    )


def _move(listeners: Sequence[LbListener]) -> Statement:
    """IAM has no key for actions, weights or target groups. It can hold protocol and TLS policy, where the
    call names them; the event rule `listener-changed` reports what another caller does.
    """
    return Statement(
        sid="MoveTraffic",
        actions=["elasticloadbalancing:ModifyListener"],
        resources=[listener.arn for listener in listeners],
        conditions={
            # Both keys have several values (Service Authorization Reference): a set operator.
            "ForAllValues:StringEquals": {
                "elasticloadbalancing:ListenerProtocol": "HTTPS",
                "elasticloadbalancing:SecurityPolicy": TLS_POLICY,
            }
        },
    )


def _see_colours(looked: Looked) -> list[Statement]:
    return [
        # Narrower, it would return no composite alarm (CloudWatch API reference, DescribeAlarms).
        Statement(sid="SeeAlarms", actions=["cloudwatch:DescribeAlarms"], resources=["*"]),
        Statement(
            sid="SeeServices",
            actions=["ecs:DescribeServices"],
            resources=[service.id for service in looked.services],
        ),
        # Takes no resource (Service Authorization Reference, Amazon ECS).
        Statement(
            sid="SeeRevisions",
            actions=["ecs:DescribeTaskDefinition"],
            resources=["*"],
            conditions={"StringEquals": {"aws:RequestedRegion": looked.region}},
        ),
        *_databases(looked.databases),
        Statement(
            sid="SeeCredentials",
            actions=["secretsmanager:DescribeSecret"],
            resources=[secret.arn for secret in looked.secrets],
        ),
    ]


def _databases(databases: Sequence[Database]) -> list[Statement]:
    databases = list(dict.fromkeys(databases))  # one, where both colours share it
    return [
        Statement(
            sid="SeeClusters",
            actions=["rds:DescribeDBClusters"],
            resources=[database.cluster.arn for database in databases],
        ),
        Statement(
            sid="SeeInstances",
            actions=["rds:DescribeDBInstances"],
            resources=[instance.arn for database in databases for instance in database.instances],
        ),
    ]
