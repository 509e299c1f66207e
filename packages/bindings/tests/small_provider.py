"""A small provider package, laid out like the real one."""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

VERSION = "1.2.3"
ASSEMBLY = "@cdktf/provider-aws"
SUBMODULES = {"vpc": "vpc", "s3_control_bucket": "s3control-bucket", "lb_listener": "lb-listener"}
"""Name in Python, folder in the tarball."""


def namespace(folder: str) -> str:
    """The name in jsii: `lb-listener` is `lbListener`."""
    first, *rest = folder.split("-")
    return first + "".join(part.capitalize() for part in rest)


def provider_files() -> dict[str, bytes]:
    """The files of the small provider's tarball: three submodules, one of them with its code in two files."""
    spaces = {folder: namespace(folder) for folder in SUBMODULES.values()}
    assembly = {
        "name": ASSEMBLY,
        "version": VERSION,
        "types": {
            f"{ASSEMBLY}.{space}.Main": {
                "fqn": f"{ASSEMBLY}.{space}.Main",
                "base": "cdktf.TerraformResource",
                "properties": [{"type": {"fqn": f"{ASSEMBLY}.{space}.Part"}}],
            }
            for space in spaces.values()
        },
        "submodules": {f"{ASSEMBLY}.{space}": {"symbolId": "x"} for space in spaces.values()},
    }
    exports = "".join(f'exports.{space} = require("./{folder}");\n' for folder, space in spaces.items())
    code = b'"use strict";\nconst cdktf = require("cdktf");\n//# sourceMappingURL=data:text/json;base64,e30='
    return {
        ".jsii": json.dumps(assembly).encode(),
        "README.md": b"not wanted",
        "package.json": json.dumps({"name": ASSEMBLY, "version": VERSION}).encode(),
        "lib/index.js": ('"use strict";\nexports.vpc = void 0;\n' + exports).encode(),
        **{f"lib/{folder}/index.js": code for folder in spaces},
        **{f"lib/{folder}/index.d.ts": b"not wanted" for folder in spaces},
        "lib/lb-listener/index.js": b'require("./structs");\n',
        "lib/lb-listener/structs/index.js": b'require("./structs0"); require("..");\n',
        "lib/lb-listener/structs/structs0.js": code,
    }


def write_provider(site: Path, files: Mapping[str, bytes], version: str = VERSION) -> Path:
    """Installs a provider into `site` and returns its package directory."""
    package = site / "cdktf_cdktf_provider_aws"
    for name in ("", "_jsii", *SUBMODULES):
        (package / name).mkdir(parents=True, exist_ok=True)
        (package / name / "__init__.py").touch()
    metadata = site / f"cdktf_cdktf_provider_aws-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: cdktf-cdktf-provider-aws\nVersion: {version}\n")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    tarball = package / "_jsii" / f"provider-aws@{version}.jsii.tgz"
    tarball.write_bytes(gzip.compress(buffer.getvalue()))
    return package
