"""The place of the state: bucket and key as `bluegreen bootstrap` makes them."""

from collections.abc import Iterator

from bluegreen.operate.doctor.findings import Answer, Check, failed, not_needed, passed, unknown
from bluegreen.operate.doctor.subject import Subject
from bluegreen.terraform.bootstrap import BackendRefusedError, Bootstrap, BootstrapError

KEY = ("key", "key rotation")
PERMISSIONS = (
    "kms:DescribeKey",
    "kms:GetKeyRotationStatus",
    "s3:ListBucket",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
)


def place(subject: Subject) -> Iterator[Answer]:
    """Each setting of `bluegreen bootstrap`."""
    backend = subject.backend
    if backend is None:
        yield not_needed("the state is a local file")
        return
    try:
        settings = Bootstrap(subject.access, backend).look()
    except BackendRefusedError as error:
        yield failed(*_words(error))
        return
    except BootstrapError as error:
        yield unknown(*_words(error))
        return
    missing = [one.name for one in settings if not one.ok]
    parts = {"key": (backend.kms_key_id, True), "bucket": (backend.bucket, False)}
    for about, (name, of_key) in parts.items():
        lacks = [setting for setting in missing if (setting in KEY) == of_key]
        if lacks:
            fix = f"bluegreen bootstrap --deployment {subject.name}"
            yield failed(f"{name}: not as it should be: {', '.join(lacks)}", fix, about=about)
        else:
            yield passed(name, about=about)


def _words(error: BootstrapError) -> tuple[str, str]:
    message, _, fix = str(error).partition("\n  fix: ")
    return message, fix


CHECKS = (Check("state", "as `bluegreen bootstrap` makes it", PERMISSIONS, place),)
