"""What the switch function may do: exactly the AWS calls that its code makes, on the platform's resources."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.lb_listener import LbListener
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter

from modules.config import Deployment
from modules.data.database import Database
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement
from modules.traffic.load_balancer import TLS_POLICY


def calls(
    *,
    listeners: Sequence[LbListener],
    parameters: Sequence[SsmParameter],
    databases: Sequence[Database],
    secrets: Sequence[SecretsmanagerSecret],
    topic: SnsTopic,
    state_machine_arn: str,
    region: str,
) -> list[Statement]:
    """Moving traffic, recording it, telling it; and what the gates look at.

    Source: Service Authorization Reference, for each service.
    """
    return [
        *_moving(listeners, region),
        Statement(
            sid="Record",
            actions=["ssm:GetParameters", "ssm:PutParameter"],
            resources=[parameter.arn for parameter in parameters],
        ),
        Statement(sid="Tell", actions=["sns:Publish"], resources=[topic.arn]),
        # Narrower, it would return no composite alarm (CloudWatch API reference, DescribeAlarms).
        Statement(sid="SeeAlarms", actions=["cloudwatch:DescribeAlarms"], resources=["*"]),
        *_databases(databases),
        Statement(
            sid="SeeCredentials",
            actions=["secretsmanager:DescribeSecret"],
            resources=[secret.arn for secret in secrets],
        ),
        # A held share is watched by an execution. Starting one needs no permission for the machine's key: its
        # own role uses that (Step Functions developer guide, "Data at rest encryption").
        Statement(sid="WatchAShare", actions=["states:StartExecution"], resources=[state_machine_arn]),
    ]


def key_use(deployment: Deployment, encryption: Encryption) -> Statement:
    """DynamoDB and SNS use the key in the name of who reads, writes and publishes."""
    via = [f"{service}.{deployment.region}.amazonaws.com" for service in ("dynamodb", "sns")]
    return Statement(
        sid="ControlAndNotificationKey",
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=[encryption.key_arn],
        conditions={"StringEquals": {"kms:ViaService": via}},
    )


def _moving(listeners: Sequence[LbListener], region: str) -> list[Statement]:
    return [
        # Describe calls of Elastic Load Balancing take no resource.
        Statement(
            sid="SeeListenersAndTargets",
            actions=[
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroupAttributes",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            resources=["*"],
            conditions={"StringEquals": {"aws:RequestedRegion": region}},
        ),
        # IAM has no key for actions, weights or target groups. It can hold protocol and TLS policy, where the
        # call names them; the event rule `listener-changed` reports what another caller does.
        Statement(
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
