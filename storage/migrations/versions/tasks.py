"""Tasks of members: when they are due, put off, escalated."""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    pass
