"""Stock moto gives a table a tag of the same key again instead of another value; Terraform waits for one.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html: a key has one value.
"""

from collections.abc import Callable

from moto.dynamodb.models import DynamoDBBackend

from embedded_aws.extensions import Server, replace


def install(_: Server) -> None:
    """Extend moto's tags of tables."""
    replace(DynamoDBBackend, "tag_resource", _tag)


def _tag(stock: Callable[..., None], backend: DynamoDBBackend, arn: str, tags: dict[str, str]) -> None:
    backend.untag_resource(arn, list(tags))
    stock(backend, arn, tags)
