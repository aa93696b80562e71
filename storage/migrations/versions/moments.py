"""Moments: what is posted to customers, by whom, and what they think of it."""

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    pass
