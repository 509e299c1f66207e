"""Stock moto forgets the content of image layers, and can't say where to get it.

AWS keeps it in a bucket of its own and answers a presigned URL of S3; here the bucket is the account's.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetDownloadUrlForLayer.html
"""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.ecr.models import ECRBackend
from moto.ecr.responses import ECRResponse
from moto.s3.models import s3_backends

from embedded_aws.extensions import Server, replace

BUCKET = "prod-{region}-starport-layer-bucket"
URL_SECONDS = 3600


class LayersNotFound(JsonRESTError):  # noqa: N818 - named after the API's error
    """The repository has no such layer."""

    def __init__(self, digest: str, repository: str) -> None:
        super().__init__(
            "LayersNotFoundException",
            f"The layer with digest '{digest}' does not exist in the repository with name '{repository}'",
        )


def install(server: Server) -> None:
    """Extend moto's image registry."""
    replace(ECRBackend, "complete_layer_upload", _complete)
    replace(ECRResponse, "get_download_url_for_layer", partial(_download_url, server))


def _complete(
    stock: Callable[..., dict[str, Any]],
    backend: ECRBackend,
    repository_name: str,
    upload_id: str,
    *args: Any,
    **named: Any,
) -> dict[str, Any]:
    uploads = backend.repositories[repository_name].uploads if repository_name in backend.repositories else {}
    content = bytes(uploads[upload_id].layer_parts) if upload_id in uploads else b""
    answer = stock(backend, repository_name, upload_id, *args, **named)
    bucket = BUCKET.format(region=backend.region_name)
    s3 = s3_backends[backend.account_id]["aws"]
    if bucket not in s3.buckets:
        s3.create_bucket(bucket, backend.region_name)
    s3.put_object(bucket, answer["layerDigest"], content)
    return answer


def _download_url(server: Server, _stock: Callable[..., Any], response: ECRResponse) -> ActionResult:
    repository, digest = response._get_param("repositoryName"), response._get_param("layerDigest")
    registry = response._get_param("registryId")
    if digest not in response.ecr_backend._get_repository(repository, registry).layers:
        raise LayersNotFound(digest, repository)
    place = f"{server.endpoint}/{BUCKET.format(region=response.region)}/{quote(digest, safe='')}"
    request = AWSRequest("GET", place)
    operator = server.keys.operator
    keys = Credentials(operator.access_key_id, operator.secret_access_key)
    S3SigV4QueryAuth(keys, "s3", response.region, expires=URL_SECONDS).add_auth(request)
    return ActionResult({"downloadUrl": request.url, "layerDigest": digest})
