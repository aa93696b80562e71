"""The document that describes the API, and the running API held against it by schemathesis."""

import asyncio
import copy
import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

import console
from console.auth import RECOVERY
from console.call import Console
from console.openapi import describe
from console.site import collect
from sop.channels import Draft as Channel
from sop.followups import Action
from sop.followups import Draft as Followup
from sop.greeting import Draft as Welcome
from sop.groupcodes import Draft as GroupCode
from sop.groupwelcomes import Draft as GroupWelcome
from sop.invitations import Draft as GroupInvitation
from sop.tagrules import Draft as TagRule
from sop.takers import Taker
from sop.transfers import Draft as Transfer
from storage.candidates import Which
from storage.database import connect
from storage.grouplists import GroupLists
from storage.scope import Scope
from storage.store import Store
from storage.tokens import Tokens
from tests.console import people
from tests.console.conftest import CORP, NOW, REP

DOCUMENT = describe(collect(), "1")
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.ignored_auth,
    checks.unsupported_method,
]  # not positive_data_acceptance: what no schema can say (bytes, things that exist) is refused as well
BOUNDED = settings(
    max_examples=2,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Served(threading.Thread):
    """The API over a database with a few rows, in a thread of its own; `ids` are of things that exist."""

    def __init__(self, url: str, corps: tuple[console.Corp, ...]) -> None:
        super().__init__()
        self.url, self.corps = url, corps
        self.ready = threading.Event()

    def run(self) -> None:
        asyncio.run(self.serve())

    async def serve(self) -> None:
        self.loop, self.bell = asyncio.get_running_loop(), asyncio.Event()
        database = connect(self.url)
        await database.open()
        self.ids = await fill(Store(Scope(database=database, corp_id=CORP, app="crm", now=NOW)))
        self.token = await Tokens(database).create("admin", name="test", now=NOW)
        steps = count()
        app = web.Application()
        clock = lambda: NOW + RECOVERY * next(steps)  # noqa: E731  # so that the failures meant here slow nobody
        console.attach(app, Console(database=database, corps=self.corps, clock=clock, reactions={}))
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self.ready.set()
        await self.bell.wait()
        await runner.cleanup()
        await database.close()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.bell.set)
        self.join()


async def fill(store: Store) -> dict[str, str]:
    people.add_staff(store, REP)
    people.add_tags(store)
    people.add_customer(store, "wm1", name="王小明")
    await people.relate(store, "wm1", REP)
    intent = people.greet(store, "wm1", REP)
    channel = store.channels.add(Channel(name="a", staff=(REP,)))
    folder = store.folders.add("a")
    welcome = store.welcomes.add(Welcome(name="a", scope_kind="corp", text="a"))
    followup = store.followups.add(Followup(name="a", after=RECOVERY * 100, action=Action(kind="prompt", text="a")))
    task = store.tasks.add("greet", REP, text="", effect="1", due_at=NOW)
    people.add_group(store, "wr1", REP)
    group_tag = GroupLists(store.scope).add_tag("a")
    draft = Transfer(handover=REP, takers=(Taker(user_id="lin.qiao"),))
    transfer = store.transfers.add(draft, which=Which())
    group_code = store.groupcodes.add(GroupCode(name="a", groups=("wr1",)))
    invitation = store.invitations.add(GroupInvitation(name="a", codes=(group_code.id,)))
    group_welcome = store.groupwelcomes.add(GroupWelcome(name="a", text="a"))
    rule = store.tags.rules.add(TagRule(name="a", tag_id="et1", condition={"lost": True}))
    await store.commit()
    ids = {"intent_id": intent, "channel_id": channel.id, "welcome_id": welcome.id, "followup_id": followup.id}
    ids |= {"folder_id": folder.id, "transfer_id": transfer.id}
    return {name: str(each) for name, each in ids.items()} | {
        "task_id": str(task),
        "external_user_id": "wm1",
        "tag_id": "et1",
        "rule_id": str(rule.id),
        "user_id": REP,
        "chat_id": "wr1",
        "group_tag_id": str(group_tag.id),
        "group_invitation_id": str(invitation.id),
        "group_code_id": str(group_code.id),
        "group_welcome_id": str(group_welcome.id),
    }


@pytest.fixture
def backend() -> str:
    """The stricter of the two stores."""
    return "postgresql"


@pytest.fixture
def served(migrated_url: str, corps: tuple[console.Corp, ...]) -> Iterator[Served]:
    thread = Served(migrated_url, corps)
    thread.start()
    assert thread.ready.wait(30)
    yield thread
    thread.stop()


NEEDING_STATE = {"corp", "after", "Idempotency-Key"}  # parameters that only make sense with what was answered before


def about(ids: dict[str, str]) -> dict[str, Any]:
    """The document, narrowed to things that exist, so that most requests get further than a 404."""
    document = copy.deepcopy(DOCUMENT)
    for path in document["paths"].values():
        for operation in path.values():
            operation["parameters"] = [each for each in operation["parameters"] if each["name"] not in NEEDING_STATE]
            for parameter in operation["parameters"]:
                if parameter["in"] == "path" and parameter["name"] in ids:
                    parameter["schema"] = {"type": "string", "enum": [ids[parameter["name"]]]}
    return document


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_api_does_what_its_document_says(served, mode):
    headers = {"Authorization": f"Bearer {served.token}"}

    def ask(case):
        case.call_and_validate(base_url=served.address, headers=headers, checks=CHECKS)

    document = about(served.ids)
    if mode is GenerationMode.NEGATIVE:
        del document["security"]  # the token sent is good, whatever else is wrong
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        definition = operation.definition.raw
        if mode is GenerationMode.NEGATIVE and not definition["parameters"] and "requestBody" not in definition:
            continue  # a request that cannot be wrong
        BOUNDED(given(case=operation.as_strategy(generation_mode=mode))(ask))()


def test_the_document_is_valid_and_complete():
    schemas = DOCUMENT["components"]["schemas"]
    for name, schema in schemas.items():
        jsonschema_rs.validator_for({**schema, "components": {"schemas": schemas}})
        assert name == "Problem" or name.startswith("Page_") or schema["description"], name
    operations = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]
    assert len(operations) == len(list(collect()))
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert " · " in operation["summary"]
        assert {"401", "403", "429", "503"} <= set(operation["responses"])
    references = str(DOCUMENT).split("#/components/schemas/")[1:]
    assert {reference.split("'")[0] for reference in references} <= set(schemas)


async def test_the_document_is_there_for_everyone(site):
    response = await site.client.get("/api/openapi.json")
    assert response.status == 200
    assert (await response.json())["openapi"] == "3.1.0"
    assert (await site.client.get("/api/other")).status == 404
