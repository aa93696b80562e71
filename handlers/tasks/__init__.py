"""Tasks: members are told, reminded, their leads told; buttons are heard; the needless ends, the rest goes along."""

from handlers.router import Router
from handlers.tasks import digests, due, endings, handing, presses

router = Router()
router.include(digests, due, endings, handing, presses)
