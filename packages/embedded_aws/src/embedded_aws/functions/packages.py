"""The files that a function finds: its unpacked package, and the SDK that Lambda's runtime brings along."""

import base64
import hashlib
import importlib.util
import io
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

# What is in `/var/runtime` in AWS. Functions can import nothing else from here: it would be missing there.
SDK = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")


# What Amazon's authorities of databases call themselves (Aurora user guide, "Using TLS with Aurora MySQL").
AMAZON_RDS = re.compile(r"Amazon RDS .*CA")


def unpack(package: bytes, sha256: str, directory: Path, authorities: str = "") -> Path:
    """Unpack a zip package below `directory`, once for every content. `sha256`: its CodeSha256, base64.

    `authorities` (PEM) sign for the databases of this AWS: a bundle of Amazon RDS's certificates in the
    package has them, too, as if Amazon had published it today.
    """
    unpacked = directory / hashlib.sha256(base64.b64decode(sha256) + authorities.encode()).hexdigest()
    if not unpacked.exists():
        directory.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=directory))
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            archive.extractall(partial)
        if authorities:
            _publish(partial, authorities)
        try:
            partial.rename(unpacked)
        except OSError:  # another thread was faster, with the same content
            shutil.rmtree(partial)
    return unpacked


def _publish(package: Path, authorities: str) -> None:
    for bundle in package.rglob("*.pem"):
        text = bundle.read_text(encoding="utf-8")
        if any(AMAZON_RDS.search(found.subject.rfc4514_string()) for found in _certificates(text)):
            bundle.write_text(f"{text}\n{authorities}", encoding="utf-8")


def _certificates(text: str) -> list["Certificate"]:
    # Imported here: a library of cryptography, which takes a while to load.
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415

    try:
        return load_pem_x509_certificates(text.encode())
    except ValueError:  # a key, or nothing
        return []


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
