"""A virtual WeCom over real HTTP: real crypto, virtual clock, faults."""

from simulator.company import Company, found_company
from simulator.delivery import Callback, Reply
from simulator.faults import Fault, Kind
from simulator.server import Running, run
from simulator.simulation import Simulator
from simulator.transport import SimulatorTransport

__all__ = [
    "Callback",
    "Company",
    "Fault",
    "Kind",
    "Reply",
    "Running",
    "Simulator",
    "SimulatorTransport",
    "found_company",
    "run",
]
