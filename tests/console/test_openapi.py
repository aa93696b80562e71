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
from console.api.auth import RECOVERY
from console.api.call import Console
from console.api.openapi import describe
from console.site import collect
from storage.database import connect
from storage.scope import Scope
from storage.store import Store
from storage.tokens import Tokens
from tests.console import world
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
        self.ids = await world.fill(Store(Scope(database=database, corp_id=CORP, app="crm", now=NOW)), world.Part(REP))
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
    document["components"]["schemas"]["Marks"]["properties"]["user_id"]["enum"] = [ids["user_id"]]
    for path in document["paths"].values():
        for operation in path.values():
            operation["parameters"] = [each for each in operation["parameters"] if each["name"] not in NEEDING_STATE]
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    found = world.name(ids, operation["operationId"], parameter["name"])
                    parameter["schema"] = {"type": "string", "enum": [found]}
    return document


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_api_does_what_its_document_says(served, mode):
    headers = {"Authorization": f"Bearer {served.token}"}

    reached = set()

    def ask(case):
        response = case.call_and_validate(base_url=served.address, headers=headers, checks=CHECKS)
        if response.status_code != 404:
            reached.add(case.operation.label)

    document = about(served.ids)
    if mode is GenerationMode.NEGATIVE:
        del document["security"]  # the token sent is good, whatever else is wrong
    operations = [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]
    for operation in sorted(operations, key=lambda each: each.method == "delete"):
        definition = operation.definition.raw
        if mode is GenerationMode.NEGATIVE and not definition["parameters"] and "requestBody" not in definition:
            continue  # a request that cannot be wrong
        BOUNDED(given(case=operation.as_strategy(generation_mode=mode))(ask))()
        assert operation.label in reached or mode is GenerationMode.NEGATIVE  # things that exist were asked for


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
