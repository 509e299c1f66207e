"""Has jsii run its kernel in one Node process instead of two.

jsii's own starter is a Node process that starts a second one, with the kernel, and then copies every message
from one pipe to the other: a tenth of a synthesis. Here the kernel's code, as installed, runs in the process
that Python starts (`starter/`). jsii is told so through its own two variables, JSII_NODE and JSII_RUNTIME;
nothing of it is changed.
"""

import os
import shutil
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from trimmed_bindings import entries
from trimmed_bindings.errors import BindingsError, in_one_line

WARNING = "bindings: jsii's own starter is used, synthesis takes a little longer: "

_STARTER = Path(__file__).resolve().parent / "starter"
_NODE, _RUNTIME = "JSII_NODE", "JSII_RUNTIME"
# How the kernel says which descriptor it talks through; the starter counts on it.
_DESCRIPTOR_3 = b"readFD:3,writeFD:3"


def start_directly(directory: Path) -> None:
    """Has the kernel that this process is going to start run in one process; its files lie in `directory`.

    Does nothing where somebody has named a Node or a runtime of their own, or where there is no Node
    or no shell to start it. What fails raises nothing: jsii's starter then serves, after one line on stderr
    that says why.
    """
    if os.name != "posix" or shutil.which("node") is None or os.environ.keys() & {_NODE, _RUNTIME}:
        return
    try:
        entry = _ensure(directory)
    except (BindingsError, OSError) as error:
        sys.stderr.write(f"{WARNING}{in_one_line(error)}\n")
        return
    os.environ |= {_NODE: str(entry / "bin" / "node"), _RUNTIME: str(entry / "bin" / "jsii-runtime.js")}


def withdraw(directory: Path) -> None:
    """Undoes `start_directly`, also that of a parent process."""
    for name in (_NODE, _RUNTIME):
        if Path(os.environ.get(name, "")).is_relative_to(directory):
            del os.environ[name]


def _ensure(directory: Path) -> Path:
    """The directory with starter and kernel. Raises BindingsError where jsii isn't laid out as expected."""
    try:
        jsii = distribution("jsii")
    except PackageNotFoundError as error:
        raise BindingsError("jsii is not installed") from error
    starter = [path.read_text(encoding="utf-8") for path in sorted(_STARTER.iterdir())]
    entry = directory / entries.entry_name(jsii.version, starter)
    entries.ensure(entry, lambda draft: _write(Path(str(jsii.locate_file("jsii/_embedded/jsii"))), draft))
    if not os.access(entry / "bin" / "node", os.X_OK):
        raise BindingsError(f"{entry}/bin/node can't be executed there")
    return entry


def _write(embedded: Path, draft: Path) -> None:
    """jsii keeps its files flat: `lib__program.js` is `lib/program.js`."""
    shutil.copytree(_STARTER, draft / "bin")
    (draft / "lib").mkdir()
    for path in embedded.glob("lib__*.js"):
        shutil.copyfile(path, draft / "lib" / path.name.removeprefix("lib__"))
    program = draft / "lib" / "program.js"
    if not program.is_file() or _DESCRIPTOR_3 not in program.read_bytes():
        raise BindingsError(f"{embedded} isn't laid out as expected")
