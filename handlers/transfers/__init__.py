"""Transfers (继承): orders carried out, each takeover to its end, and those whom nobody looks after."""

from handlers.router import Router
from handlers.transfers import orders, takeovers, unassigned

router = Router()
router.include(orders, takeovers, unassigned)
