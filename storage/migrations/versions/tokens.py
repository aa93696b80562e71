"""Of which corp the member is for whom a token speaks."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("tokens", sa.Column("corp_id", sa.Text(), server_default="", nullable=False))
