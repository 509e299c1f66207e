"""The sample stack: provider, the four parts, alarm, parameter, outputs, and a tagging aspect."""

import jsii
from cdktf import Aspects, IAspect, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct, IConstruct

from packages.bindings.tests.sample_app.compute import SampleCompute
from packages.bindings.tests.sample_app.network import SampleNetwork
from packages.bindings.tests.sample_app.oddities import SampleOddities
from packages.bindings.tests.sample_app.storage import SampleStorage
from packages.bindings.tests.sample_app.traffic import SampleTraffic


@jsii.implements(IAspect)
class TagEverything:
    """Calls back from the kernel into Python for each construct, as tagging aspects do."""

    def visit(self, node: IConstruct) -> None:
        """Add one tag to whatever has tags."""
        if isinstance(node, SnsTopic | SsmParameter):
            node.tags = {"Environment": "sample"}


class SampleStack(TerraformStack):
    """About thirty kinds of resource, each wired to another by tokens."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        tags = AwsProviderDefaultTags(tags={"CostCenter": "sample"})
        AwsProvider(self, "aws", region="us-east-1", default_tags=[tags])
        caller = DataAwsCallerIdentity(self, "caller")
        network = SampleNetwork(self, "network")
        storage = SampleStorage(self, "storage")
        compute = SampleCompute(self, "compute", network=network)
        traffic = SampleTraffic(self, "traffic", network=network)
        SampleOddities(self, "oddities")
        topic = SnsTopic(self, "pager", name="sample", kms_master_key_id=storage.key.id)
        CloudwatchMetricAlarm(
            self,
            "latency",
            alarm_name="sample",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=3,
            threshold=1.5,
            metric_name="TargetResponseTime",
            namespace="AWS/ApplicationELB",
            dimensions={"LoadBalancer": traffic.balancer.arn_suffix},
            alarm_actions=[topic.arn],
        )
        SsmParameter(self, "active", name="/sample/active", type="String", insecure_value="blue")
        TerraformOutput(self, "account", value=caller.account_id)
        TerraformOutput(self, "master_secret", value=storage.master_secret_arn)
        TerraformOutput(self, "function", value=compute.function.arn)
        Aspects.of(self).add(TagEverything())
