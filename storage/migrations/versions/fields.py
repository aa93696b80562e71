"""Fields of customers, and the kinds of events that others send."""

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    pass
