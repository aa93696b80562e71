"""Moments: posted at their time, followed to whom publishes them and what customers make of them."""

from handlers.moments import looks, posting
from handlers.router import Router

router = Router()
router.include(posting, looks)
