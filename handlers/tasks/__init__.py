"""Tasks: members are told of them, reminded, their leads told; pressed buttons are heard; what is needless ends."""

from handlers.router import Router
from handlers.tasks import due, endings, presses

router = Router()
router.include(due, endings, presses)
