"""Life: people who act of their own accord, by habits that are data, with seeded chance."""

from simulator.behaviour.habits import RATES, Habits
from simulator.behaviour.life import Behaviour

__all__ = ["RATES", "Behaviour", "Habits"]
