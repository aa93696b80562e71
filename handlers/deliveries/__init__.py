"""Deliveries: gathered into mailings, made at WeCom, looked for when no answer came, followed to their end."""

from handlers.deliveries import cancelling, gathering, looking, making
from handlers.router import Router

router = Router()
router.include(gathering, making, looking, cancelling)
