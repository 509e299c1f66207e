"""What the switch and the function that reads may do: exactly the AWS calls that the code of each makes."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    """What the switch looks at."""

    parameters: Sequence[SsmParameter]
    databases: Sequence[Database]
    secrets: Sequence[SecretsmanagerSecret]
    region: str


def calls(
    looked: Looked, *, listeners: Sequence[LbListener], topic: SnsTopic, state_machine_arn: str
) -> list[Statement]:
    """Moving traffic, recording it, notifying; and what the gates look at.

    Source: Service Authorization Reference, for each service.
    """
    return [
        _see_load_balancer(looked.region),
        _move(listeners),
        Statement(
            sid="Record",
            actions=["ssm:GetParameters", "ssm:PutParameter"],
            resources=[parameter.arn for parameter in looked.parameters],
        ),
        Statement(sid="Notify", actions=["sns:Publish"], resources=[topic.arn]),
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
            resources=[parameter.arn for parameter in looked.parameters],
        ),
        *_see_colours(looked),
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
