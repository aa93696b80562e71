"""Whether a database has the tables of this program, asked without the machinery that makes them."""

from storage.database import Database
from storage.engine.sql import Statement
from storage.errors import Unavailable
from storage.schema import REVISION

_REVISION = Statement("SELECT version_num FROM alembic_version")


async def is_current(database: Database) -> bool:
    """Whether all migrations were applied to a database that can be reached."""
    try:
        rows = await database.fetch(_REVISION)
    except Unavailable:
        return False  # there is not even that table
    return [row["version_num"] for row in rows] == [REVISION]
