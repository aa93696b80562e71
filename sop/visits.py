"""The page of a code: its short address, and who counts as a visitor."""

import re

from sop.channels import PREFIX

_SLUG = re.compile(r"[0-9a-z]{1,13}")
# Programs say so in their name; what fetches a link only to show a preview of it is no visit.
_MACHINES = re.compile(
    r"bot\b|crawl|spider|slurp|preview|prefetch|facebookexternalhit|whatsapp|telegram|slack|twitter|discord|embedly"
    r"|headless|lighthouse|pingdom|uptime|monitor|curl|wget|httpx|aiohttp|okhttp|python|java/|go-http|libwww|scrapy",
    re.IGNORECASE,
)


def slug(state: str) -> str:
    """The short address of the channel with this state."""
    return state.removeprefix(PREFIX)


def state_of(code: str) -> str:
    """The state behind a short address; "" for what can be none."""
    return PREFIX + code if _SLUG.fullmatch(code) else ""


def is_person(agent: str, purpose: str = "") -> bool:
    """Whether a person looks, by the headers User-Agent and Sec-Purpose (or Purpose)."""
    return bool(agent) and not _MACHINES.search(agent) and "prefetch" not in purpose.lower()
