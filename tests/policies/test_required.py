"""The list of required arguments, against the provider's bindings.

It is of the types that policies know; when the provider's version changes, write it anew from
`terraform providers schema -json`: required attributes, and blocks of at least one.
"""

import importlib
import inspect

from policies.wiring._accepted import SCHEMA
from tests.policies.harness import Document

_OF_CDKTF = frozenset({"self", "scope", "scope_", "id_", "id"})  # of constructs, and attributes called alike


def test_the_types_that_the_platform_uses(original: Document) -> None:
    for type_ in sorted(original["resource"]):
        module = importlib.import_module(f"cdktf_cdktf_provider_aws.{type_.removeprefix('aws_')}")
        plain = type_.replace("_", "").removeprefix("aws")  # CDKTF adds an A to …Configuration
        (cls,) = (value for name, value in vars(module).items() if name.lower() in (plain, f"{plain}a"))
        wanted = {
            name
            for name, parameter in inspect.signature(cls.__init__).parameters.items()
            if parameter.default is parameter.empty and name not in _OF_CDKTF
        }
        assert {path for path in SCHEMA.get(type_, ()) if "." not in path} - _OF_CDKTF == wanted, type_
