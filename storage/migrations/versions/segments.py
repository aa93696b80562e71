"""Segments: conditions with their members, and who came and went."""

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    pass
