"""VPC endpoints: what runs inside reaches the AWS APIs without the internet (R03)."""

from collections.abc import Collection, Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from constructs import Construct

from modules.config import Deployment
from modules.config.access_rights import ENDPOINTS
from modules.foundation.iam import Condition, Statement, policy
from modules.network.security_groups import HTTPS, allow, allow_prefix_list, security_group
from modules.network.vpc import Network

# The gateway endpoints, each with the actions that it lets through.
GATEWAYS = {
    "s3": ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject"],
    "dynamodb": [
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    ],
}
# The interface endpoints, one for each API that a function or a task inside calls. KMS is not among them: the
# services call it for whom they serve.
INTERFACES = (
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "elasticloadbalancing",
    "logs",
    "monitoring",
    "rds",
    "secretsmanager",
    "sns",
    "ssm",
    "states",
    "sts",
)
# Endpoints for single actions. The switch function asks STS whose a caller's signature is: a request of the
# caller, who has to be of this account (STS API reference, GetCallerIdentity: it needs no permission).
ACTIONS = {"sts": ["sts:GetCallerIdentity"]}
# An endpoint whose API's actions begin with another word.
ACTION_PREFIXES = {
    "monitoring": "cloudwatch",
    "kinesis-firehose": "firehose",
    "kinesis-streams": "kinesis",
    "aps-workspaces": "aps",
}


class Endpoints(Construct):
    """Gateway endpoints on every private route table, interface endpoints in the application subnets.

    Their policies admit principals of this account only, and the gateways reach resources of this account
    only: stolen credentials of another account can't carry data out through them. The one exception is the
    bucket of AWS in which ECR keeps the layers of images; it can only be read.
    """

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment, network: Network) -> None:
        super().__init__(scope, id_)
        self._deployment, self._network = deployment, network
        self._security_group = security_group(
            self,
            "security-group",
            name=f"{deployment.prefix}-endpoints",
            description="Interface endpoints of the AWS APIs",
            vpc_id=network.vpc_id,
        )
        chosen = {action for _, colour in deployment.colours.items() for action in colour.service.actions}
        self._gateways = {
            service: self._gateway(service, [*actions, *_further(service, chosen, actions)])
            for service, actions in GATEWAYS.items()
        }
        self._interfaces = [
            self._interface(service) for service in (*INTERFACES, *_further_interfaces(chosen))
        ]

    def admit(self, caller: SecurityGroup, id_: str) -> Sequence[ITerraformDependable]:
        """Lets members of `caller` use the interface endpoints: once all that is returned exists."""
        rules = allow(
            self,
            id_,
            source=caller,
            destination=self._security_group,
            port=HTTPS,
            description=f"{id_} to the AWS APIs",
        )
        return (*rules, *self._interfaces)

    def reach_gateways(
        self, caller: SecurityGroup, id_: str, *, services: Collection[str] = tuple(GATEWAYS)
    ) -> None:
        """Lets members of `caller` reach S3 and DynamoDB, whose endpoints have no security group."""
        for service in services:
            allow_prefix_list(
                self,
                f"{id_}-{service}",
                source=caller,
                prefix_list_id=self._gateways[service].prefix_list_id,
                port=HTTPS,
                description=f"{id_} to {service}",
            )

    def _gateway(self, service: str, actions: Sequence[str]) -> VpcEndpoint:
        own = {
            "StringEquals": {
                "aws:PrincipalAccount": self._deployment.account_id,
                "aws:ResourceAccount": self._deployment.account_id,
            }
        }
        exceptions = [self._image_layers()] if service == "s3" else []
        return VpcEndpoint(
            self,
            service,
            vpc_id=self._network.vpc_id,
            service_name=f"com.amazonaws.{self._deployment.region}.{service}",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in self._network.private_route_tables],
            policy=policy(_own_account_only(actions, own), *exceptions),
            tags={"Name": f"{self._deployment.prefix}-{service}"},
        )

    def _image_layers(self) -> Statement:
        """ECR redirects a pull to signed addresses in this bucket, which is not the account's.

        Source: Amazon ECR user guide, "Minimum Amazon S3 bucket permissions for Amazon ECR".
        """
        return Statement(
            sid="LayersOfImages",
            principals={"AWS": "*"},
            actions=["s3:GetObject"],
            resources=[f"arn:aws:s3:::prod-{self._deployment.region}-starport-layer-bucket/*"],
        )

    def _interface(self, service: str) -> VpcEndpoint:
        own = {"StringEquals": {"aws:PrincipalAccount": self._deployment.account_id}}
        api, _, _ = service.partition(".")
        return VpcEndpoint(
            self,
            service.replace(".", "-"),
            vpc_id=self._network.vpc_id,
            service_name=f"com.amazonaws.{self._deployment.region}.{service}",
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=self._network.application.subnet_ids,
            security_group_ids=[self._security_group.id],
            policy=policy(_own_account_only(ACTIONS.get(api, [f"{ACTION_PREFIXES.get(api, api)}:*"]), own)),
            tags={"Name": f"{self._deployment.prefix}-{service}"},
        )


def _further(service: str, chosen: Collection[str], actions: Sequence[str]) -> list[str]:
    """Actions of a gateway's service that the configuration adds."""
    return sorted(action for action in chosen if action.startswith(f"{service}:") and action not in actions)


def _further_interfaces(chosen: Collection[str]) -> list[str]:
    """Services that the configuration adds, as endpoints name them."""
    named = {ENDPOINTS[action.partition(":")[0]] for action in chosen}
    return sorted(service for service in named if service and service not in INTERFACES)


def _own_account_only(actions: Sequence[str], conditions: Condition) -> Statement:
    return Statement(
        sid="OwnAccountOnly",
        principals={"AWS": "*"},
        actions=actions,
        resources=["*"],
        conditions=conditions,
    )
