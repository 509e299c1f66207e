"""Stock moto has the default quotas of VPCs only, and no increases.

Codes and defaults: AWS General Reference, "Service endpoints and quotas" of each service. An increase is
granted at once: AWS opens a case, and answers after hours or days.
https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
"""

import json
import uuid
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.models import ServiceQuotasBackend, servicequotas_backends
from moto.servicequotas.resources.default_quotas.vpc import VPC_DEFAULT_QUOTAS
from moto.servicequotas.responses import ServiceQuotasResponse

from embedded_aws.extensions import Server

Code = tuple[str, str]  # of the service, of the quota

APPLIED = "bluegreen_quotas"  # code → value that was granted, kept on moto's backend: reset together with it
LAMBDA_CONCURRENCY: Code = ("lambda", "L-B99A9384")
FARGATE: Code = ("fargate", "L-3032A538")
# Name, and the value of an account that never asked for more.
QUOTAS: dict[Code, tuple[str, float]] = {
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 5),
    ("elasticloadbalancing", "L-53DA6B97"): ("Application Load Balancers per Region", 50),
    FARGATE: ("Fargate On-Demand vCPU resource count", 6),
    LAMBDA_CONCURRENCY: ("Concurrent executions", 1000),
    ("rds", "L-952B80B8"): ("DB clusters", 40),
    ("rds", "L-7B6409FD"): ("DB instances", 40),
    **{
        (str(quota["ServiceCode"]), str(quota["QuotaCode"])): (
            str(quota["QuotaName"]),
            float(str(quota["Value"])),
        )
        for quota in VPC_DEFAULT_QUOTAS
        if quota["Adjustable"]
    },
}
# Amazon ECS developer guide, "AWS Fargate usage metrics".
USAGE = {
    FARGATE: {
        "MetricNamespace": "AWS/Usage",
        "MetricName": "ResourceCount",
        "MetricDimensions": {
            "Class": "Standard/OnDemand",
            "Resource": "vCPU",
            "Service": "Fargate",
            "Type": "Resource",
        },
        "MetricStatisticRecommendation": "Maximum",
    }
}


class IllegalArgument(JsonRESTError):  # noqa: N818 - named after the API's error
    """The desired value is not above the one that applies."""

    def __init__(self, message: str) -> None:
        super().__init__("IllegalArgumentException", message)


def install(_: Server) -> None:
    """Extend moto's quotas. Moto dispatches by the operation's name."""
    for name, method in {
        "get_service_quota": _get,
        "get_aws_default_service_quota": _get_default,
        "request_service_quota_increase": _request_increase,
    }.items():
        setattr(ServiceQuotasResponse, name, method)


def applied(account: str, region: str, code: Code) -> float:
    """The value that applies in an account and region."""
    return _increases(servicequotas_backends[account][region]).get(code, QUOTAS[code][1])


def _increases(backend: ServiceQuotasBackend) -> dict[Code, float]:
    kept: dict[Code, float] = vars(backend).setdefault(APPLIED, {})
    return kept


def _described(response: ServiceQuotasResponse) -> tuple[Code, dict[str, Any]]:
    """The quota that a request names, with its default value."""
    request = json.loads(response.body)
    service, quota = code = (request["ServiceCode"], request["QuotaCode"])
    if code not in QUOTAS:
        raise NoSuchResource
    name, value = QUOTAS[code]
    place = f"{response.region}:{response.current_account}"
    described = {
        "ServiceCode": service,
        "QuotaArn": f"arn:aws:servicequotas:{place}:{service}/{quota}",
        "QuotaCode": quota,
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }
    return code, described | ({"UsageMetric": USAGE[code]} if code in USAGE else {})


def _get_default(response: ServiceQuotasResponse) -> str:
    return json.dumps({"Quota": _described(response)[1]})


def _get(response: ServiceQuotasResponse) -> str:
    code, described = _described(response)
    value = _increases(response.backend).get(code, described["Value"])
    return json.dumps({"Quota": described | {"Value": value}})


def _request_increase(response: ServiceQuotasResponse) -> str:
    code, described = _described(response)
    wanted = float(json.loads(response.body)["DesiredValue"])
    if wanted <= applied(response.current_account, response.region, code):
        raise IllegalArgument("You must provide a quota value greater than the current quota value")
    _increases(response.backend)[code] = wanted
    asked = {name: described[name] for name in ("ServiceCode", "QuotaArn", "QuotaCode", "QuotaName", "Unit")}
    answer = {**asked, "Id": uuid.uuid4().hex, "DesiredValue": wanted, "Status": "APPROVED"}
    return json.dumps({"RequestedQuota": answer})
