"""Any number of deployments, as configuration."""

import os
import re
from collections.abc import Sequence
from ipaddress import IPv4Network
from pathlib import Path

from tools.bench.measure import Measurement, environment, measure

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "config" / "local.toml"
# As many networks of the model's size as 10.0.0.0/8 holds.
_NETWORKS = tuple(IPv4Network("10.0.0.0/8").subnets(new_prefix=16))


def write(directory: Path, count: int) -> None:
    """Writes `count` files into `directory`, each a deployment like `local` with name and network of its own.

    Raises ValueError for more than there are networks.
    """
    if count > len(_NETWORKS):
        raise ValueError(f"{count} deployments, and {len(_NETWORKS)} networks for them")
    model = MODEL.read_text(encoding="utf-8")
    for index, network in enumerate(_NETWORKS[:count]):
        name = f"d{index:03d}"
        text = model.replace(f"payments-{MODEL.stem}@", f"payments-{name}@")
        text = re.sub(r"\b10\.20\.0\.0/16\b", str(network), text)
        (directory / f"{name}.toml").write_text(text, encoding="utf-8")


def synthesize(command: Sequence[str], workspace: Path, **variables: str) -> Measurement:
    """Runs `command` for every deployment below `workspace/config`; the output goes to `workspace`, too.

    Raises CalledProcessError if it fails.
    """
    env = environment(CDKTF_OUTDIR=os.fspath(workspace / "cdktf.out"), **variables)
    env.pop("DEPLOYMENT", None)
    return measure(command, env, cwd=workspace)
