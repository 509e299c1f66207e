"""Flow logs of the VPC, all traffic, into an encrypted log group (PCI DSS 10.2)."""

from cdktf_cdktf_provider_aws.flow_log import FlowLog
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from modules.config import Deployment
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement, policy, service_role
from modules.foundation.logs import log_group
from modules.network.vpc import Network


class FlowLogs(Construct):
    """Source: Amazon VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs"."""

    def __init__(
        self, scope: Construct, id_: str, *, deployment: Deployment, network: Network, encryption: Encryption
    ) -> None:
        super().__init__(scope, id_)
        name = f"{deployment.prefix}-flow-logs"
        group = log_group(self, "logs", name=f"/aws/vpc/{name}", encryption=encryption)
        role = service_role(
            self, "role", name=name, service="vpc-flow-logs.amazonaws.com", deployment=deployment
        )
        write = Statement(
            sid="WriteToTheLogGroup",
            actions=[
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            resources=[group.arn, f"{group.arn}:*"],
        )
        # It takes no resource; a named group never matches (Service Authorization Reference).
        find = Statement(sid="FindTheLogGroup", actions=["logs:DescribeLogGroups"], resources=["*"])
        permissions = IamRolePolicy(self, "write", name="write", role=role.id, policy=policy(write, find))
        FlowLog(
            self,
            "flow-log",
            vpc_id=network.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            tags={"Name": name},
            depends_on=[permissions],
        )
