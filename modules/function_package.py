"""Deployment packages: the same sources give the same bytes, on every machine and at every time."""

import tempfile
import zipfile
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "lambda_src"
CACHE = ROOT / ".cache" / "functions"
# The oldest time that a zip archive can hold: sources carry no clock into the package.
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class FunctionPackage:
    """A zip file on disk and the hash by which Lambda knows it (base64 of its SHA-256)."""

    path: Path
    code_sha256: str


def build(name: str) -> FunctionPackage:
    """The package of `lambda_src/<name>`, its folder at the top of the archive.

    Entries are sorted, stored without compression (compressed bytes differ between zlib builds), with fixed
    time and mode. The file is written under a name of its content, atomically: concurrent builds can't
    disturb each other.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=CACHE, suffix=".part", delete=False) as scratch:
        _write(scratch.name, sorted((SOURCES / name).rglob("*.py")))
    digest = sha256(Path(scratch.name).read_bytes()).digest()
    path = CACHE / f"{name}-{digest.hex()[:16]}.zip"
    Path(scratch.name).replace(path)
    return FunctionPackage(path, b64encode(digest).decode())


def _write(target: str, files: list[Path]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(SOURCES).as_posix(), EPOCH)
            entry.create_system = 3  # Unix, so that the mode below counts
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())
