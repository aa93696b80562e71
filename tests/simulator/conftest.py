"""A small company, and an app that calls the virtual WeCom without a network."""

import pytest

from simulator import Callback, Company, Reply, Simulator
from tests.simulator.caller import Caller


@pytest.fixture
def sim() -> Simulator:
    """A world whose time stands still."""
    return Simulator(seed=7)


@pytest.fixture
def company(sim: Simulator) -> Company:
    """The small company, its callbacks going to `inbox`."""
    return sim.found_company(callback_url="http://app.test/callback/crm")


@pytest.fixture
def crm(sim: Simulator, company: Company) -> Caller:
    """The company's app with a good token."""
    return Caller(sim, company.corp, company.app)


@pytest.fixture
def inbox(sim: Simulator) -> list[Callback]:
    """The callbacks the app's server got and accepted."""
    callbacks: list[Callback] = []

    async def accept(callback: Callback) -> Reply:
        callbacks.append(callback)
        return Reply(200)

    sim.delivery.sender = accept
    return callbacks
