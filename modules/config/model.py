"""What every table of a configuration is, and the types that several share."""

from ipaddress import IPv4Network

from pydantic import BaseModel, ConfigDict

PRIVATE_NETWORKS = tuple(IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


class Model(BaseModel):
    """Base of all: unknown keys are refused, a loaded configuration never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
