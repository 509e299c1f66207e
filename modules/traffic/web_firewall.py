"""AWS WAF in front of the load balancer: managed rule groups, a rate limit, logs without secrets in them."""

from cdktf_cdktf_provider_aws.cloudwatch_log_resource_policy import CloudwatchLogResourcePolicy
from cdktf_cdktf_provider_aws.wafv2_web_acl import (
    Wafv2WebAcl,
    Wafv2WebAclDefaultAction,
    Wafv2WebAclDefaultActionAllow,
    Wafv2WebAclVisibilityConfig,
)
from cdktf_cdktf_provider_aws.wafv2_web_acl_association import Wafv2WebAclAssociation
from cdktf_cdktf_provider_aws.wafv2_web_acl_logging_configuration import (
    Wafv2WebAclLoggingConfiguration,
    Wafv2WebAclLoggingConfigurationRedactedFields,
    Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader,
)
from constructs import Construct

from modules.config import Deployment
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement, policy
from modules.foundation.logs import log_group
from modules.traffic.load_balancer import LoadBalancer
from modules.traffic.web_firewall_rules import rules, visibility

# Headers that are credentials of the client: a reader of the log could act as it.
SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization", "x-api-key", "x-csrf-token")


class WebFirewall(Construct):
    """A web ACL that lets requests pass unless a rule blocks them.

    Samples of requests are off: they would show the headers and query strings that are redacted in the log.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        load_balancer: LoadBalancer,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id_)
        self._deployment = deployment
        name = deployment.prefix
        self.acl = Wafv2WebAcl(
            self,
            "acl",
            name=name,
            description=f"In front of the load balancer {name}",
            scope="REGIONAL",
            default_action=Wafv2WebAclDefaultAction(allow=Wafv2WebAclDefaultActionAllow()),
            rule=rules(deployment.web_firewall),
            visibility_config=Wafv2WebAclVisibilityConfig(**visibility(name)),
            tags={"Name": name},
        )
        Wafv2WebAclAssociation(
            self,
            "association",
            resource_arn=load_balancer.load_balancer.arn,
            web_acl_arn=self.acl.arn,
        )
        self._log(encryption)

    def _log(self, encryption: Encryption) -> None:
        """Source: AWS WAF developer guide, "Sending protection pack traffic logs to CloudWatch Logs"."""
        logs = log_group(self, "logs", name=f"aws-waf-logs-{self._deployment.prefix}", encryption=encryption)
        delivery = CloudwatchLogResourcePolicy(
            self,
            "delivery",
            policy_name=f"{self._deployment.prefix}-web-firewall",
            policy_document=policy(
                Statement(
                    sid="LogsOfTheWebFirewall",
                    principals={"Service": "delivery.logs.amazonaws.com"},
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[f"{logs.arn}:*"],
                    conditions={"StringEquals": {"aws:SourceAccount": self._deployment.account_id}},
                )
            ),
        )
        Wafv2WebAclLoggingConfiguration(
            self,
            "logging",
            resource_arn=self.acl.arn,
            log_destination_configs=[logs.arn],
            redacted_fields=[
                *(
                    Wafv2WebAclLoggingConfigurationRedactedFields(
                        single_header=Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader(name=header)
                    )
                    for header in SECRET_HEADERS
                ),
                Wafv2WebAclLoggingConfigurationRedactedFields(query_string={}),
            ],
            depends_on=[delivery],
        )
