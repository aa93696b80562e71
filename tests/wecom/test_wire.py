"""The transport keeps connections and tells whether a request was sent, over real sockets."""

import asyncio

import httpx
import pytest

from wecom.exchange import Outgoing, connect, default_transport
from wecom.wire import Wire

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Counts connections, notes requests, and answers each with what `reply` says, once the gate is open."""

    def __init__(self):
        self.connections = []
        self.requests = []
        self.reply = ANSWER
        self.then_close = False
        self.arrived = asyncio.Semaphore(0)
        self.lost = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __aenter__(self):
        self._server = await asyncio.get_running_loop().create_server(lambda: Session(self), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for connection in self.connections:
            connection.abort()
        await asyncio.sleep(0)

    async def arrivals(self, count):
        for _ in range(count):
            await self.arrived.acquire()


class Session(asyncio.Protocol):
    """One connection as the server sees it."""

    def __init__(self, server):
        self.server = server
        self.buffer = b""
        self.tasks = []

    def connection_made(self, transport):
        self.transport = transport
        self.server.connections.append(transport)

    def connection_lost(self, exc):
        self.server.lost.set()

    def data_received(self, data):
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        sizes = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if end and len(body) >= sum(sizes):
            self.buffer = b""
            self.server.requests.append((head, body))
            self.server.arrived.release()
            self.tasks.append(asyncio.create_task(self.answer(self.server.reply)))

    async def answer(self, reply):
        await self.server.gate.wait()
        if reply is not None:
            self.transport.write(reply)
        if reply is None or self.server.then_close:
            self.transport.close()


@pytest.fixture
async def server():
    async with Server() as server:
        yield server


@pytest.fixture
async def wire():
    wire = Wire()
    yield wire
    await wire.aclose()


async def post(wire, server, body=b"{}", *, read=5.0):
    request = httpx.Request(
        "POST", server.url + "/cgi-bin/x?a=1", content=body, extensions={"timeout": {"connect": 2.0, "read": read}}
    )
    return await wire.handle_async_request(request)


async def test_a_request_arrives_whole_and_its_answer_comes_back(wire, server):
    response = await post(wire, server, "你好".encode())
    head, body = server.requests[0]
    assert head.startswith(b"POST /cgi-bin/x?a=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert body == "你好".encode()
    assert (response.status_code, await response.aread()) == (200, b"ok")


async def test_a_connection_is_used_again(wire, server):
    for _ in range(5):
        await post(wire, server)
    assert len(server.connections) == 1


async def test_calls_at_once_have_a_connection_each_and_share_them_later(wire, server):
    server.gate.clear()
    tasks = [asyncio.create_task(post(wire, server)) for _ in range(8)]
    await server.arrivals(8)
    server.gate.set()
    await asyncio.gather(*tasks)
    await asyncio.gather(*[post(wire, server) for _ in range(8)])
    assert len(server.connections) == 8


async def test_no_more_connections_than_allowed(server):
    wire = Wire(connections=2)
    await asyncio.gather(*[post(wire, server) for _ in range(10)])
    assert (len(server.connections), len(server.requests)) == (2, 10)
    await wire.aclose()


async def test_who_waits_too_long_for_a_connection_has_sent_nothing(server):
    wire = Wire(connections=1)
    server.gate.clear()
    first = asyncio.create_task(post(wire, server))
    await server.arrivals(1)
    request = httpx.Request("GET", server.url, extensions={"timeout": {"connect": 0.01}})
    with pytest.raises(httpx.PoolTimeout):
        await wire.handle_async_request(request)
    server.gate.set()
    await first
    assert len(server.requests) == 1
    await wire.aclose()


async def test_a_closed_port_is_a_failure_to_connect(wire, free_port):
    with pytest.raises(httpx.ConnectError):
        await wire.handle_async_request(httpx.Request("GET", f"http://127.0.0.1:{free_port}/"))


async def test_a_connection_lost_after_sending_is_not_a_failure_to_connect(wire, server):
    server.reply = None
    with pytest.raises(httpx.ReadError):
        await post(wire, server)
    server.reply = ANSWER
    assert (await post(wire, server)).status_code == 200


async def test_half_an_answer_is_none(wire, server):
    server.reply, server.then_close = ANSWER[:-1], True
    with pytest.raises(httpx.ReadError):
        await post(wire, server)


async def test_an_answer_that_ends_with_the_connection_is_whole(wire, server):
    server.reply, server.then_close = b"HTTP/1.1 200 OK\r\n\r\nuntil the end", True
    assert (await post(wire, server)).content == b"until the end"


async def test_garbage_is_a_protocol_error(wire, server):
    server.reply = b"garbage\r\n\r\n"
    with pytest.raises(httpx.RemoteProtocolError):
        await post(wire, server)


async def test_no_answer_in_time_ends_the_connection(wire, server):
    server.gate.clear()
    with pytest.raises(httpx.ReadTimeout):
        await post(wire, server, read=0.02)
    await asyncio.wait_for(server.lost.wait(), 2)
    server.gate.set()
    assert (await post(wire, server)).content == b"ok"
    assert len(server.connections) == 2


async def test_a_cancelled_call_leaves_no_answer_for_the_next(wire, server):
    server.gate.clear()
    server.reply = ANSWER.replace(b"ok", b"no")
    task = asyncio.create_task(post(wire, server))
    await server.arrivals(1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    server.reply = ANSWER
    server.gate.set()
    assert [(await post(wire, server)).content for _ in range(2)] == [b"ok", b"ok"]


async def test_a_connection_that_rested_too_long_is_not_trusted(server):
    wire = Wire(idle=0.0)
    await post(wire, server)
    await asyncio.sleep(0.002)
    await post(wire, server)
    assert len(server.connections) == 2
    await wire.aclose()


async def test_a_connection_that_the_other_side_closed_is_forgotten(wire, server):
    server.then_close = True
    for _ in range(3):
        await post(wire, server)
        await asyncio.sleep(0.01)
    assert len(server.connections) == 3


async def test_a_connection_is_given_up_when_the_other_side_says_so(wire, server):
    server.reply = ANSWER.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    for _ in range(2):
        assert (await post(wire, server)).content == b"ok"
    assert len(server.connections) == 2


async def test_a_client_uses_the_wire_without_detours(make_client, server):
    transport = default_transport()
    grant = b'{"access_token":"T","expires_in":7200}'
    server.reply = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(grant), grant)
    client = make_client(transport=transport, api_base=server.url + "/wecom/")
    await client.welcomes.send("code", "您好")
    (_, _), (head, body) = server.requests
    assert head.startswith(b"POST /wecom/cgi-bin/externalcontact/send_welcome_msg?access_token=T HTTP/1.1\r\n")
    assert b"\r\nContent-Type: application/json\r\n" in head
    assert "您好".encode() in body
    await transport.aclose()


async def test_both_ways_to_exchange_send_the_same(server):
    out = Outgoing("POST", "x/y?access_token=T&n=%E4%BD%A0", b"{}", "application/json", 2.0)
    wire, stock = Wire(), httpx.AsyncHTTPTransport()
    for transport in (wire, stock):
        answer = await connect(transport, server.url)(out)
        assert (answer.status, answer.body) == (200, b"ok")
        await transport.aclose()
    ours, theirs = ([line.lower() for line in head.split(b"\r\n") if line] for head, _ in server.requests)
    assert ours[0] == theirs[0]
    assert set(ours) <= set(theirs)
