"""Reading a request's JSON as strictly as the platform does: types, presence, lengths, counts."""

from dataclasses import dataclass

from simulator.errors import Refusal

INVALID = 40058
MISSING = 40063


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object; each reader refuses a wrong type (40058), and an absence when told with which code."""

    values: dict[str, object]
    where: str = ""

    def name(self, key: str) -> str:
        """Return the field's full name for messages: `text.content`."""
        return f"{self.where}.{key}" if self.where else key

    def refuse(self, key: str, code: int = INVALID, why: str = "") -> Refusal:
        """Make the refusal that names the field."""
        return Refusal(code, f"{self.name(key)} {why}".strip())

    def has(self, key: str) -> bool:
        """Whether the field is there and not null."""
        return self.values.get(key) is not None

    def text(
        self,
        key: str,
        *,
        missing: int | None = None,
        chars: int = 0,
        size: int = 0,
        over: int = INVALID,
    ) -> str:
        """Return a text, "" when absent; `chars` and `size` (UTF-8 bytes) are its limits, 0 for none."""
        value = self.values.get(key)
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise self.refuse(key, why="must be a string")
        if not value and missing is not None:
            raise self.refuse(key, missing)
        if chars and len(value) > chars:
            raise self.refuse(key, over, f"exceeds {chars} characters")
        if size and len(value.encode()) > size:
            raise self.refuse(key, over, f"exceeds {size} bytes")
        return value

    def number(
        self,
        key: str,
        default: int = 0,
        *,
        missing: int | None = None,
        invalid: int = INVALID,
        among: range | None = None,
    ) -> int:
        """Return an integer that is in `among`."""
        value = self.values.get(key)
        if value is None:
            if missing is not None:
                raise self.refuse(key, missing)
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.refuse(key, why="must be an integer")
        if among is not None and value not in among:
            raise self.refuse(key, invalid)
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return a boolean."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.refuse(key, why="must be a boolean")
        return value

    def texts(self, key: str, *, missing: int | None = None, most: int = 0, over: int = INVALID) -> list[str]:
        """Return a list of texts, at most so many."""
        return [one for one in self._list(key, missing, most, over) if self._is(key, one, str)]  # type: ignore[misc]

    def numbers(self, key: str, *, most: int = 0, over: int = INVALID) -> list[int]:
        """Return a list of integers, at most so many."""
        return [one for one in self._list(key, None, most, over) if self._is(key, one, int)]  # type: ignore[misc]

    def items(self, key: str, *, missing: int | None = None, most: int = 0, over: int = INVALID) -> list["Fields"]:
        """Return a list of objects, at most so many."""
        found = [one for one in self._list(key, missing, most, over) if self._is(key, one, dict)]
        return [Fields(one, f"{self.name(key)}[{at}]") for at, one in enumerate(found)]  # type: ignore[arg-type]

    def nested(self, key: str) -> "Fields | None":
        """Return an object, None when absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.refuse(key, why="must be an object")
        return Fields(value, self.name(key))

    def need(self, key: str, missing: int = MISSING) -> "Fields":
        """Return an object that must be there."""
        inner = self.nested(key)
        if inner is None:
            raise self.refuse(key, missing)
        return inner

    def _list(self, key: str, missing: int | None, most: int, over: int) -> list[object]:
        value = self.values.get(key)
        if value is None:
            value = []
        if not isinstance(value, list):
            raise self.refuse(key, why="must be an array")
        if not value and missing is not None:
            raise self.refuse(key, missing)
        if most and len(value) > most:
            raise self.refuse(key, over, f"exceeds {most}")
        return value

    def _is(self, key: str, value: object, kind: type) -> bool:
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.refuse(key, why=f"holds something that is no {kind.__name__}")
        return True
