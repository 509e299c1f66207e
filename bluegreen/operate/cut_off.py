"""Cuts a lost database off: its security group admits no service, so it can't come back as a second writer.

What it still admits: the other colour's database, and the ledger's functions for setup and health, which look
at it. The next apply admits all again.

Sources: EC2 API reference, DescribeSecurityGroupRules, RevokeSecurityGroupIngress; EC2 user guide, "Amazon
EC2 security group connection tracking": connections that are open may last; the fence refuses their payments.
"""

from collections.abc import Mapping
from typing import Any

from bluegreen.aws import Access
from lambda_src.contract.values import Colour

PORT = 3306
READ_SECONDS, ATTEMPTS = 30, 3
PERMISSIONS = (
    "ec2:DescribeSecurityGroupRules",
    "ec2:RevokeSecurityGroupIngress",
    "lambda:GetFunctionConfiguration",
    "rds:DescribeDBClusters",
)


class CutOffError(Exception):
    """The database is not cut off. The message says why."""


def cut_off(
    access: Access, colour: Colour, endpoints: Mapping[Colour, str], functions: Mapping[str, str]
) -> list[str]:
    """Revoke what lets services and movers in; the rules' ids. Repeated, it revokes what is left.

    `endpoints`: of the clusters; `functions`: ARNs of those that still reach it. Raises CutOffError.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - it takes long to load

    try:
        groups = _groups(access, endpoints)
        kept = {*groups[colour.other], *_of_functions(access, functions.values())}
        ec2, revoked = _client(access, "ec2"), []
        for group in groups[colour]:
            pages = ec2.get_paginator("describe_security_group_rules").paginate(
                Filters=[{"Name": "group-id", "Values": [group]}]
            )
            rules = [rule for page in pages for rule in page["SecurityGroupRules"]]
            found = [
                rule["SecurityGroupRuleId"] for rule in rules if _admits(rule) and _peer(rule) not in kept
            ]
            if found:
                ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=found)
            revoked += found
    except (BotoCoreError, ClientError) as error:
        raise CutOffError(str(error)) from error
    return revoked


def _groups(access: Access, endpoints: Mapping[Colour, str]) -> dict[Colour, list[str]]:
    """Each cluster by its identifier, which its endpoint begins with: who deploys may describe no other."""
    rds, found = _client(access, "rds"), {}
    for colour, endpoint in endpoints.items():
        try:
            answer = rds.describe_db_clusters(DBClusterIdentifier=endpoint.partition(".")[0])
        except rds.exceptions.DBClusterNotFoundFault as error:
            raise CutOffError(f"no cluster has the endpoint {endpoint}") from error
        (cluster,) = answer["DBClusters"]
        if cluster["Endpoint"] != endpoint:
            raise CutOffError(f"no cluster has the endpoint {endpoint}")
        found[colour] = [group["VpcSecurityGroupId"] for group in cluster["VpcSecurityGroups"]]
    return found


def _of_functions(access: Access, arns: Any) -> set[str]:
    client = _client(access, "lambda")
    configurations = [client.get_function_configuration(FunctionName=arn) for arn in arns]
    return {group for one in configurations for group in one.get("VpcConfig", {}).get("SecurityGroupIds", [])}


def _client(access: Access, service: Any) -> Any:
    return access.client(service, read_timeout=READ_SECONDS, attempts=ATTEMPTS)


def _admits(rule: Mapping[str, Any]) -> bool:
    """Ingress of the database's port; every port and protocol includes it."""
    every = rule["IpProtocol"] == "-1"
    return not rule["IsEgress"] and (every or rule["FromPort"] <= PORT <= rule["ToPort"])


def _peer(rule: Mapping[str, Any]) -> str | None:
    group: str | None = rule.get("ReferencedGroupInfo", {}).get("GroupId")
    return group
