"""The few column shapes that every table is made of."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Text

metadata = MetaData()


def key(name: str) -> Column[str]:
    """A text that is part of the primary key."""
    return Column(name, Text, primary_key=True)


def serial() -> Column[int]:
    """A primary key made by `storage.values.new_id`: sorts by time."""
    return Column("id", BigInteger, primary_key=True, autoincrement=False)


def words(name: str, *, unique: bool = False) -> Column[str]:
    """A text, empty when there is none."""
    return Column(name, Text, nullable=False, server_default="", unique=unique)


def document(name: str, empty: str = "{}") -> Column[str]:
    """JSON as text."""
    return Column(name, Text, nullable=False, server_default=empty)


def moment(name: str) -> Column[int]:
    """Milliseconds since 1970 UTC."""
    return Column(name, BigInteger, nullable=False)


def maybe(name: str) -> Column[int]:
    """A moment or a number that may be missing."""
    return Column(name, BigInteger, nullable=True)


def number(name: str, default: int = 0) -> Column[int]:
    """A small whole number."""
    return Column(name, Integer, nullable=False, server_default=str(default))


def big(name: str, default: int = 0) -> Column[int]:
    """A large whole number."""
    return Column(name, BigInteger, nullable=False, server_default=str(default))


def flag(name: str, *, default: bool) -> Column[bool]:
    """Yes or no."""
    return Column(name, Boolean, nullable=False, server_default="1" if default else "0")


def twin() -> tuple[Column[int] | Column[str], ...]:
    """What everything has that is wanted here and made at WeCom: how far the making has come."""
    return (
        number("version", 1),  # of what we want
        number("seen"),  # the version that WeCom has
        number("asked"),  # the version that is on its way to WeCom, 0 when none is
        words("status"),  # pending, live, refused, deleting, deleted; foreign: not ours to change
        words("reason"),
        maybe("read_at"),  # when WeCom was last seen to have it
        moment("created_at"),
        moment("changed_at"),
    )
