"""Synthesizes every deployment of `config/`, or the one that DEPLOYMENT names, into
`cdktf.out/stacks/<name>/`. BLUEGREEN_CDK names the toolkit that does it: `cdktf`, the default, or `cdktn`
(CDK Terrain), which is installed in an environment of its own (`make terrain`).
"""

import gc
import os
import sys
from pathlib import Path

import trimmed_bindings
from trimmed_bindings import CDKTF, BindingsError, installed_toolkit

TOOLKIT = "BLUEGREEN_CDK"
OUT = Path("cdktf.out/stacks")
ROOT = Path(__file__).resolve().parent


def main() -> int:
    """0: synthesized; 2: nothing was written: mistakes in the configuration, no such toolkit, no place."""
    try:
        toolkit = installed_toolkit(os.environ.get(TOOLKIT, CDKTF.core))
    except BindingsError as error:
        return _refused(
            f"error: no synthesis: {TOOLKIT}: {error}\n"
            "  state: nothing was written\n"
            f"  fix: unset {TOOLKIT} and use .venv/bin/python for cdktf; run `make terrain` for cdktn\n"
        )
    gc.disable()  # what a synthesis makes is in use to its end: looking for garbage finds none
    bindings = trimmed_bindings.activate(ROOT / "modules", cache=ROOT / ".cache", toolkit=toolkit)
    with trimmed_bindings.loading(bindings):
        from safe_io import notice  # noqa: PLC0415 - while the kernel starts

        from modules.config.loader import ConfigurationError, load  # noqa: PLC0415 - the same
        from modules.config.network import remarks  # noqa: PLC0415 - the same

        try:
            deployments = load(Path("config"), only=os.environ.get("DEPLOYMENT"))
        except ConfigurationError as error:
            return _refused(str(error))
    try:
        OUT.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return _refused(
            f"error: no synthesis: {OUT} can't be made: {error.strerror}\n"
            "  state: nothing was written\n"
            "  fix: have this directory writable, and nothing else at cdktf.out\n"
        )
    from modules.synthesis import synthesize  # noqa: PLC0415 - imports the bindings, which are active only now

    synthesize(deployments)
    for remark in (text for deployment in deployments for text in remarks(deployment)):
        notice(remark)
    return 0


def _refused(message: str) -> int:
    from safe_io import notice  # noqa: PLC0415 - only for this

    notice(message)
    return 2


if __name__ == "__main__":
    sys.exit(main())
