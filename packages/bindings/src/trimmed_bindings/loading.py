"""Has jsii's kernel start, and read what it needs, while Python does something else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from trimmed_bindings.activation import Activation
from trimmed_bindings.toolkits import Toolkit


@contextmanager
def loading(activation: Activation) -> Iterator[None]:
    """While the block runs, the kernel loads the assemblies; their imports afterwards find that done.

    The block must not use jsii, or import what does: the kernel answers one caller at a time. Stock bindings
    are left as they are. What fails here fails again, and is reported, when the package is imported.
    """
    if not activation.trimmed:
        yield
        return
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(_load, activation.toolkit)
        yield


def _load(toolkit: Toolkit) -> None:
    import jsii  # noqa: PLC0415 - takes its time, too

    # In the order in which they need each other: the package in Python, the assembly in jsii.
    assemblies = {"constructs": "constructs", toolkit.core: toolkit.core, toolkit.provider: toolkit.assembly}
    for package, assembly in assemblies.items():
        tarball = _tarball(package)
        version = tarball.name.removesuffix(".jsii.tgz").rpartition("@")[2]
        jsii.load(assembly, version, str(tarball))


def _tarball(package: str) -> Path:
    """Where the package keeps its assembly. It is found, not imported: that would start using jsii."""
    spec = find_spec(package)
    if spec is None or not spec.origin:
        raise FileNotFoundError(package)
    return next((Path(spec.origin).parent / "_jsii").glob("*.jsii.tgz"))
