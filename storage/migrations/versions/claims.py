"""How often a claim was lost, so that what kills its workers is told from what was only beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    for table in ("events", "intents"):
        op.add_column(table, sa.Column("lost", sa.Integer(), server_default="0", nullable=False))
        suspect = sa.text("open AND lost >= 3")
        op.create_index(
            f"ix_{table}_lost",
            table,
            ["lost", "deadline_at", "id"],
            sqlite_where=suspect,
            postgresql_where=suspect,
        )
