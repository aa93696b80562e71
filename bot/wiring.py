"""Who gets what: every handler of the program, and what it is given, on one screen."""

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import console
from bot.config import Config
from bot.facts import Unreadable
from bot.performers import Tools
from bot.trials.apart import apart
from bot.visits import Equip, Equipment
from handlers import (
    acquisition,
    broadcasts,
    channels,
    customers,
    daycounts,
    deliveries,
    directory,
    feed,
    fields,
    flows,
    groups,
    intercepts,
    jobs,
    materials,
    messages,
    moments,
    prompts,
    quotas,
    remarks,
    removals,
    segments,
    sync,
    tags,
    tasks,
    transfers,
    upkeep,
    webhooks,
    welcomes,
)
from handlers.links import Links
from handlers.reader import Reader
from handlers.router import Router
from storage.database import Database
from storage.store import Store
from wecom.calls import BACKGROUND

_HERE = {"localhost", "127.0.0.1", "::1"}
SUBJECTS = (
    acquisition,
    broadcasts,
    channels,
    customers,
    daycounts,
    deliveries,
    directory,
    feed,
    fields,
    flows,
    groups,
    intercepts,
    jobs,
    materials,
    messages,
    moments,
    prompts,
    quotas,
    remarks,
    removals,
    segments,
    sync,
    tags,
    tasks,
    transfers,
    upkeep,
    webhooks,
    welcomes,
)


def reactions() -> Router:
    """The table of all reactions, subject by subject."""
    router = Router()
    router.include(*SUBJECTS)
    router.check({Store, Reader, Links})
    return router


def equip(tools: Mapping[tuple[str, str], Tools], links: Links) -> Equip:
    """How each collaborator that a handler may name is made; a Reader lives as long as one event."""
    patient = {place: tool.client.at(BACKGROUND) for place, tool in tools.items()}

    def equip_for(corp_id: str, app: str) -> Equipment:
        if (corp_id, app) not in tools:
            raise Unreadable(f"app {app!r} of corp {corp_id!r} is not in the config any more")
        reader = Reader(tools[corp_id, app].client, patient[corp_id, app])
        return {Store: lambda store: store, Reader: lambda _: reader, Links: lambda _: links}

    return equip_for


def is_inside(config: Config) -> bool:
    """Whether WeCom itself is on this machine, as in tests and the demo: then others may be, too."""
    return urlsplit(config.wecom.api_base).hostname in _HERE


def offer(
    config: Config, database: Database, router: Router, *, clock: Callable[[], datetime], wake: Callable[[], None]
) -> console.Console:
    """What the API stands on."""
    corps = [
        console.Corp(id=corp.id, name=corp.name, app=corp.apps[0].name, zone=ZoneInfo(corp.zone))
        for corp in config.corps
    ]
    return console.Console(
        database=database,
        corps=corps,
        clock=clock,
        wake=wake,
        reactions={kind: [row.name for row in rows] for kind, rows in router.table.items()},
        public_url=config.server.public_url,
        font=config.pictures.font,
        inside=is_inside(config),
        trial=apart(config.database.url),
    )
