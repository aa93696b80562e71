"""Messages to customers and groups, and the tasks at WeCom that carry them."""

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    pass
