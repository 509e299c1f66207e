"""VPC, subnets, endpoint and security group of the sample."""

from cdktf import Fn
from cdktf_cdktf_provider_aws.data_aws_availability_zones import DataAwsAvailabilityZones
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct


class SampleNetwork(Construct):
    """A VPC of three subnets whose zones come from a data source (tokens in lists)."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        zones = DataAwsAvailabilityZones(self, "zones", state="available")
        self.vpc = Vpc(self, "vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True)
        self.subnets = [
            Subnet(
                self,
                f"subnet-{index}",
                vpc_id=self.vpc.id,
                cidr_block=f"10.0.{index}.0/24",
                availability_zone=Fn.element(zones.names, index),
            )
            for index in range(3)
        ]
        self.security_group = SecurityGroup(self, "sg", vpc_id=self.vpc.id, description="sample")
        VpcSecurityGroupIngressRule(
            self,
            "https",
            security_group_id=self.security_group.id,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=self.vpc.cidr_block,
        )
        VpcEndpoint(self, "s3", vpc_id=self.vpc.id, service_name="com.amazonaws.us-east-1.s3")
