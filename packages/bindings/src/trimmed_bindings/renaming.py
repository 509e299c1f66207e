"""Lets a program that is written for one toolkit run with another.

    import cdktf                                     # is cdktn
    from cdktf_cdktf_provider_aws.vpc import Vpc     # is cdktn_provider_aws.vpc.Vpc

The module under the old name is the very module under the new name, so that classes are the same whichever
name they were imported by.
"""

import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from trimmed_bindings.toolkits import Toolkit


class RenamingFinder(MetaPathFinder):
    """Finds the packages of `written` under the names that they have in `used`."""

    def __init__(self, written: Toolkit, used: Toolkit) -> None:
        self._names: Mapping[str, str] = {written.core: used.core, written.provider: used.provider}

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """None for all other packages. Raises what the import of the renamed module raises."""
        package, dot, rest = fullname.partition(".")
        if package not in self._names:
            return None
        module = importlib.import_module(f"{self._names[package]}{dot}{rest}")
        return ModuleSpec(fullname, _Imported(module), is_package=hasattr(module, "__path__"))


class _Imported(Loader):
    """Loads a module that is imported already."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__

    def create_module(self, _spec: ModuleSpec, /) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # importlib has set that of the other name


def install(written: Toolkit, used: Toolkit) -> None:
    """Renames in imports from now on. Does nothing where both are the same."""
    uninstall()
    if written != used:
        sys.meta_path.insert(0, RenamingFinder(written, used))


def uninstall() -> None:
    """Ends renaming. What was imported under the old names stays so."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, RenamingFinder)]
