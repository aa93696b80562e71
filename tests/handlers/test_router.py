"""The table of reactions is read once, at the start, and what is missing stops it there."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from handlers.links import Links
from handlers.reader import Reader
from handlers.router import DEFAULT_DEADLINE, Router, WiringError
from sop.events import Settled
from sop.intents import MarkTags, SendWelcome
from storage.store import Store
from wecom.events import ContactAdded, ContactEdited


async def greet(event: ContactAdded, store: Store) -> None:
    """A reaction."""


async def note(event: ContactAdded, store: Store, links: Links) -> None:
    """Another."""


def test_every_matching_reaction_is_found_in_order():
    router = Router()
    router.on(ContactAdded, ContactEdited)(greet)
    router.on(ContactAdded)(note)
    assert [row.name for row in router.reactions("contact_added")] == [
        "handlers.test_router.greet",
        "handlers.test_router.note",
    ]
    assert [row.name for row in router.reactions("contact_edited")] == ["handlers.test_router.greet"]
    assert router.reactions("group_created") == ()
    assert router.reactions("contact_added")[1].needs == (Store, Links)


def test_the_nearest_deadline_of_an_event_counts():
    router = Router()
    router.on(ContactAdded)(note)
    assert router.deadline("contact_added") == DEFAULT_DEADLINE
    router.on(ContactAdded, deadline=timedelta(seconds=20))(greet)
    assert router.deadline("contact_added") == timedelta(seconds=20)


def test_the_end_of_an_intent_is_routed_by_its_kind():
    router = Router()

    async def marked(event: Settled) -> None:
        """A reaction."""

    router.on(Settled, of=MarkTags)(marked)
    assert [row.name for row in router.reactions(f"settled:{MarkTags.kind}")] == ["handlers.test_router.marked"]
    assert router.reactions(f"settled:{SendWelcome.kind}") == ()


def test_a_missing_collaborator_stops_the_start_and_is_named():
    router = Router()

    async def ask(event: ContactAdded, reader: Reader) -> None:
        """A reaction."""

    router.on(ContactAdded)(ask)
    router.check({Store, Reader})
    with pytest.raises(WiringError, match=r"test_router\.ask asks for Reader"):
        router.check({Store})


def test_a_parameter_without_a_type_is_refused():
    async def careless(event: ContactAdded, store) -> None:
        """A reaction."""

    with pytest.raises(WiringError, match="store has no type"):
        Router().on(ContactAdded)(careless)


def test_a_reaction_registered_twice_is_refused():
    router = Router()
    router.on(ContactAdded)(greet)
    router.on(ContactAdded)(greet)
    with pytest.raises(WiringError, match="twice"):
        router.check({Store})


def test_a_subject_is_included_whole():
    subject, router = Router(), Router()
    subject.on(ContactAdded)(greet)
    router.include(SimpleNamespace(router=subject))
    assert [row.name for row in router.reactions("contact_added")] == ["handlers.test_router.greet"]
