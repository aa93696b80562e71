"""Tags: the library, who is marked and why, rules, and many customers at once."""

from handlers.router import Router
from handlers.tags import bulk, library, marks, rules

router = Router()
router.include(bulk, library, marks, rules)
