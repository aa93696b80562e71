"""What the subject of this name keeps."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass
