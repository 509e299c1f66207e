"""Says what is the matter when a program imports a submodule that the trimmed bindings lack.

Without it the import succeeds, from the stock package, and jsii fails later, on first use of the resource,
with "Unknown type" and a JavaScript stack.
"""

import sys
from collections.abc import Collection, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from trimmed_bindings.toolkits import Toolkit


class UntrimmedImportGuard(MetaPathFinder):
    """Finds nothing; refuses submodules of the provider that aren't among `submodules`."""

    def __init__(self, toolkit: Toolkit, submodules: Collection[str], source: Path) -> None:
        self._package = toolkit.provider
        self._allowed = {"_jsii", *submodules}
        self._source = source

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """None, for the next finder to go on. Raises ImportError for a submodule that was cut away."""
        package, _, submodule = fullname.partition(".")
        if package == self._package and submodule and submodule.partition(".")[0] not in self._allowed:
            raise ImportError(
                f"{fullname} is not among the trimmed bindings, which hold what {self._source} imports. "
                f"Import it there by name (from {fullname} import ...), or set STOCK_BINDINGS=1.",
                name=fullname,
            )
        return None


def install(guard: UntrimmedImportGuard) -> None:
    """Puts the guard before Python's own finders."""
    sys.meta_path.insert(0, guard)


def uninstall() -> None:
    """Removes every guard."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, UntrimmedImportGuard)]
