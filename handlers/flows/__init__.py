"""Flows: who comes in, what happens to those who are due, and what becomes of them when a flow changes."""

from handlers.flows import changes, entries, schedules, segments, turns
from handlers.router import Router

router = Router()
router.include(changes, entries, schedules, segments, turns)
