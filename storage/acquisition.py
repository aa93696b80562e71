"""Acquisition links: what operators want, what WeCom has of it, and what is on its way there."""

from dataclasses import dataclass, fields
from typing import Any

from sop import acquisition
from sop.acquisition import Draft
from sop.errors import Invalid
from sop.events import LinkChanged
from storage.sql import Statement
from storage.twins import Twin, Twins

_WANTED = tuple(field.name for field in fields(Draft))
_AVAILABLE = Statement("UPDATE acquisition_links SET available = :available WHERE corp_id = :corp_id AND id = :id")


@dataclass(frozen=True, kw_only=True)
class Link(Draft, Twin):
    """A link; `link_id` and `url` are empty until WeCom has made it, and `available` while somebody can be added."""

    link_id: str = ""
    url: str = ""
    available: bool = True


class Links(Twins[Link]):
    """The acquisition links of a corp."""

    table = "acquisition_links"
    wanted = _WANTED
    made = ("link_id", "url")
    more = ("available",)
    kind = Link

    async def by_state(self, state: str) -> Link | None:
        """The link of an address of ours, deleted ones too."""
        origin = acquisition.read_state(state)
        return await self.get(origin.link) if origin else None

    async def describe(self, state: str) -> str:
        """By which link and from which source somebody came, in words; nothing for any other way."""
        origin, link = acquisition.read_state(state), await self.by_state(state)
        return " · ".join(filter(None, (link.name, origin.source))) if origin and link else ""

    def add(self, draft: Draft) -> Link:
        """Want a new link; WeCom is told after the commit. Raises `Invalid`."""
        _check(draft)
        row = self._insert(_plain(draft), status="pending")
        self.converge(row, 1)
        return Link(**_plain(draft), id=row, created_at=self._scope.now, changed_at=self._scope.now)

    def adopt(self, draft: Draft, *, link_id: str, url: str) -> int:
        """Take in a link that our app has made and that we know nothing of; its id here."""
        return self._insert(_plain(draft), status="live", link_id=link_id, url=url)

    def change(self, link: Link, draft: Draft) -> None:
        """Want a link otherwise. Raises `Invalid`, and at commit `LostLease` if it is no longer this version."""
        _check(draft)
        self._replace(link, _plain(draft))

    def mark(self, row: int, *, available: bool) -> None:
        """Store whether anybody behind a link can add customers."""
        self._scope.write(_AVAILABLE, id=row, available=available)

    def converge(self, row: int, version: int) -> None:
        """Have WeCom brought in step, after the commit."""
        self._announce(LinkChanged(corp_id=self._scope.corp_id, at=self._scope.now, row=row, version=version))


def _check(draft: Draft) -> None:
    if found := acquisition.check(draft):
        raise Invalid(found)


def _plain(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in _WANTED}
