"""Fields of customers: their values, read and written many at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sop import fields as rules
from sop.fields import FIELD_CHANGED, NO_FIELD, TAKEN, UNFIT, Change, Field, Value
from storage.engine.many import bulk, joined
from storage.engine.sql import Row, Statement
from storage.fields.definitions import Definitions
from storage.history import Fact, History
from storage.scope import Scope
from storage.values import encode, to_ms

_SOME = Statement(
    "SELECT external_user_id FROM field_values WHERE corp_id = :corp_id AND name = :name LIMIT :most", patient=True
)
_READ = joined(
    "v.external_user_id, v.name, v.text, v.number, v.at",
    "field_values AS v",
    on="v.corp_id = :corp_id AND v.external_user_id = k.external_user_id AND v.name = k.name",
    external_user_id="TEXT",
    name="TEXT",
)
_OF = Statement("""
    SELECT external_user_id, name, text, number, at FROM field_values
    WHERE corp_id = :corp_id AND external_user_id = :external_user_id ORDER BY name
""")
_OWNERS = joined(
    "v.name, v.known_by, v.external_user_id",
    "field_values AS v",
    on="v.corp_id = :corp_id AND v.name = k.name AND v.known_by = k.known_by",
    name="TEXT",
    known_by="TEXT",
)
_VALUES = "INSERT INTO field_values (corp_id, external_user_id, name, text, number, known_by, at)"
_PUT = bulk(
    f"""
    {_VALUES}
    SELECT CAST(:corp_id AS TEXT), r.external_user_id, r.name, r.text, r.number, r.known_by, CAST(:at AS BIGINT)
    FROM {{rows}} AS r WHERE TRUE
    ON CONFLICT (corp_id, external_user_id, name) DO UPDATE
    SET text = excluded.text, number = excluded.number, known_by = excluded.known_by, at = excluded.at
    WHERE excluded.at >= field_values.at
    """,
    external_user_id="TEXT", name="TEXT", text="TEXT", number="DOUBLE PRECISION", known_by="TEXT",
)  # fmt: skip
# Added where it is, so that of two who add at once neither is lost.
_ADD = bulk(
    f"""
    {_VALUES}
    SELECT CAST(:corp_id AS TEXT), r.external_user_id, r.name, '', r.number, NULL, CAST(:at AS BIGINT)
    FROM {{rows}} AS r WHERE TRUE
    ON CONFLICT (corp_id, external_user_id, name) DO UPDATE
    SET number = COALESCE(field_values.number, 0) + excluded.number, at = excluded.at
    """,
    external_user_id="TEXT", name="TEXT", number="DOUBLE PRECISION",
)  # fmt: skip
_CLEAR = bulk(
    """
    DELETE FROM field_values WHERE corp_id = :corp_id
      AND (external_user_id, name) IN (SELECT r.external_user_id, r.name FROM {rows} AS r)
    """,
    external_user_id="TEXT",
    name="TEXT",
)
Values = Mapping[str, Mapping[str, Value]]
"""By customer and field."""
Place = tuple[str, str]
Refusal = tuple[Change, str]
Move = tuple[Change, Value | None, Value | None]
"""A change, what was there before, and what is there now."""


class Fields(Definitions):
    """The fields of a corp's customers, with their values."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._history = History(scope)

    async def holders(self, name: str, *, most: int) -> list[str]:
        """Some customers of whom a field is known."""
        return [row[0] for row in await self._scope.fetch(_SOME, name=name, most=most)]

    def drop(self, name: str, external_user_ids: Sequence[str]) -> None:
        """Take values away without a word: for a field that was given up."""
        self._scope.write(_CLEAR, external_user_id=list(external_user_ids), name=[name] * len(external_user_ids))

    async def of(self, external_user_id: str) -> dict[str, Value]:
        """What is known of one customer."""
        rows = await self._scope.fetch(_OF, external_user_id=external_user_id)
        return {row["name"]: _value(row) for row in rows}

    async def read(self, names: Collection[str], external_user_ids: Iterable[str]) -> Values:
        """What is known of many customers, by customer and field; what is not known is left out."""
        keys = [(customer, name) for customer in sorted(set(external_user_ids)) for name in sorted(names)]
        found: dict[str, dict[str, Value]] = {}
        for row in await self._scope.fetch(_READ, keys=encode(keys)) if keys else ():
            found.setdefault(row["external_user_id"], {})[row["name"]] = _value(row)
        return found

    async def owners(self, digests: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Which customer has a value: by name of the field and `sop.fields.digest` of the value."""
        rows = await self._scope.fetch(_OWNERS, keys=encode(sorted(digests))) if digests else ()
        return {(row["name"], row["known_by"]): row["external_user_id"] for row in rows}

    async def put(
        self, changes: Iterable[Change], *, user_id: str = "", source: str = "", cause: str = ""
    ) -> list[Refusal]:
        """Have many fields changed, each with its line in the history; those that cannot be, with the reason.

        What is so already is left alone. Of two changes of one field the later one counts, what is added adds up.
        `cause` names the fact, such as a step of a flow, so that told twice it is one; the history shows `source`.
        """
        known = await self.all()
        wanted, refused = _sort(changes, known)
        for place in await self._taken(wanted, known):
            refused.append((wanted.pop(place), TAKEN))
        before = await self.read({name for _, name in wanted}, {customer for customer, _ in wanted})
        moved: list[Move] = []
        for (customer, name), change in wanted.items():
            old = before.get(customer, {}).get(name)
            new = change.value if change.add is None else Value(number=float(((old and old.number) or 0) + change.add))
            if new != old:
                moved.append((change, old, new))
        self._write(moved, known)
        self._tell(moved, known, user_id=user_id, source=source, cause=cause)
        return refused

    async def _taken(self, wanted: Mapping[Place, Change], known: Mapping[str, Field]) -> list[Place]:
        """Those whose value another customer has, in the database or by a change beside it."""
        digests = {place: digest for place, change in wanted.items() if (digest := _known_by(change, known))}
        held = await self.owners({(name, digest) for (_, name), digest in digests.items()})
        taken = []
        for (customer, name), digest in digests.items():
            if held.setdefault((name, digest), customer) != customer:
                taken.append((customer, name))
        return taken

    def _write(self, moved: Iterable[Move], known: Mapping[str, Field]) -> None:
        rows: dict[Statement, list[dict[str, Any]]] = {_CLEAR: [], _PUT: [], _ADD: []}
        for change, _, new in moved:
            row: dict[str, Any] = {"external_user_id": change.external_user_id, "name": change.name}
            if change.add is not None:
                rows[_ADD].append({**row, "number": change.add})
            elif new is None:
                rows[_CLEAR].append(row)
            else:
                digest = _known_by(change, known)
                rows[_PUT].append({**row, "text": new.text, "number": new.number, "known_by": digest})
        for statement, each in rows.items():
            if each:  # in one order, so that two writers never wait for each other
                each.sort(key=lambda row: (row["external_user_id"], row["name"]))
                columns = {name: [row[name] for row in each] for name in each[0]}
                self._scope.write(statement, **columns, **({} if statement is _CLEAR else {"at": self._scope.at}))

    def _tell(
        self,
        moved: Iterable[Move],
        known: Mapping[str, Field],
        *,
        user_id: str,
        source: str,
        cause: str,
    ) -> None:
        """Each is a line of the customer's history, and something that flows may wait for."""
        told = []
        for change, old, new in moved:
            field = known[change.name]
            effect = f"field:{change.external_user_id}:{change.name}:{cause or to_ms(self._scope.now)}"
            told.append(
                Fact(
                    what=FIELD_CHANGED,
                    external_user_id=change.external_user_id,
                    user_id=user_id,
                    effect=effect,
                    facts={
                        "field": change.name,
                        "before": _show(field, old),
                        "after": _show(field, new),
                        "source": source,
                    },
                    at=self._scope.now,
                )
            )
        self._history.extend(told)


def _sort(changes: Iterable[Change], known: Mapping[str, Field]) -> tuple[dict[Place, Change], list[Refusal]]:
    """The changes by customer and field, one for each, and those that no field is for."""
    wanted: dict[Place, Change] = {}
    refused: list[Refusal] = []
    for each in changes:
        place = each.external_user_id, each.name
        if each.name not in known:
            refused.append((each, NO_FIELD))
        elif not each.suits(known[each.name]):
            refused.append((each, UNFIT))
        else:
            wanted[place] = each.follow(wanted.get(place))
    return wanted, refused


def _known_by(change: Change, known: Mapping[str, Field]) -> str | None:
    """The digest by which a value tells who is meant, if it does."""
    field = known.get(change.name)
    return rules.digest(change.value.text) if field and field.unique and change.value else None


def _show(field: Field, value: Value | None) -> Any:
    """A value in the history; a personal one as text, which is shown to those only who may see people."""
    if value is None:
        return None
    plain = value.plain(field.kind)
    return str(plain) if field.personal else plain


def _value(row: Row) -> Value:
    return Value(text=row["text"], number=None if row["number"] is None else float(row["number"]))
