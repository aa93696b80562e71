"""What the control API says to a request it cannot follow."""


class BadControl(Exception):
    """The request names something that does not exist, or has a field of the wrong kind."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
