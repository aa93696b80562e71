"""How work that is due is handed out: nearest deadline first, one of a lane at a time, suspects alone.

A lease that has ended was lost: its worker died or hung. Whatever killed it may have been any of the hundreds that it
held, so what was lost a few times is from then on handed out one at a time, the least suspected first: the innocent are
done, and only what is lost again and again while nothing else was suspected is given up.
"""

from storage.engine.sql import Statement

SUSPECT = 3  # so often lost
LOST = 10  # so often, and it is given up


def claim(table: str, columns: str, *, also: str = "") -> Statement:
    """The statement that takes what is due: `:now`, `:until`, `:before` (of the deadline), `:most`.

    A lane waits while one of its own is held, or an earlier one has not been tried yet; an earlier one that failed and
    waits for its next try holds nobody up. `also` goes on with SET, before the lease is a new one.
    """
    suspect = f"""
        SELECT s.id FROM {table} AS s
        WHERE {_due(table, "s")} AND s.lost >= {SUSPECT} AND NOT EXISTS (
            SELECT 1 FROM {table} AS h WHERE h.open AND h.lost >= {SUSPECT} AND h.lease_until > :now)
        ORDER BY s.lost, s.deadline_at, s.id LIMIT 1
    """
    return Statement(f"""
        UPDATE {table} SET {also} lost = lost + CASE WHEN lease_until > 0 THEN 1 ELSE 0 END,
                           lease_until = :until, fence = fence + 1, attempt = attempt + 1
        WHERE id IN (
            SELECT e.id FROM {table} AS e
            WHERE {_due(table, "e")} AND (e.lost < {SUSPECT} OR e.id = ({suspect}))
            ORDER BY e.deadline_at, e.id LIMIT :most)
        RETURNING {columns}, attempt, lost, fence
    """)


def release(table: str) -> Statement:
    """The statement that ends all leases: 1 is one that was lost long ago."""
    return Statement(f"UPDATE {table} SET lease_until = 1 WHERE open AND lease_until > 1")


def _due(table: str, row: str) -> str:
    return f"""
        {row}.open AND {row}.due_at <= :now AND {row}.lease_until <= :now AND {row}.deadline_at <= :before
        AND NOT EXISTS (
            SELECT 1 FROM {table} AS o
            WHERE o.lane = {row}.lane AND o.open AND o.id <> {row}.id
              AND (o.lease_until > :now OR (o.id < {row}.id AND o.due_at <= :now)))
    """
