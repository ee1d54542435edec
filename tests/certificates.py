"""Servers over TLS for tests: a certificate authority of the tests' own, and servers that it vouches for."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


def authority(folder, *names, strict=True, days=1):
    """The CA's certificate (a path, for SSL_CERT_FILE) and a server's context for 127.0.0.1 and these names.

    Python verifies strictly from 3.13 on; with `strict=False` the CA is one that it rejects since then. The server's
    certificate ends in these `days`.
    """
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("tests", ours, None, ours, x509.BasicConstraints(ca=True, path_length=None), critical=strict)
    kinds = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *map(x509.DNSName, names)]
    leaf = _certificate("server", theirs, root, ours, x509.SubjectAlternativeName(kinds), days=days)
    (folder / "ca.pem").write_bytes(root.public_bytes(PEM))
    key = theirs.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(leaf.public_bytes(PEM) + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return folder / "ca.pem", context


def _certificate(name, key, issuer, signer, extension, critical=False, days=1):
    told = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(told)
        .issuer_name(issuer.subject if issuer else told)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=3))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(extension, critical=critical)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if issuer is None:
        usage = dict.fromkeys(
            ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "encipher_only", "decipher_only"), False,
        )  # fmt: skip
        builder = builder.add_extension(x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), critical=True)
    return builder.sign(signer, hashes.SHA256())


@contextlib.contextmanager
def serving(server, context=None):
    """A server in a thread, over TLS where there is a context; answers its port."""
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
