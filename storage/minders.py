"""Who looks after customers whom several members may have."""

from collections.abc import Collection

from storage.engine.many import joined
from storage.scope import Scope
from storage.values import encode

_MINDERS = joined(
    "t.external_user_id, t.user_id",
    "relations AS t",
    on="t.corp_id = :corp_id AND t.external_user_id = k.external_user_id AND t.status = 'active'",
    then="ORDER BY t.external_user_id, CASE WHEN t.replied_at > t.added_at THEN t.replied_at ELSE t.added_at END",
    external_user_id="TEXT",
)


async def minders(scope: Scope, external_user_ids: Collection[str]) -> dict[str, str]:
    """By customer the member: of those in contact, whom the customer wrote to or added last."""
    keys = encode([[each] for each in sorted(set(external_user_ids))])
    return {row["external_user_id"]: row["user_id"] for row in await scope.fetch(_MINDERS, keys=keys)}
