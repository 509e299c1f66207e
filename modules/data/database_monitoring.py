"""The role with which RDS writes enhanced monitoring; one for both colours, it reads nothing."""

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from modules.config import Deployment
from modules.foundation.iam import Statement, policy, service_role


def monitoring_role(scope: Construct, id_: str, *, deployment: Deployment) -> IamRole:
    """Source: Aurora user guide, "Setting up and enabling Enhanced Monitoring" (log group RDSOSMetrics)."""
    name = f"{deployment.prefix}-database-monitoring"
    role = service_role(scope, id_, name=name, service="monitoring.rds.amazonaws.com", deployment=deployment)
    group = f"arn:aws:logs:{deployment.region}:{deployment.account_id}:log-group:RDSOSMetrics"
    IamRolePolicy(
        scope,
        f"{id_}-write",
        name="write",
        role=role.id,
        policy=policy(
            Statement(
                sid="Groups",
                actions=["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
                resources=[group, f"{group}:*"],
            ),
            Statement(
                sid="Streams",
                actions=[
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:GetLogEvents",
                    "logs:PutLogEvents",
                ],
                resources=[group, f"{group}:*"],
            ),
        ),
    )
    return role
