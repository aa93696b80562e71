"""Flows at random: with branches, arms, jumps, circles through waits, and everything that ends a way."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from sop.flows import document
from tests.sop.flowing import say, wait

VIP = {"tag": ["vip"]}
NAMES = tuple("abcdefgh")


@st.composite
def flows(draw: st.DrawFn, *, least: int = 1) -> document.Flow:
    """A flow without faults: what takes no time leads ahead, what does (and a jump) may lead back."""
    chosen = draw(st.lists(st.sampled_from(NAMES), min_size=least, max_size=len(NAMES), unique=True))
    nodes = {name: draw(_node(name, chosen[at + 1 :], chosen)) for at, name in enumerate(chosen)}
    return document.parse({"name": "x", "start": chosen[0], "nodes": nodes, "late": "PT12H"})


@st.composite
def _node(draw: st.DrawFn, name: str, ahead: list[str], all_: list[str]) -> dict[str, Any]:
    on, anywhere = st.sampled_from([*ahead, ""]), st.sampled_from([*all_, ""])
    go, aside, back, timeout = draw(on), draw(on), draw(anywhere), draw(anywhere)
    number = draw(st.integers(1, 3))
    arms = [{"name": "x", "next": go}, {"name": "y", "next": aside}, {"name": "z", "holdout": True}]
    until = {"at": "10:00:00", "days": number - 1}
    event = {"event": draw(st.sampled_from(["paid", "seen"]))}
    kinds = (
        say(name, next=go),
        say(name, skipped=aside, next=go),
        wait(f"P{number}D", next=back),
        {"kind": "wait", "until": until, "next": back},
        {"kind": "wait", "event": event, "within": "P2D", "timeout": timeout, "next": back},
        {"kind": "wait", "condition": VIP, "within": "P2D", "timeout": timeout, "next": back},
        {"kind": "branch", "cases": [{"name": "vip", "if": VIP, "next": aside}], "next": go},
        {"kind": "split", "salt": name, "arms": arms},
        {"kind": "jump", "to": draw(st.sampled_from(all_)), "most": number, "next": go},
        {"kind": "tag", "add": [name], "next": go},
        {"kind": "goal", "next": go},
        {"kind": "exit"},
    )
    return draw(st.sampled_from(kinds))


def line(*names: str) -> document.Flow:
    """Waits that follow each other."""
    following = dict(pairwise(names))
    nodes = {name: wait("P1D", next=following.get(name, "")) for name in names}
    return document.parse({"name": "x", "start": names[0], "nodes": nodes})
