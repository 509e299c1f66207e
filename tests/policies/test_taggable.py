"""The list of taggable resource types, against the provider's bindings.

It is of every binding that has `tags_all`; when the provider's version changes, write it anew.
"""

import importlib
import inspect

from policies.platform._tags import TAGGABLE
from tests.policies.harness import Document


def test_the_types_that_the_platform_uses(original: Document) -> None:
    for type_ in sorted(original["resource"]):
        module = importlib.import_module(f"cdktf_cdktf_provider_aws.{type_.removeprefix('aws_')}")
        plain = type_.replace("_", "").removeprefix(
            "aws"
        )  # CDKTF adds an A to names that end in Configuration
        classes = [value for name, value in vars(module).items() if name.lower() in (plain, f"{plain}a")]
        assert classes, type_
        assert ("tags" in inspect.signature(classes[0].__init__).parameters) is (type_ in TAGGABLE), type_
