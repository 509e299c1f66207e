"""A deployment: one `config/<name>.toml`, composed of the other rooms' tables."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from string import ascii_lowercase
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from modules.config import names
from modules.config.access import Iam
from modules.config.backends import LocalBackend, S3Backend
from modules.config.backup import Backup
from modules.config.colours import Colours
from modules.config.database import Credentials
from modules.config.entrance import LoadBalancer, WebFirewall
from modules.config.functions import Functions
from modules.config.ledger import Ledger
from modules.config.model import PRIVATE_NETWORKS, Model, Region
from modules.config.monitoring import Audit, Monitoring
from modules.config.network import NetworkAccess
from modules.config.ownership import PREFIX, Place, problems
from modules.config.registry import Registry, parse_image
from modules.config.switching import Switch
from modules.config.windows import meet

TagValue = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]{0,254}[A-Za-z0-9_.:/=+@-])?$",
        description="1 to 256 letters, digits, spaces and _ . : / = + - @, no space at either end, not "
        "starting with aws: or rds:, which AWS reserves",
        examples=["payments"],
    ),
]


class Tags(Model):
    """The tags that every resource carries (R01), exactly as AWS shows them."""

    Environment: TagValue
    CostCenter: TagValue
    MigrationPhase: TagValue

    @field_validator("*")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        """RDS API reference, "Tag"."""
        if value.lower().startswith(("aws:", "rds:")):
            raise ValueError(f"{value[:4]} at the start is reserved")
        return value


class Deployment(Model):
    """One deployment: one file, one stack. `name` is the file's."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,15}$",
        description="the file's name: 1 to 16 lower-case letters, digits and single hyphens, a letter first, "
        "no hyphen last",
        examples=["staging"],
    )
    account_id: str = Field(
        pattern="^[0-9]{12}$",
        description="the twelve digits of the AWS account; Terraform refuses to apply to any other",
        examples=["123456789012"],
    )
    region: Region = "us-east-1"
    availability_zones: tuple[str, ...] = Field(
        default=("us-east-1a", "us-east-1b", "us-east-1c"),
        min_length=3,
        max_length=5,
        description="three to five different availability zones of the region (R08); append a new one",
        examples=[["us-east-1a", "us-east-1b", "us-east-1c"]],
    )
    vpc_cidr: IPv4Network = Field(
        description="a private IPv4 network from /16 to /20, host bits zero: it is cut into three subnets "
        "a zone",
        examples=["10.20.0.0/16"],
    )
    tags: Tags
    backend: Annotated[LocalBackend | S3Backend, Field(discriminator="type")]
    load_balancer: LoadBalancer
    web_firewall: WebFirewall = WebFirewall()
    registry: Registry = Registry()
    shared: bool = Field(
        default=False,
        strict=True,
        description="true: one cluster for both colours, where only the application changes: the two "
        "database tables are equal, and each colour has a user of its own; false: a cluster each. Choose it "
        "before the first apply: Terraform refuses to destroy a cluster",
        examples=[True],
    )
    colours: Colours
    credentials: Credentials = Credentials()
    switch: Switch = Field(default=Switch(), validate_default=True)
    monitoring: Monitoring = Monitoring()
    iam: Iam = Iam()
    backup: Backup = Backup()
    network: NetworkAccess = NetworkAccess()
    functions: Functions = Functions()
    ledger: Ledger = Field(default=Ledger(), validate_default=True)
    audit: Audit = Audit()

    @property
    def prefix(self) -> str:
        """What the names of all resources of this deployment begin with."""
        return f"{PREFIX}{self.name}"

    @field_validator("name")
    @classmethod
    def _makes_names_that_services_take(cls, name: str) -> str:
        if found := list(names.problems(f"{PREFIX}{name}")):
            raise ValueError(f"{found[0]}: rename the file")
        return name

    @field_validator("availability_zones")
    @classmethod
    def _zones_of_the_region(cls, zones: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if len(set(zones)) != len(zones):
            raise ValueError("the same zone twice")
        region = info.data.get("region")
        foreign = [
            zone for zone in zones if region and not (zone[:-1] == region and zone[-1:] in ascii_lowercase)
        ]
        if foreign:
            raise ValueError(f"{', '.join(foreign)} is no zone of {region}")
        return zones

    @field_validator("vpc_cidr")
    @classmethod
    def _private_and_large_enough(cls, network: IPv4Network) -> IPv4Network:
        if not any(network.subnet_of(private) for private in PRIVATE_NETWORKS):
            raise ValueError("not a private network")
        if not 16 <= network.prefixlen <= 20:  # noqa: PLR2004 - the bounds that the description gives
            raise ValueError(f"/{network.prefixlen} is outside /16 to /20")
        return network

    @field_validator("load_balancer")
    @classmethod
    def _certificate_of_this_region_and_account(
        cls, value: LoadBalancer, info: ValidationInfo
    ) -> LoadBalancer:
        _, _, _, region, account, *_ = value.certificate_arn.split(":")
        for what, found, key in (("region", region, "region"), ("account", account, "account_id")):
            expected = info.data.get(key)
            if expected and found != expected:
                raise ValueError(f"certificate_arn is of {what} {found}, the deployment of {expected}")
        return value

    @field_validator("colours")
    @classmethod
    def _one_database_is_described_once(cls, value: Colours, info: ValidationInfo) -> Colours:
        blue, green = (dict(colour.database) for _, colour in value.items())
        if info.data.get("shared") and (differing := [key for key in blue if blue[key] != green[key]]):
            raise ValueError(f"shared = true, but {', '.join(differing)} of the two database tables differ")
        return value

    @property
    def clusters(self) -> Mapping[str, str]:
        """Colour → what its cluster is called in names: the colour, or `shared`."""
        return {colour: "shared" if self.shared else colour for colour, _ in self.colours.items()}

    @field_validator("colours")
    @classmethod
    def _kept_alike(cls, value: Colours) -> Colours:
        """AWS Backup sets the retention of a cluster to that of its rule, one rule for both clusters."""
        blue, green = (colour.database.backup_retention_days for _, colour in value.items())
        if blue != green:
            raise ValueError(
                f"backup_retention_days is {blue} for blue and {green} for green: AWS Backup's continuous "
                "backup gives both clusters the same"
            )
        return value

    @field_validator("colours")
    @classmethod
    def _maintained_in_turn(cls, value: Colours, info: ValidationInfo) -> Colours:
        """While one colour's database restarts, the other one can take the traffic."""
        blue, green = (colour.database.maintenance_window for _, colour in value.items())
        if not info.data.get("shared") and meet(blue, green):
            raise ValueError(
                f"maintenance_window is {blue} for blue and {green} for green: while both are maintained no "
                "colour is left to shift to"
            )
        return value

    @field_validator("colours")
    @classmethod
    def _images_of_this_registry(cls, value: Colours, info: ValidationInfo) -> Colours:
        registry = info.data.get("registry")
        for colour, settings in value.items():
            found = parse_image(settings.service.image)
            for key, there in (("account_id", found.account_id), ("region", found.region)):
                expected = info.data.get(key)
                if expected and there != expected:
                    raise ValueError(
                        f"{colour}.service.image is of {key} {there}, the deployment of {expected}"
                    )
            name = info.data.get("name")  # absent: it is a mistake of its own
            own = f"{PREFIX}{name}"
            if name and registry and registry.create_repository and found.repository != own:
                raise ValueError(
                    f"{colour}.service.image is in {found.repository}, and this deployment makes {own}: "
                    "name that, or set registry.create_repository = false"
                )
        return value

    @field_validator("colours")
    @classmethod
    def _resources_of_this_account(cls, value: Colours, info: ValidationInfo) -> Colours:
        account, region = info.data.get("account_id"), info.data.get("region")
        if account and region:
            here = Place(prefix=f"{PREFIX}{info.data.get('name')}", region=region, account=account)
            for colour, settings in value.items():
                for key, problem in problems(settings, here):
                    raise ValueError(f"{colour}.{key}: {problem}")
        return value

    @field_validator("ledger")
    @classmethod
    def _one_cluster_replicates_to_no_other(cls, value: Ledger, info: ValidationInfo) -> Ledger:
        if not info.data.get("shared"):
            return value
        if value.replicate and "replicate" in value.model_fields_set:
            raise ValueError("replicate = true needs two clusters, but shared = true is one for both colours")
        return value.model_copy(update={"replicate": False})

    @field_validator("monitoring")
    @classmethod
    def _actions_of_this_region(cls, value: Monitoring, info: ValidationInfo) -> Monitoring:
        """CloudWatch refuses others. Source: CloudWatch API reference, PutMetricAlarm."""
        region = info.data.get("region")
        foreign = [arn for arn in value.action_arns if region and arn.split(":")[3] != region]
        if foreign:
            raise ValueError(f"action_arns: {', '.join(foreign)} is not in the deployment's region {region}")
        return value

    @field_validator("backup")
    @classmethod
    def _copied_to_one_other_place(cls, value: Backup, info: ValidationInfo) -> Backup:
        """AWS copies an Aurora snapshot to another account or to another region, not to both at once.

        Source: AWS Backup developer guide, "Feature availability by resource".
        """
        account, region = info.data.get("account_id"), info.data.get("region")
        if value.copy_to is None or account is None or region is None:
            return value
        _, _, _, there, owner, *_ = value.copy_to.split(":")
        if (there == region) == (owner == account):
            both = (
                "neither another account nor another region"
                if there == region
                else "another account and region"
            )
            raise ValueError(f"copy_to is of {both}: one of both has to differ from the deployment's")
        return value

    @field_validator("iam")
    @classmethod
    def _roles_of_this_account(cls, value: Iam, info: ValidationInfo) -> Iam:
        account = info.data.get("account_id")
        foreign = [arn for arn in value.deploying_roles if account and arn.split(":")[4] != account]
        if foreign:
            raise ValueError(f"deploying_roles: {', '.join(foreign)} is not of account_id {account}")
        return value

    @field_validator("switch")
    @classmethod
    def _reachable_by_the_floor(cls, value: Switch, info: ValidationInfo) -> Switch:
        colours = info.data.get("colours")
        for colour, settings in colours.items() if colours else ():
            if settings.service.floor < value.min_healthy_targets:
                raise ValueError(
                    f"min_healthy_targets = {value.min_healthy_targets}, but {colour} may shrink to "
                    f"min_tasks = {settings.service.floor}: it could then get no traffic"
                )
        return value
