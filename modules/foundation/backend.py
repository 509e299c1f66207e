"""Where Terraform keeps its state."""

from cdktf import LocalBackend, S3Backend, TerraformStack

from modules import config


def configure(stack: TerraformStack, deployment: config.Deployment) -> None:
    """Gives the stack the backend that its configuration names.

    A local state lies in `.local/<name>/` of the checkout, named relative to the stack's directory
    (`cdktf.out/stacks/<name>`), so that plain `terraform` there finds it and no path of a machine is written
    into the code.
    """
    backend = deployment.backend
    if isinstance(backend, config.LocalBackend):
        LocalBackend(stack, path=f"../../../.local/{deployment.name}/terraform.tfstate")
        return
    remote = S3Backend(
        stack,
        bucket=backend.bucket,
        key=f"{deployment.prefix}/terraform.tfstate",
        region=backend.region,
        encrypt=True,
        kms_key_id=backend.kms_key_id,
    )
    # cdktf's S3Backend predates the lock file (Terraform 1.10).
    remote.add_override("use_lockfile", True)
