"""A certificate authority for servers on this machine, as Amazon's is for RDS."""

import datetime
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from safe_io import private

DAY = datetime.timedelta(days=1)
VALID = datetime.timedelta(days=365)
LOOPBACK = ("127.0.0.1",)


@dataclass(frozen=True)
class Authority:
    """`path`: its certificate, PEM. Its key is in memory only."""

    path: Path
    key: ec.EllipticCurvePrivateKey
    name: x509.Name

    @classmethod
    def create(cls, directory: Path, name: str) -> "Authority":
        """A new authority; writes `<name>.pem`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        certificate = (
            _builder(subject, subject, key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = directory / f"{name}.pem"
        with private.writer(path) as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM).decode())
        return cls(path, key, subject)

    def issue(self, directory: Path, addresses: Iterable[str] = LOOPBACK) -> tuple[Path, Path]:
        """Files of certificate and key of a server: for `localhost` and these addresses, no other name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        names = [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        certificate = (
            _builder(subject, self.name, key)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), *names]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        paths = directory / "server.pem", directory / "server.key"
        pem = serialization.Encoding.PEM
        private_key = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        for path, content in zip(paths, (certificate.public_bytes(pem), private_key), strict=True):
            with private.writer(path) as file:
                file.write(content.decode())
        return paths


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + VALID)
    )
