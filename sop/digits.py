"""Numbers in few characters: the digits and letters of base 36, as they stand in states and addresses."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST = 13  # characters of a number below 2**63


def write(number: int) -> str:
    """A number that is not negative; one below 2**63 has at most 13 characters."""
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits or "0"


def read(text: str) -> int | None:
    """The number of such a text; None for any other."""
    if not text or len(text) > _LONGEST or not set(text) <= set(_DIGITS):
        return None
    return int(text, len(_DIGITS))
