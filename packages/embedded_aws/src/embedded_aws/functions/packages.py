"""The files that a function finds: its unpacked package, and the SDK that Lambda's runtime brings along."""

import base64
import binascii
import importlib.util
import io
import shutil
import tempfile
import zipfile
from pathlib import Path

# What is in `/var/runtime` in AWS. Functions can import nothing else from here: it would be missing there.
SDK = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")


def unpack(package: bytes, sha256: str, directory: Path) -> Path:
    """Unpack a zip package below `directory`, once for every content. `sha256`: its CodeSha256, base64."""
    unpacked = directory / binascii.hexlify(base64.b64decode(sha256)).decode()
    if not unpacked.exists():
        directory.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=directory))
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            archive.extractall(partial)
        try:
            partial.rename(unpacked)
        except OSError:  # another thread was faster, with the same content
            shutil.rmtree(partial)
    return unpacked


def provide_sdk(directory: Path) -> None:
    """Make a directory that holds boto3 and what it needs, by links to where they are installed."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in SDK:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(
                f"{name} is missing: the embedded AWS gives it to functions, as Lambda does"
            )
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (directory / source.name).symlink_to(source)
