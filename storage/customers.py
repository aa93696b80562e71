"""Customers: one row per person, whoever follows them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.engine.many import joined
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import encode, from_ms, to_ms

_COLUMNS = "external_user_id, name, avatar, type, gender, unionid, corp_name, created_at, changed_at"
_PUT = Statement(f"""
    INSERT INTO customers (corp_id, {_COLUMNS})
    VALUES (:corp_id, :external_user_id, :name, :avatar, :type, :gender, :unionid, :corp_name, :created_at, :changed_at)
    ON CONFLICT (corp_id, external_user_id) DO UPDATE
    SET name = excluded.name, avatar = excluded.avatar, type = excluded.type, gender = excluded.gender,
        unionid = excluded.unionid, corp_name = excluded.corp_name, changed_at = excluded.changed_at
    WHERE excluded.changed_at >= customers.changed_at
""")
_MEET = insert(
    "customers", ("corp_id", "external_user_id", "created_at", "changed_at"), unless="corp_id, external_user_id"
)
_FIND = Statement(f"SELECT {_COLUMNS} FROM customers WHERE corp_id = :corp_id AND external_user_id = :external_user_id")
_SEARCH = Statement(f"""
    SELECT {_COLUMNS} FROM customers
    WHERE corp_id = :corp_id AND lower(name) LIKE lower(:inside) ESCAPE '!'
    ORDER BY CASE WHEN lower(name) LIKE lower(:ahead) ESCAPE '!' THEN 0 ELSE 1 END, name, external_user_id
    LIMIT :most
""")
_NAMES = joined(
    "t.external_user_id, t.name",
    "customers AS t",
    on="t.corp_id = :corp_id AND t.external_user_id = k.external_user_id",
    external_user_id="TEXT",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A person outside the corp; `type` 1 uses WeChat, 2 WeCom; `gender` 1 is male, 2 female."""

    external_user_id: str
    name: str
    avatar: str = ""
    type: int = 0
    gender: int = 0
    unionid: str = ""
    corp_name: str = ""
    created_at: datetime  # when we first heard of them
    changed_at: datetime  # when WeCom told us this


class Customers:
    """The customers of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def meet(self, external_user_id: str, *, at: datetime) -> None:
        """Make a row for a customer of whom nothing but the id is known; a known one stays as it is."""
        self._scope.write(_MEET, external_user_id=external_user_id, created_at=to_ms(at), changed_at=0)

    def put(self, customer: Customer) -> None:
        """Store what WeCom says, unless something newer is stored."""
        self._scope.write(
            _PUT,
            external_user_id=customer.external_user_id,
            name=customer.name,
            avatar=customer.avatar,
            type=customer.type,
            gender=customer.gender,
            unionid=customer.unionid,
            corp_name=customer.corp_name,
            created_at=to_ms(customer.created_at),
            changed_at=to_ms(customer.changed_at),
        )

    async def find(self, external_user_id: str) -> Customer | None:
        """One customer."""
        found = await self._scope.read(_FIND, _customer, external_user_id=external_user_id)
        return found[0] if found else None

    async def names(self, external_user_ids: Collection[str]) -> dict[str, str]:
        """How many are called, as far as that is known."""
        rows = await self._scope.fetch(_NAMES, keys=encode([[each] for each in sorted(external_user_ids)]))
        return {row["external_user_id"]: row["name"] for row in rows if row["name"]}

    async def search(self, words: str, *, most: int = 20) -> tuple[Customer, ...]:
        """Customers whose name contains `words`, those that begin with them first; case does not matter (ASCII)."""
        literal = escape(words)
        rows = await self._scope.fetch(_SEARCH, inside=f"%{literal}%", ahead=f"{literal}%", most=most)
        return tuple(_customer(row) for row in rows)


def escape(words: str) -> str:
    """Words for a LIKE pattern with ESCAPE '!'."""
    return words.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _customer(row: Row) -> Customer:
    return Customer(
        external_user_id=row["external_user_id"],
        name=row["name"],
        avatar=row["avatar"],
        type=row["type"],
        gender=row["gender"],
        unionid=row["unionid"],
        corp_name=row["corp_name"],
        created_at=from_ms(row["created_at"]),
        changed_at=from_ms(row["changed_at"]),
    )
