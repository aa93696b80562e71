"""The living demo: a virtual WeCom, this service on SQLite, a small company, and customers who arrive."""

from bot.demo.show import demo, week

__all__ = ["demo", "week"]
