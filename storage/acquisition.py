"""Acquisition links: what operators want, what WeCom has of it, and what is on its way there."""

from dataclasses import dataclass

from sop import acquisition
from sop.acquisition import Draft
from sop.events import LinkChanged
from storage.engine.sql import Statement
from storage.twins import Twin, Twins
from storage.values import new_id

_AVAILABLE = Statement("UPDATE acquisition_links SET available = :available WHERE corp_id = :corp_id AND id = :id")


@dataclass(frozen=True, kw_only=True)
class Link(Draft, Twin):
    """A link; `link_id` and `url` are empty until WeCom has made it, and `available` while somebody can be added."""

    link_id: str = ""
    url: str = ""
    available: bool = True


class Links(Twins[Link, Draft]):
    """The acquisition links of a corp."""

    table = "acquisition_links"
    kind = Link
    made = ("link_id", "url")
    more = ("available",)
    changed = LinkChanged
    rules = staticmethod(acquisition.check)

    async def by_state(self, state: str) -> Link | None:
        """The link of an address of ours, deleted ones too."""
        origin = acquisition.read_state(state)
        return await self.get(origin.link) if origin else None

    async def describe(self, state: str) -> str:
        """By which link and from which source somebody came, in words; nothing for any other way."""
        origin, link = acquisition.read_state(state), await self.by_state(state)
        return " · ".join(filter(None, (link.name, origin.source))) if origin and link else ""

    def adopt(self, draft: Draft, *, link_id: str, url: str) -> int:
        """Take in a link that our app has made and that we know nothing of; its id here."""
        row = new_id()
        self._insert(row, draft, status="live", link_id=link_id, url=url)
        return row

    def mark(self, row: int, *, available: bool) -> None:
        """Store whether anybody behind a link can add customers."""
        self._scope.write(_AVAILABLE, id=row, available=available)
