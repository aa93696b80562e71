"""Broadcasts: begun when they are due, planned page by page, tried out, followed to their end."""

from handlers.broadcasts import ends, runs, turns
from handlers.router import Router

router = Router()
router.include(turns, runs, ends)
