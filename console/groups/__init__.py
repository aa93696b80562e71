"""Customer groups: the ledger, who is in them, codes into them, welcomes of newcomers, invitations."""

from console.api.routes import Routes
from console.groups import codes, invitations, labels, ledger, members, numbers, settings, welcomes

routes = Routes()
routes.include(codes, invitations, labels, ledger, members, numbers, settings, welcomes)
