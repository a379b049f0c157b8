"""Partners for tests: HTTPS servers under an authority of our own, that behave as a test says."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Talk = Callable[[socket.socket, bytes], None]
"""What a partner does with a connection and the request that came over it."""


class Authority:
    """An authority that signs certificates for partners."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority for tests")])
        self._certificate = self._sign(self._name, self._key, is_authority=True)
        self.path = folder / "authority.pem"
        self.path.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, host: str, *, is_expired: bool = False, is_ours: bool = True) -> ssl.SSLContext:
        """Give what a server of this name proves itself with."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
        made = self._sign(name, key, host=host, is_expired=is_expired, is_ours=is_ours)
        path = self._folder / f"{host}-{is_expired}-{is_ours}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        host: str = "",
        is_authority: bool = False,
        is_expired: bool = False,
        is_ours: bool = True,
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        ends = now - dt.timedelta(days=1) if is_expired else now + dt.timedelta(days=1)
        signer = self._key if is_ours else key
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name if is_ours else name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=2))
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        if host:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return builder.sign(signer, hashes.SHA256())


class Partner:
    """A server that keeps what it is sent, and then does as the test says.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        requests: What it was sent, as raw bytes.
        accepted: How many connections it had.
    """

    def __init__(self, talk: Talk, context: ssl.SSLContext | None = None) -> None:
        self._talk = talk
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.requests: list[bytes] = []
        self.accepted = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.settimeout(30)
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                request = _read(connection)
                self.requests.append(request)
                self._talk(connection, request)

    def close(self) -> None:
        """Listen no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def says(text: str) -> Talk:
    """Answer with this, as it stands."""

    def talk(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(text.encode("latin-1"))

    return talk


@contextmanager
def partner(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[Partner]:
    """Run a partner."""
    made = Partner(talk, context)
    try:
        yield made
    finally:
        made.close()


def _read(connection: socket.socket) -> bytes:
    """Read one request: the headers, and as much of a body as they announce."""
    read = b""
    while b"\r\n\r\n" not in read:
        more = connection.recv(65536)
        if not more:
            return read
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


LOOPBACK = ip_address("127.0.0.1")
