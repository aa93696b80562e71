"""What happens to customers and groups over time: flows, their versions, and how far everybody has come."""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    pass
