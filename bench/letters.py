"""Callbacks sealed before the clock runs, each of another customer."""

import asyncio
import time
from urllib.parse import urlencode

from wecom.crypto import Cipher

CORP = "ww7c1e5a90b3d2f486"
APP = "crm"
TOKEN = "QDG6eKoVfZPwT2nBcYrH"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
PATH = f"/callback/{CORP}/{APP}"

_ADDED = """<xml><ToUserName><![CDATA[{corp}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>\
<CreateTime>{at}</CreateTime><MsgType><![CDATA[event]]></MsgType>\
<Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[add_external_contact]]></ChangeType>\
<UserID><![CDATA[chen.yu]]></UserID><ExternalUserID><![CDATA[wm{number:030d}]]></ExternalUserID>\
<State><![CDATA[c1234567890123]]></State><WelcomeCode><![CDATA[wlc{number:040d}]]></WelcomeCode></xml>"""


def plain(number: int) -> bytes:
    """An add as WeCom tells it."""
    return _ADDED.format(corp=CORP, at=int(time.time()), number=number).encode()


def envelope(number: int, cipher: Cipher) -> tuple[dict[str, str], bytes]:
    """The query and the body of one callback."""
    at = str(int(time.time()))
    sealed = cipher.seal(plain(number), timestamp=at, nonce=str(number))
    query = {"msg_signature": sealed.signature, "timestamp": at, "nonce": str(number)}
    body = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt>"
        "<AgentID><![CDATA[1000002]]></AgentID></xml>"
    )
    return query, body.encode()


def requests(first: int, count: int) -> list[bytes]:
    """Whole HTTP requests, of customers `first` and following."""
    cipher = Cipher(TOKEN, KEY, CORP)
    made = []
    for number in range(first, first + count):
        query, body = envelope(number, cipher)
        head = (
            f"POST {PATH}?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


async def write(first: int, count: int) -> list[bytes]:
    """The same without holding up the loop."""
    return await asyncio.to_thread(requests, first, count)
