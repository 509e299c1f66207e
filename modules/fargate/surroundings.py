"""What the tasks of a colour use, and who uses them."""

from dataclasses import dataclass

from modules.credentials import Credentials
from modules.database import Database
from modules.encryption import Encryption
from modules.endpoints import Endpoints
from modules.image_repository import Images
from modules.load_balancer import LoadBalancer
from modules.network import Network
from modules.service import Service
from modules.sessions import Sessions


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """`place`: target group, security group and roles of the colour; database and credentials are its own,
    the rest is shared.
    """

    place: Service
    database: Database
    credentials: Credentials
    sessions: Sessions
    images: Images
    load_balancer: LoadBalancer
    network: Network
    endpoints: Endpoints
    encryption: Encryption
