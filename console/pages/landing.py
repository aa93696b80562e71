"""The public page of a code, `/c/{code}`: it shows WeCom's code on a phone, and counts who looks."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from aiohttp import web

from console.api.auth import Throttle
from console.api.call import Console, Corp
from console.api.origin import trace
from console.api.problem import Problem
from console.api.words import Language, choose
from console.pages import fetching, page
from console.pages.page import Notice
from console.pages.visits import Counter
from sop import visits
from sop.groups import codes as groupcodes
from storage.channels import Channel, Channels
from storage.errors import StorageError
from storage.groups.codes import GroupCode, GroupCodes
from storage.pictures import Picture
from storage.scope import Scope

FRESH = timedelta(seconds=5)  # how long a change of a channel may go unnoticed here
_MOST_CARDS = 10_000
_MOST_PICTURES = 200
_COOKIE = "seen-"  # and the code
_ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Vary": "Accept-Language"}
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Card:
    """What was known of a code at a moment."""

    corp: Corp
    channel: Channel | GroupCode
    at: datetime

    @property
    def notice(self) -> Notice | None:
        """Why there is nothing to be shown, if there is not."""
        if self.channel.status in {"deleting", "deleted"} or any(end <= self.at for end in self.ends):
            return page.GONE
        return None if self.channel.qr_code else page.SOON

    @property
    def ends(self) -> list[datetime]:
        """When its code is no longer to be scanned: by our doing, or by WeCom's."""
        channel = self.channel
        if isinstance(channel, GroupCode):
            return []
        found = [channel.expires_at] if channel.expires_at else []
        return [*found, channel.created_at + timedelta(seconds=channel.temporary)] if channel.temporary else found


async def find_channel(scope: Scope, code: str) -> Channel | None:
    """The channel behind a short address."""
    return await Channels(scope, _announce_nothing).by_state(visits.state_of(code))


async def find_group_code(scope: Scope, code: str) -> GroupCode | None:
    """The group code behind a short address."""
    return await GroupCodes(scope, _announce_nothing).by_state(groupcodes.state_of(code))


@dataclass(slots=True)
class Landing:
    """The pages of all codes. Addresses that guess are slowed down, but not for codes that somebody has opened."""

    console: Console
    counter: Counter
    find: Callable[[Scope, str], Awaitable[Channel | GroupCode | None]] = find_channel
    _cards: dict[str, Card] = field(default_factory=dict)
    _pictures: dict[str, Picture] = field(default_factory=dict)  # by their address at WeCom
    _throttle: Throttle = field(default_factory=Throttle)

    async def show(self, request: web.Request) -> web.Response:
        """GET and HEAD of a page; only a person's GET is a visit."""
        return await self._answer(request, self._page)

    async def picture(self, request: web.Request) -> web.Response:
        """GET and HEAD of the picture that the page shows."""
        return await self._answer(request, self._picture)

    async def _answer(
        self, request: web.Request, show: Callable[[web.Request, Card, Language], Awaitable[web.Response]]
    ) -> web.Response:
        language = choose(request.headers.get("Accept-Language", ""))
        try:
            card = await self._find(request)
            if isinstance(card, Notice) or card.notice:
                return _tell(card if isinstance(card, Notice) else card.notice or page.GONE, language)
            return await show(request, card, language)
        except (StorageError, Problem) as error:
            log.warning("page_not_shown", error=type(error).__name__)
            return _tell(page.SOON, language)

    async def _find(self, request: web.Request) -> Card | Notice:
        """The code that is asked for; looked up at most once in `FRESH`."""
        code, now = request.match_info["code"], self.console.clock()
        known = self._cards.get(code)
        if known is not None and now < known.at + FRESH:
            return known
        address = trace(request)
        if known is None and self._throttle.wait(address, now) > timedelta(0):
            return page.SLOWLY
        card = await self._look_up(code, now)
        if card is None:
            self._throttle.fail(address, now)
            return page.UNKNOWN
        if len(self._cards) >= _MOST_CARDS:
            self._cards.clear()
        self._cards[code] = card
        return card

    async def _look_up(self, code: str, now: datetime) -> Card | None:
        for corp in self.console.corps:
            found = await self.find(self._scope(corp), code)
            if found is not None:
                return Card(corp, found, now)
        return None

    async def _page(self, request: web.Request, card: Card, language: Language) -> web.Response:
        text = page.show(
            name=card.channel.name,
            corp=card.corp.name,
            picture=f"{request.match_info['code']}/picture",
            language=language,
            group=isinstance(card.channel, GroupCode),
        )
        response = _send(200, text, language, {"Cache-Control": "no-store"})
        agent = request.headers.get("User-Agent", "")
        purpose = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
        if request.method == "GET" and visits.is_person(agent, purpose):
            self._count(request, response, card)
        return response

    def _count(self, request: web.Request, response: web.Response, card: Card) -> None:
        """Count a visit. The cookie holds the day and nothing else: no visitor can be told from another by it."""
        today = self.console.clock().astimezone(card.corp.zone).date()
        cookie = _COOKIE + request.match_info["code"]
        first = request.cookies.get(cookie) != today.isoformat()
        self.counter.count(card.corp.id, card.channel.id, today, first=first)
        if first:
            response.set_cookie(
                cookie,
                today.isoformat(),
                path="",  # that of the page, as the browser sees it
                max_age=24 * 3600,
                httponly=True,
                samesite="Lax",
            )

    async def _picture(self, request: web.Request, card: Card, _language: Language) -> web.Response:
        picture = await self._obtain(card)
        tag = f'"{hashlib.sha256(picture.content).hexdigest()[:32]}"'
        headers = {**_ALWAYS, "Cache-Control": "public, max-age=3600", "ETag": tag}
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        return web.Response(body=picture.content, content_type=picture.media_type, headers=headers)

    async def _obtain(self, card: Card) -> Picture:
        """WeCom's picture, kept here, so that neither it nor the database is asked each time."""
        url = card.channel.qr_code
        if url not in self._pictures:
            scope = self._scope(card.corp)
            picture = await fetching.obtain(scope, url, inside=self.console.inside)
            if scope.unit.steps:
                await self.console.database.commit(scope.unit)
            if len(self._pictures) >= _MOST_PICTURES:
                self._pictures.clear()
            self._pictures[url] = picture
        return self._pictures[url]

    def _scope(self, corp: Corp) -> Scope:
        console = self.console
        return Scope(database=console.database, corp_id=corp.id, app=corp.app, now=console.clock(), handler="console")


def _announce_nothing(event: object) -> int:
    raise AssertionError(f"a page changes nothing, so there is no {event}")


def _tell(notice: Notice, language: Language) -> web.Response:
    return _send(notice.status, page.tell(notice, language), language, {"Cache-Control": "no-store"})


def _send(status: int, text: str, language: Language, headers: Mapping[str, str]) -> web.Response:
    headers = {**_ALWAYS, "Content-Security-Policy": page.POLICY, "Content-Language": language, **headers}
    return web.Response(status=status, text=text, content_type="text/html", charset="utf-8", headers=headers)
