"""An operator: a client of the API and nothing more."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

_LOOK_SECONDS = 0.2  # between two looks at whether something has come about
_PATIENCE = 60.0
_PAGE = 100


class Refused(RuntimeError):
    """The API did not take a request on; says which, and why."""


class Operator:
    """Writes and reads under `/api/v1`; raises `Refused`."""

    def __init__(self, base: str, token: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{base}/api/v1", headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Look at something."""
        return _read(await self._client.get(path, params=query))

    async def list(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        page = await self.get(path, limit=_PAGE, **query)
        found = list(page["items"])
        while page["next"]:
            page = await self.get(path, limit=_PAGE, after=page["next"], **query)
            found += page["items"]
        return found

    async def post(self, path: str, body: dict[str, Any], **query: Any) -> dict[str, Any]:
        """Make something, or have something done."""
        return _read(await self._client.post(path, json=body, params=query))

    async def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Change something."""
        return _read(await self._client.patch(path, json=body))

    async def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Write something whole."""
        return _read(await self._client.put(path, json=body))

    async def make(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make something that WeCom makes a moment later, and wait until it is there."""
        made = await self.post(path, body)
        return await self.until(f"{path}/{made['id']}", lambda seen: seen["status"] == "live")

    async def until(self, path: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Look at something until it is as it should be."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _PATIENCE
        while not fits(seen := await self.get(path)):
            if loop.time() > end:
                raise Refused(f"{path} is still {seen.get('status')}: {seen.get('reason')}")
            await asyncio.sleep(_LOOK_SECONDS)
        return seen


def _read(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        raise Refused(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    found: dict[str, Any] = answer.json()
    return found
