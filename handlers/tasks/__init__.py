"""Tasks: members are told of them, reminded, their leads told; pressed buttons are heard; what is needless ends."""

from handlers.router import Router
from handlers.tasks import digests, due, endings, presses

router = Router()
router.include(digests, due, endings, presses)
