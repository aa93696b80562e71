"""Over TLS, nothing is sent to whom the certificate does not name."""

import asyncio
import shutil
import ssl
import subprocess

import httpx
import pytest

from wecom.wire import Wire

OPENSSL = shutil.which("openssl")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="needs openssl, to make a certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The path of a certificate for 127.0.0.1, and of no other host; its key lies in the same file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    names = ["-subj", "/CN=siyu test", "-addext", "subjectAltName=IP:127.0.0.1"]
    usage = ["-addext", "keyUsage=digitalSignature,keyCertSign"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path]
    made = subprocess.run(
        [OPENSSL, "req", "-x509", "-days", "2", *key, *names, *usage], capture_output=True, check=True
    )
    with path.open("ab") as file:
        file.write(made.stdout)
    return path


class Server:
    """Speaks TLS and notes the head of each request, and how many connections came."""

    def __init__(self, certificate):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self.connections = 0
        self.heads = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await asyncio.sleep(0)

    async def _serve(self, reader, writer):
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head)
                writer.write(ANSWER)
        except asyncio.IncompleteReadError as end:
            self.heads += [end.partial] * bool(end.partial)
        writer.close()


@pytest.fixture
async def server(certificate):
    async with Server(certificate) as server:
        yield server


async def get(wire, server, host="127.0.0.1"):
    return await wire.handle_async_request(httpx.Request("GET", f"https://{host}:{server.port}/secret"))


async def test_a_trusted_certificate_is_spoken_to_on_one_connection(server, certificate):
    wire = Wire(tls=ssl.create_default_context(cafile=certificate))
    answers = [await get(wire, server) for _ in range(3)]
    await wire.aclose()
    assert [answer.content for answer in answers] == [b"ok"] * 3
    assert (server.connections, len(server.heads)) == (1, 3)


async def test_an_unknown_certificate_is_refused_before_anything_is_sent(server):
    wire = Wire()
    with pytest.raises(httpx.ConnectError, match="certificate"):
        await get(wire, server)
    assert server.heads == []


async def test_a_certificate_of_another_host_is_refused_before_anything_is_sent(server, certificate):
    wire = Wire(tls=ssl.create_default_context(cafile=certificate))
    with pytest.raises(httpx.ConnectError, match="certificate"):
        await get(wire, server, "localhost")
    assert server.heads == []
