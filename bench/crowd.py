"""A corp of many customers, written by the database itself: who they are follows from their number."""

import sqlite3

import asyncpg

from storage.values import to_ms

DAY = 86_400_000
_TABLES = (
    """INSERT INTO customers (corp_id, external_user_id, name, created_at, changed_at)
       SELECT 'ww1', id, 'n' || n, {now} - (n * 7919 % 900) * {day}, {now} FROM people""",
    """INSERT INTO relations (corp_id, external_user_id, user_id, status, add_way, state, channel_id, adds,
           first_added_at, added_at, replied_at, changed_at)
       SELECT 'ww1', id, 'u' || (n * 31 % 500), CASE WHEN n * 17 % 100 < 12 THEN 'lost' ELSE 'active' END,
           CASE WHEN n % 3 = 0 THEN 16 ELSE 1 END, '', CASE WHEN n % 2 = 0 THEN n * 13 % 200 + 1 END, 1 + n % 2,
           {now} - (n * 7919 % 900) * {day}, {now} - (n * 7919 % 900) * {day},
           CASE WHEN n * 11 % 10 < 6 THEN {now} - (n * 104729 % 300) * {day} END, {now} FROM people""",
    """INSERT INTO relations (corp_id, external_user_id, user_id, status, add_way, adds, first_added_at, added_at,
           changed_at)
       SELECT 'ww1', id, 'u' || (500 + n % 20), 'active', 1, 1, {now} - {day}, {now} - {day}, {now} FROM people
       WHERE n % 5 = 0""",
    """INSERT INTO bindings (corp_id, external_user_id, user_id, tag_id, at)
       SELECT 'ww1', p.id, 'u' || (p.n * 31 % 500), t.tag, 0 FROM people AS p JOIN tagged AS t
       ON p.n * t.step % 1000 < t.share""",
    """INSERT INTO field_values (corp_id, external_user_id, name, text, number, at)
       SELECT 'ww1', id, 'stage', CASE n * 23 % 6 WHEN 0 THEN 'new' WHEN 1 THEN 'interested' WHEN 2 THEN 'quoted'
           WHEN 3 THEN 'won' WHEN 4 THEN 'repeat' ELSE 'lost' END, NULL, 0 FROM people""",
    """INSERT INTO field_values (corp_id, external_user_id, name, text, number, at)
       SELECT 'ww1', id, 'score', '', n * 37 % 101, 0 FROM people WHERE n % 5 < 3""",
    """INSERT INTO history (id, corp_id, external_user_id, user_id, what, effect, facts, at)
       SELECT n, 'ww1', id, 'u' || (n * 31 % 500), 'added', 'added:' || n, '{{}}', {now} - (n * 7919 % 900) * {day}
       FROM people""",
    """INSERT INTO history (id, corp_id, external_user_id, user_id, what, effect, facts, at)
       SELECT 10000000 * (k.k + 1) + p.n, 'ww1', p.id, '', 'order_paid', 'own:order_paid:' || k.k || ':' || p.n,
           '{{"order":"A' || p.n || '","amount":' || (p.n * 53 % 500) || '}}',
           {now} - (p.n * (k.k + 3) * 379 % 365) * {day}
       FROM people AS p JOIN orders AS k ON p.n * 41 % 10 < 3 AND k.k <= p.n % 3""",
    """INSERT INTO group_members (corp_id, chat_id, member_id, joined_at, kind)
       SELECT 'ww1', 'wr' || (n % 4000), id, 0, 'customer' FROM people WHERE n % 5 = 0""",
)
_TAGGED = (("et1", 7, 50), ("et2", 11, 300), ("et3", 13, 10), ("et4", 17, 200), ("et5", 19, 600))


async def settle(url: str, people: int, *, now: int) -> None:
    """Write so many customers of ww1, each a month or two of somebody's life, and tell the store to look at them."""
    statements = [statement.format(now=now, day=DAY) for statement in _TABLES]
    if url.startswith("sqlite"):
        _on_sqlite(url.removeprefix("sqlite:///"), people, statements)
    else:
        await _on_postgresql(url, people, statements)


def _on_sqlite(path: str, people: int, statements: list[str]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA cache_size = -400000")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("CREATE TEMP TABLE people (n INTEGER PRIMARY KEY, id TEXT)")
    connection.executemany("INSERT INTO people VALUES (?, ?)", ((number, _name(number)) for number in range(people)))
    connection.execute("CREATE TEMP TABLE tagged (tag TEXT, step INTEGER, share INTEGER)")
    connection.executemany("INSERT INTO tagged VALUES (?, ?, ?)", _TAGGED)
    connection.execute("CREATE TEMP TABLE orders (k INTEGER)")
    connection.executemany("INSERT INTO orders VALUES (?)", ((number,) for number in range(3)))
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


async def _on_postgresql(url: str, people: int, statements: list[str]) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TEMP TABLE people (n BIGINT PRIMARY KEY, id TEXT)")
    await connection.copy_records_to_table("people", records=((number, _name(number)) for number in range(people)))
    await connection.execute("CREATE TEMP TABLE tagged (tag TEXT, step BIGINT, share BIGINT)")
    await connection.copy_records_to_table("tagged", records=_TAGGED)
    await connection.execute("CREATE TEMP TABLE orders AS SELECT * FROM generate_series(0, 2) AS k")
    for statement in statements:
        await connection.execute(statement)
    await connection.execute("VACUUM (ANALYZE)")
    await connection.close()


def _name(number: int) -> str:
    """An id as WeCom makes them: as long, and in no order."""
    return f"wmkPZ{number * 0x9E3779B97F4A7C15 % 2**64:016x}{number:010x}A"


def at(days: float, now: int) -> int:
    """So many days before."""
    return now - int(days * DAY)


__all__ = ["DAY", "at", "settle", "to_ms"]
