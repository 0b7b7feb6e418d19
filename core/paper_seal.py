"""The server's seal on a PDF: a signature any reader of PDF files checks (PAdES), and files inside."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.pdf_utils import embed
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from core import seal

# The certificate says whose key it is; it is remade from SEAL_KEY, so its days are fixed.
FIRST_DAY, LAST_DAY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
FIELD = "Waraqa"


def seal_paper(pdf: bytes, *, reason: str, files: Mapping[str, bytes]) -> bytes:
    """Return the PDF with JSON files inside, sealed by the server's key: nothing may change after.

    The instant in the seal is pyHanko's. Raises SealMissing.
    """
    key = seal.private_key()
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    for name, content in files.items():
        held = embed.EmbeddedFileObject.from_file_data(
            writer, content, mime_type="application/json"
        )
        embed.embed_file(writer, embed.FileSpec(name, file_name=name, embedded_data=held))
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        reason=reason,
        name=settings.FUND_NAME,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    # pyHanko runs an event loop of its own, which a thread that has one refuses.
    with ThreadPoolExecutor(1) as thread:
        sealed = thread.submit(signers.sign_pdf, writer, metadata, _signer(key)).result()
    return bytes(sealed.getvalue())


def certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """Return the certificate of the seal, signed by itself; the same key gives the same bytes."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{settings.FUND_NAME}, Waraqa")])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(FIRST_DAY)
        .not_valid_after(LAST_DAY)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )


def _signer(key: ec.EllipticCurvePrivateKey) -> signers.SimpleSigner:
    private = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate(key).public_bytes(serialization.Encoding.DER)
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(public),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),
    )
