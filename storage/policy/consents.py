"""What customers want to hear of: their word on each topic, and who is not to be contacted at all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sop.events import Happened, Own
from sop.policy import ANY_CONTACT, OPTED_IN, OPTED_OUT, causes
from storage import sight
from storage.deliveries import Deliveries
from storage.engine.many import joined
from storage.engine.sql import Row, Statement, upsert
from storage.history import History
from storage.scope import Scope
from storage.values import FOREVER, encode, from_ms, to_ms

_COLUMNS = "external_user_id, topic, given, by, why, since"
_PUT = upsert("consents", ("corp_id", "external_user_id", "topic"), ("given", "by", "why", "since"))
_OF = Statement(f"""
    SELECT {_COLUMNS} FROM consents WHERE corp_id = :corp_id AND external_user_id = :external_user_id ORDER BY topic
""")
_PAGE = Statement(f"""
    SELECT {_COLUMNS} FROM consents AS c
    WHERE c.corp_id = :corp_id AND c.topic = :topic AND c.given = CAST(:given AS BOOLEAN)
      AND (c.since, c.external_user_id) < (:since, :external_user_id)
      AND {sight.FOLLOWED.format(customer="c.external_user_id")}
    ORDER BY c.since DESC, c.external_user_id DESC LIMIT :most
""")
# Planned by those who had read how the customer stood a moment before.
_LATE = Statement("""
    SELECT DISTINCT c.external_user_id, c.topic FROM consents AS c
    JOIN deliveries AS d ON d.corp_id = c.corp_id AND d.subject = c.external_user_id AND d.ordinal IS NOT NULL
    WHERE c.corp_id = :corp_id AND c.since >= :since AND NOT c.given AND d.status = 'planned'
      AND (c.topic = '*' OR (NOT d.transactional
           AND (c.topic = d.topic OR (c.topic = 'marketing' AND d.topic = ''))))
    ORDER BY c.external_user_id, c.topic LIMIT :most
""")
# In a mailing by now, and not to be sent all the same: said after it was gathered.
_REFUSED = Statement(
    """
    SELECT d.subject, MIN(c.topic) AS topic FROM deliveries AS d
    JOIN consents AS c ON c.corp_id = d.corp_id AND c.external_user_id = d.subject AND NOT c.given
         AND (c.topic = '*' OR (NOT d.transactional
              AND (c.topic = d.topic OR (c.topic = 'marketing' AND d.topic = ''))))
    WHERE d.corp_id = :corp_id AND d.mailing_id = :mailing_id AND d.status = 'tasked'
    GROUP BY d.subject
    """,
    patient=True,
    by_keys=True,
)
_ZONE = upsert("zones", ("corp_id", "external_user_id"), ("zone", "changed_at"))
_ZONES = joined(
    "z.external_user_id, z.zone",
    "zones AS z",
    on="z.corp_id = :corp_id AND z.external_user_id = k.customer AND z.zone <> ''",
    customer="TEXT",
)

Place = tuple[int, str]
_LATELY = timedelta(hours=1)  # longer than anybody takes between reading how customers stand and planning


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A customer's word on a topic; on `ANY_CONTACT` only a refusal means anything."""

    external_user_id: str
    topic: str
    given: bool
    by: str
    why: str
    since: datetime

    @property
    def place(self) -> Place:
        """Where it stands in a list."""
        return to_ms(self.since), self.external_user_id


class Consents:
    """What the customers of a corp have said, or others have noted for them."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int], deliveries: Deliveries) -> None:
        self._scope = scope
        self._announce = announce
        self._deliveries = deliveries

    async def of(self, external_user_id: str) -> dict[str, Consent]:
        """A customer's words, by topic."""
        rows = await self._scope.fetch(_OF, external_user_id=external_user_id)
        return {row["topic"]: _consent(row) for row in rows}

    async def page(
        self, topic: str, *, given: bool, staff: sight.Staff = None, after: Place | None = None, most: int = 50
    ) -> tuple[Consent, ...]:
        """Who has said yes, or no, to a topic, newest first; of `staff`, only their customers."""
        rows = await self._scope.fetch(
            _PAGE,
            topic=topic,
            given=given,
            staff=sight.name(staff),
            since=after[0] if after else FOREVER,
            external_user_id=after[1] if after else "",
            most=most,
        )
        return tuple(map(_consent, rows))

    async def say(self, external_user_id: str, topic: str, *, given: bool, by: str, why: str = "") -> Consent:
        """Store a customer's word on a topic, tell the history and the flows; the same word again changes nothing.

        What is planned against it is called off; what is in a task at WeCom cannot be.
        """
        before = (await self.of(external_user_id)).get(topic)
        if before and before.given is given:
            return before
        now = self._scope.now
        consent = Consent(external_user_id=external_user_id, topic=topic, given=given, by=by, why=why, since=now)
        self._scope.write(
            _PUT, external_user_id=external_user_id, topic=topic, given=given, by=by, why=why, since=to_ms(now)
        )
        self._tell(consent)
        if not given:
            self._call_off(external_user_id, topic)
        return consent

    async def enforce(self, *, most: int = 1000) -> bool:
        """Call off what was planned meanwhile for those who have lately opted out; whether there was anything."""
        since = to_ms(self._scope.now - _LATELY)
        rows = await self._scope.fetch(_LATE, since=since, most=most)
        for row in rows:
            self._call_off(row["external_user_id"], row["topic"])
        return bool(rows)

    async def refused(self, mailing_id: int) -> dict[str, str]:
        """Recipients of a mailing who do not want it by now, with the reason: asked right before it is made."""
        rows = await self._scope.fetch(_REFUSED, mailing_id=mailing_id)
        return {row["subject"]: causes.BLOCKED if row["topic"] == ANY_CONTACT else causes.OPTED_OUT for row in rows}

    async def zones(self, customers: Iterable[str]) -> dict[str, ZoneInfo]:
        """The zones of those who do not live by the corp's clocks."""
        keys = encode([[customer] for customer in sorted(set(customers))])
        rows = await self._scope.fetch(_ZONES, keys=keys)
        return {row["external_user_id"]: ZoneInfo(row["zone"]) for row in rows}

    def move(self, external_user_id: str, zone: str) -> None:
        """Store where a customer lives: the name of a zone, or ''."""
        self._scope.write(_ZONE, external_user_id=external_user_id, zone=zone, changed_at=self._scope.at)

    def _call_off(self, external_user_id: str, topic: str) -> None:
        if topic == ANY_CONTACT:
            self._deliveries.revoke(external_user_id, reason=causes.BLOCKED, spare_transactional=False)
        else:
            self._deliveries.revoke(external_user_id, reason=causes.OPTED_OUT, topic=topic)

    def _tell(self, consent: Consent) -> None:
        what, about = OPTED_IN if consent.given else OPTED_OUT, {"topic": consent.topic, "by": consent.by}
        effect = f"{what}:{consent.external_user_id}:{consent.topic}:{to_ms(consent.since)}"
        History(self._scope).append(
            what, consent.external_user_id, user_id="", at=consent.since, effect=effect, **about, why=consent.why
        )
        self._announce(
            Happened(
                corp_id=self._scope.corp_id,
                at=consent.since,
                name=what,
                external_user_id=consent.external_user_id,
                effect=effect,
                data=about,
            )
        )


def _consent(row: Row) -> Consent:
    return Consent(
        external_user_id=row["external_user_id"],
        topic=row["topic"],
        given=bool(row["given"]),
        by=row["by"],
        why=row["why"],
        since=from_ms(row["since"]),
    )
