"""Channels: their contact ways at WeCom, who is on duty, who arrives, and many at once."""

from handlers.channels import arrivals, duty, review, tables, ways
from handlers.router import Router

router = Router()
router.include(arrivals, duty, review, tables, ways)
