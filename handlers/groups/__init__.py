"""Customer groups: the ledger, alarms, group codes, welcomes of newcomers, invitations."""

from handlers.groups import alarms, codes, invitations, ledger, sync, welcomes
from handlers.router import Router

router = Router()
router.include(alarms, codes, invitations, ledger, sync, welcomes)
