"""Stock moto reports `user/moto` for a key that it has not issued, with an ARN of STS, which has no users."""

from collections.abc import Callable

from moto.sts.models import STSBackend

from embedded_aws.access.keys import OPERATOR
from embedded_aws.extensions import Server, replace

Identity = tuple[str, str, str]  # user id, ARN, account
USER_ID = "AIDAOPERATOROPERATORA"


def install(server: Server) -> None:
    """Extend moto's GetCallerIdentity.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """

    def get_caller_identity(
        stock: Callable[..., Identity], backend: STSBackend, access_key_id: str, region: str
    ) -> Identity:
        if access_key_id == server.keys.operator.access_key_id:
            return USER_ID, OPERATOR, backend.account_id
        return stock(backend, access_key_id, region)

    replace(STSBackend, "get_caller_identity", get_caller_identity)
