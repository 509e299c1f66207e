"""One thing that has to be so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """`is_so` looks and changes nothing; `make_so` can be repeated. Both raise botocore's errors."""

    name: str
    wanted: str
    is_so: Callable[[], bool]
    make_so: Callable[[], None]


def code_of(error: Any) -> str:
    """The code of a botocore ClientError."""
    return str(error.response["Error"].get("Code", ""))
