"""Certificates for this machine, and TLS servers that use one."""

import datetime
import ipaddress
import ssl
import tempfile

CERTIFICATE_DAYS = 365
LOOPBACK = ipaddress.ip_address("127.0.0.1")


def self_signed(domain: str) -> tuple[bytes, bytes]:
    """A certificate for `domain` and this machine, and its private key, as PEM.

    With an elliptic curve: an RSA key takes long to make.
    """
    # Imported here: only who seeds a certificate pays for loading it.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, domain)])
    names = [x509.DNSName(domain), x509.DNSName("localhost"), x509.IPAddress(LOOPBACK)]
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    private_key = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private_key


def tls_server(certificate: str, private_key: str) -> ssl.SSLContext:
    """The context of a server with that certificate; both as PEM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    present(context, certificate, private_key)
    return context


def present(context: ssl.SSLContext, certificate: str, private_key: str) -> None:
    """Have a server present that certificate from its next connection on; both as PEM.

    OpenSSL reads files only: this one is gone a moment later, and nobody else may read it.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(f"{private_key}\n{certificate}")
        file.flush()
        context.load_cert_chain(file.name)
