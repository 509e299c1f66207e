"""Synthesizes every deployment of `config/`, or the one that DEPLOYMENT names, into
`cdktf.out/stacks/<name>/`.
"""

import gc
import os
import sys
from pathlib import Path

import trimmed_bindings

ROOT = Path(__file__).resolve().parent


def main() -> int:
    """0: synthesized; 2: the configuration has mistakes, nothing was written."""
    gc.disable()  # what a synthesis makes is in use to its end: looking for garbage finds none
    with trimmed_bindings.loading(trimmed_bindings.activate(ROOT / "modules", cache=ROOT / ".cache")):
        from safe_io import notice  # noqa: PLC0415 - while the kernel starts

        from modules.config.loader import ConfigurationError, load  # noqa: PLC0415 - the same
        from modules.config.network import remarks  # noqa: PLC0415 - the same

        try:
            deployments = load(Path("config"), only=os.environ.get("DEPLOYMENT"))
        except ConfigurationError as error:
            notice(str(error))
            return 2
    from modules.synthesis import synthesize  # noqa: PLC0415 - imports the bindings, which are active only now

    synthesize(deployments)
    for remark in (text for deployment in deployments for text in remarks(deployment)):
        notice(remark)
    return 0


if __name__ == "__main__":
    sys.exit(main())
