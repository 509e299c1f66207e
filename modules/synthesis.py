"""From configurations to Terraform JSON on disk."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from cdktf import App

from modules.config import Deployment
from modules.stack import BlueGreenStack

PROVIDER_LOCK = Path(__file__).resolve().parent.parent / "config" / "terraform.lock.hcl"


def synthesize(deployments: Iterable[Deployment]) -> None:
    """Writes `stacks/<name>/cdk.tf.json` for each deployment, the provider's lock file beside it.

    The directory is cdktf's: `cdktf.out`, or what CDKTF_OUTDIR names.
    """
    app = App()
    directories: list[Path] = []
    for deployment in deployments:
        BlueGreenStack(app, deployment)
        directories.append(Path(app.outdir) / "stacks" / deployment.name)
        # cdktf adds a folder for each content of an asset; those of earlier contents would stay for ever.
        shutil.rmtree(directories[-1] / "assets", ignore_errors=True)
    app.synth()
    for directory in directories:
        shutil.copyfile(PROVIDER_LOCK, directory / ".terraform.lock.hcl")
