"""Stock moto, like AWS, imports no certificate under an ARN that it doesn't have yet.

Here it does, so that a configuration which names its certificate's ARN applies as it is.
"""

import inspect
import re
from collections.abc import Callable
from typing import Any

from moto.acm.models import AWSCertificateManagerBackend, CertBundle

from embedded_aws.extensions import Server, replace

CERTIFICATE_ARN = re.compile(
    r"arn:aws[a-z-]*:acm:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):certificate/[\w-]+"
)


def install(_: Server) -> None:
    """Extend moto's Certificate Manager."""
    replace(AWSCertificateManagerBackend, "import_certificate", _import_certificate)


def _import_certificate(
    stock: Callable[..., str], backend: AWSCertificateManagerBackend, *args: Any, **named: Any
) -> str:
    request = inspect.signature(stock).bind(backend, *args, **named).arguments
    arn = str(request["arn"])
    place = CERTIFICATE_ARN.fullmatch(arn)
    if place and (place["region"], place["account"]) == (backend.region_name, backend.account_id):
        bundle = CertBundle(
            backend.account_id,
            request["certificate"],
            request["private_key"],
            request["chain"],
            backend.region_name,
            arn,
        )
        backend._certificates.setdefault(arn, bundle)
    return stock(backend, *args, **named)
