"""Stock moto has no orderable options of Aurora MySQL: nothing could ask whether a cluster can be created.

Versions: those of Aurora MySQL 3 that can still be created (release notes for Aurora MySQL). Classes: those
that the Aurora user guide lists for Aurora MySQL 3. Zones: us-east-1e has none of the Graviton classes, and
is the only zone of AWS that is known to be without; in other regions every zone has every class here.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html
"""

from collections.abc import Callable, Iterator
from typing import Any

from moto.core.responses import PaginatedResult
from moto.ec2.models import ec2_backends
from moto.rds.responses import RDSResponse

from embedded_aws.extensions import Server, replace

ENGINE = "aurora-mysql"
# Minor version of Aurora MySQL 3 → its patch versions.
VERSIONS = {"08": range(3), "09": range(1), "10": range(4), "11": range(2)}
SIZES = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
# Family → its sizes, and whether it is of Graviton processors.
CLASSES = {
    "r5": (*SIZES, "24xlarge"),
    "r6g": SIZES,
    "r6i": (*SIZES, "24xlarge", "32xlarge"),
    "r7g": SIZES,
    "r7i": (*SIZES, "24xlarge", "48xlarge"),
    "r8g": (*SIZES, "24xlarge", "48xlarge"),
    "x2g": SIZES,
}
GRAVITON = ("r6g", "r7g", "r8g", "x2g")
WITHOUT_GRAVITON = ("us-east-1e",)


def install(_: Server) -> None:
    """Extend moto's databases."""
    replace(RDSResponse, "describe_orderable_db_instance_options", _describe)


def _describe(stock: Callable[[RDSResponse], Any], response: RDSResponse) -> Any:
    asked = response.params
    if asked.get("Engine") != ENGINE:
        return stock(response)
    ec2 = ec2_backends[response.current_account][response.region]
    zones = [zone.name for zone in ec2.describe_availability_zones()]
    options = [
        option
        for option in _options(zones)
        if asked.get("EngineVersion") in (None, option["EngineVersion"])
        and asked.get("DBInstanceClass") in (None, option["DBInstanceClass"])
    ]
    return PaginatedResult({"OrderableDBInstanceOptions": options})


def _versions() -> Iterator[str]:
    for minor, patches in VERSIONS.items():
        for patch in patches:
            yield f"8.0.mysql_aurora.3.{minor}.{patch}"


def _options(zones: list[str]) -> Iterator[dict[str, Any]]:
    for version in _versions():
        for family, sizes in CLASSES.items():
            for size in sizes:
                yield _option(version, family, size, zones)


def _option(version: str, family: str, size: str, zones: list[str]) -> dict[str, Any]:
    there = [zone for zone in zones if family not in GRAVITON or zone not in WITHOUT_GRAVITON]
    return {
        "Engine": ENGINE,
        "EngineVersion": version,
        "DBInstanceClass": f"db.{family}.{size}",
        "LicenseModel": "general-public-license",
        "AvailabilityZones": [{"Name": zone} for zone in there],
        "MultiAZCapable": False,
        "ReadReplicaCapable": False,
        "Vpc": True,
        "SupportsStorageEncryption": True,
        "StorageType": "aurora",
        "SupportsIops": False,
        "SupportsEnhancedMonitoring": True,
        "SupportsIAMDatabaseAuthentication": True,
        "SupportsPerformanceInsights": True,
        "SupportedEngineModes": ["provisioned"],
        "SupportsClusters": True,
    }
