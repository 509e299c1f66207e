"""Deployment packages: the same sources give the same bytes, on every machine and at every time."""

import tempfile
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "lambda_src"
CACHE = ROOT / ".cache" / "functions"
# What belongs to a function: code, and certificates that it trusts.
SUFFIXES = frozenset({".py", ".pem"})
# Packages of lambda_src that every function has beside its own.
SHARED = ("common", "contract")
# Function → distributions that Lambda's runtime lacks. Pure Python only, locked in Pipfile.lock.
VENDORED: Mapping[str, tuple[str, ...]] = {
    "ledger": ("PyMySQL",),
    "migrate": ("PyMySQL", "sqlglot"),
    "rotation": ("PyMySQL",),
}
# Function → packages of lambda_src that it has besides: the ledger's accounts rotate as the applications' do,
# and its migration takes the lock of the switch.
BESIDES: Mapping[str, tuple[str, ...]] = {
    "ledger": ("rotation",),
    "migrate": ("ledger", "rotation", "switch"),
}
# Function → what of that it does not have: nothing in its package moves traffic.
WITHOUT: Mapping[str, tuple[str, ...]] = {"migrate": ("switch/effects.py",)}
# Function → modules of it that Lambda calls, where there is another one than `handler`.
ENTRIES: Mapping[str, tuple[str, ...]] = {"switch": ("handler", "reading")}
# The oldest time that a zip archive can hold: sources carry no clock into the package.
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class FunctionPackage:
    """A zip file on disk and the hash by which Lambda knows it (base64 of its SHA-256)."""

    path: Path
    code_sha256: str


def build(name: str) -> FunctionPackage:
    """The package of `lambda_src/<name>`: its folder and those of SHARED below `lambda_src/`, as they
    import each other, the distributions of VENDORED at the top, and the entry points that Lambda calls.

    Entries are sorted, stored without compression (compressed bytes differ between zlib builds), with fixed
    time and mode. The file is written under a name of its content, atomically: concurrent builds can't
    disturb each other.
    """
    files = {path: file.read_bytes() for path, file in _sources(name).items()}
    files[f"{name}/__init__.py"] = b""
    for entry in ENTRIES.get(name, ("handler",)):
        files[f"{name}/{entry}.py"] = f"from lambda_src.{name}.{entry} import handler\n".encode()
    for vendored in VENDORED.get(name, ()):
        files |= {path: file.read_bytes() for path, file in _distribution(vendored).items()}
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=CACHE, suffix=".part", delete=False) as scratch:
        _write(scratch.name, sorted(files.items()))
    digest = sha256(Path(scratch.name).read_bytes()).digest()
    path = CACHE / f"{name}-{digest.hex()[:16]}.zip"
    Path(scratch.name).replace(path)
    return FunctionPackage(path, b64encode(digest).decode())


def _sources(name: str) -> dict[str, Path]:
    """Path in the archive → file."""
    folders = (SOURCES / folder for folder in (name, *BESIDES.get(name, ()), *SHARED))
    files = [SOURCES / "__init__.py", *(file for folder in folders for file in folder.rglob("*"))]
    left_out = {SOURCES / path for path in WITHOUT.get(name, ())}
    return {
        f"lambda_src/{file.relative_to(SOURCES).as_posix()}": file
        for file in files
        if file.suffix in SUFFIXES and file not in left_out
    }


def _distribution(name: str) -> dict[str, Path]:
    """Path in the archive → file of an installed distribution: its code, and what says whose it is and on
    which terms.
    """
    installed = distribution(name)
    chosen = [file for file in installed.files or () if file.suffix == ".py" or _is_legal(file)]
    return {file.as_posix(): Path(str(installed.locate_file(file))) for file in chosen}


def _is_legal(file: PurePosixPath) -> bool:
    """The rest of a .dist-info differs with the tool that installed it."""
    directory, *inside = file.parts
    return directory.endswith(".dist-info") and (inside == ["METADATA"] or inside[0] == "licenses")


def _write(target: str, files: Iterable[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, so that the mode below counts
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
