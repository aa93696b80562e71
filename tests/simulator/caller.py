"""An app as the virtual WeCom sees it: its calls, and what it makes of callbacks."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

import msgspec

from simulator import Callback, Simulator
from simulator.api.call import Request, Response
from simulator.world.contacts import Relation
from simulator.world.corp import App, Corp

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
BOUNDARY = "b0undary"


class Caller:
    """Calls endpoints with one app's token and returns the JSON."""

    def __init__(self, sim: Simulator, corp: Corp, app: App) -> None:
        self.sim, self.corp, self.app = sim, corp, app
        self.token = self.send("GET", "gettoken", corpid=corp.id, corpsecret=app.secret)["access_token"]

    def request(self, method: str, path: str, body: bytes = b"", **query: str) -> Request:
        return Request(method, f"/cgi-bin/{path}", query, body)

    def respond(self, request: Request) -> Response:
        return self.sim.platform.answer(request)

    def send(self, method: str, path: str, body: bytes = b"", **query: str) -> dict:
        return msgspec.json.decode(self.respond(self.request(method, path, body, **query)).body)

    def get(self, path: str, **query: str) -> dict:
        return self.send("GET", path, access_token=self.token, **query)

    def post(self, path: str, body: Mapping[str, object] | None = None, **fields: object) -> dict:
        return self.send("POST", path, msgspec.json.encode({**(body or {}), **fields}), access_token=self.token)

    def upload(self, path: str, content: bytes = PNG, *, name: str = 'filename="a.png"', **query: str) -> dict:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="media"; {name}\r\n\r\n'
        body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        query["access_token"] = self.token
        response = self.respond(Request("POST", f"/cgi-bin/{path}", query, body, headers))
        return msgspec.json.decode(response.body)

    def media(self, kind: str = "image", content: bytes = PNG) -> str:
        return self.upload("media/upload", content, type=kind)["media_id"]

    def way(self, *users: str, state: str = "door", **fields: object) -> str:
        """Create a contact way and return its config_id."""
        body = {"type": 2, "scene": 2, "state": state, "user": list(users or ("chen.yu",))}
        answer = self.post("externalcontact/add_contact_way", {**body, **fields})
        assert answer["errcode"] == 0, answer
        return answer["config_id"]

    def friend(self, userid: str = "chen.yu") -> Relation:
        """Let a customer add a member, and return the relation."""
        from simulator.actions.customers import add

        return add(self.sim.world, self.corp, userid=userid)


def read(callback: Callback) -> dict[str, str]:
    """Return the top-level elements of a callback's plaintext."""
    return {one.tag: one.text or "" for one in ET.fromstring(callback.plain)}
