"""Webhooks: the addresses of other systems that are told of things."""

import secrets
from dataclasses import replace

from sop import webhooks as rules
from sop.webhooks import Draft, Webhook
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, new_id

_SECRET_BYTES = 32
_COLUMNS = ("id", "name", "url", "secret", "enabled")
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM webhooks WHERE corp_id = :corp_id"
_GET = Statement(f"{_SELECT} AND id = :id")
_PAGE = Statement(f"{_SELECT} AND id < :before ORDER BY id DESC LIMIT :most")
_ADD = insert("webhooks", ("corp_id", *_COLUMNS, "created_at", "changed_at"))
_CHANGE = Statement("""
    UPDATE webhooks SET name = :name, url = :url, secret = :secret, enabled = :enabled, changed_at = :changed_at
    WHERE corp_id = :corp_id AND id = :id
""")
_REMOVE = Statement("DELETE FROM webhooks WHERE corp_id = :corp_id AND id = :id")


class Webhooks:
    """The webhooks of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, webhook_id: int) -> Webhook | None:
        """One webhook."""
        found = await self._scope.read(_GET, _webhook, id=webhook_id)
        return found[0] if found else None

    async def page(self, *, before: int = FOREVER, most: int = 50) -> tuple[Webhook, ...]:
        """Webhooks, the newest first; `before` is the id of the last one of the page before."""
        return tuple(_webhook(row) for row in await self._scope.fetch(_PAGE, before=before, most=most))

    def add(self, draft: Draft) -> Webhook:
        """Store a new webhook, with a secret of its own."""
        webhook = Webhook(id=new_id(), name=draft.name, url=draft.url, enabled=draft.enabled, secret=_make())
        self._scope.write(_ADD, **_row(webhook), created_at=self._scope.at, changed_at=self._scope.at)
        return webhook

    def change(self, webhook: Webhook, draft: Draft) -> Webhook:
        """Have a webhook be otherwise."""
        return self._put(replace(webhook, name=draft.name, url=draft.url, enabled=draft.enabled))

    def renew(self, webhook: Webhook) -> Webhook:
        """Give a webhook another secret; the old one is good for nothing from now on."""
        return self._put(replace(webhook, secret=_make()))

    def remove(self, webhook_id: int) -> None:
        """Forget a webhook; what was to be told to it is refused."""
        self._scope.write(_REMOVE, id=webhook_id)

    def _put(self, webhook: Webhook) -> Webhook:
        self._scope.write(_CHANGE, **_row(webhook), changed_at=self._scope.at)
        return webhook


def _make() -> str:
    return rules.dress(secrets.token_bytes(_SECRET_BYTES))


def _row(webhook: Webhook) -> dict[str, object]:
    return {name: getattr(webhook, name) for name in _COLUMNS}


def _webhook(row: Row) -> Webhook:
    return Webhook(id=row["id"], name=row["name"], url=row["url"], secret=row["secret"], enabled=bool(row["enabled"]))
