"""Who wants to hear what: the contact policy."""

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    pass
