"""What the tasks of a colour use, and who uses them."""

from collections.abc import Mapping
from dataclasses import dataclass

from modules.compute.image_repository import Images
from modules.data.credentials import Credentials
from modules.data.database import Database
from modules.data.sessions import Sessions
from modules.foundation.encryption import Encryption
from modules.network.endpoints import Endpoints
from modules.network.file_systems import FileSystems
from modules.network.vpc import Network
from modules.traffic.load_balancer import LoadBalancer
from modules.traffic.service import Service


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """`place`: target group, security group and roles of the colour; database and credentials are its own,
    `of_ledger`: both colours', where
    the ledger may be on either; the rest is shared.
    """

    place: Service
    database: Database
    credentials: Credentials
    of_ledger: Mapping[str, tuple[Database, Credentials]]
    sessions: Sessions
    images: Images
    load_balancer: LoadBalancer
    network: Network
    endpoints: Endpoints
    file_systems: FileSystems
    encryption: Encryption
