"""What arrives (events), what it caused (reactions, decisions), what leaves (intents), what is due later (timers)."""

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint, text

from storage.schema.base import big, document, flag, key, maybe, metadata, moment, number, serial, words

_OPEN = text("open")
_SUSPECT = text("open AND lost >= 3")  # see `storage.claims`
_WANTING = text("intent_id IS NOT NULL")
_DEAD = text("status = 'dead'")
_PROMPTS = text("kind = 'prompt'")
_WELCOMES = text("what = 'welcome'")

events = Table(
    "events",
    metadata,
    serial(),
    words("corp_id"),
    words("app"),
    words("kind"),
    words("lane"),  # corp and subject: events of one lane run one after another
    words("digest", unique=True),  # of corp, app and body: the same callback twice is one row
    words("body"),
    words("origin"),  # callback, clock, courier, console, replay
    moment("occurred_at"),
    moment("received_at"),
    moment("deadline_at"),
    moment("due_at"),
    flag("open", default=True),
    number("attempt"),
    number("lost"),  # how often its worker died or hung
    big("lease_until"),
    big("fence"),
    maybe("closed_at"),
    words("done"),  # the handlers whose work was committed together with the end
    Index("ix_events_claim", "deadline_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_events_lane", "lane", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_events_corp", "corp_id", "id"),
    Index("ix_events_lost", "lost", "deadline_at", "id", sqlite_where=_SUSPECT, postgresql_where=_SUSPECT),
)

reactions = Table(
    "reactions",
    metadata,
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    key("handler"),
    words("status"),  # done, failed (will be tried again), dead
    number("attempt"),
    words("reason"),
    moment("at"),
    Index("ix_reactions_dead", "event_id", sqlite_where=_DEAD, postgresql_where=_DEAD),
)

intents = Table(
    "intents",
    metadata,
    serial(),
    words("corp_id"),
    words("app"),
    words("kind"),
    words("effect"),  # what happens at most once, whoever asks for it
    words("lane"),  # intents of one lane are performed one at a time
    document("body"),
    words("status"),  # open, done, refused, late, dead, cancelled
    flag("open", default=True),
    moment("created_at"),
    moment("deadline_at"),
    moment("due_at"),
    number("attempt"),
    number("lost"),  # how often its courier died or hung
    flag("doubtful", default=False),  # an earlier attempt may have been performed
    big("lease_until"),
    big("fence"),
    number("code"),
    words("reason"),
    document("result"),
    maybe("event_id"),
    words("handler"),
    maybe("finished_at"),
    UniqueConstraint("corp_id", "effect", name="uq_intents_effect"),
    Index("ix_intents_claim", "deadline_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_intents_lane", "lane", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_intents_corp", "corp_id", "id"),
    Index("ix_intents_lost", "lost", "deadline_at", "id", sqlite_where=_SUSPECT, postgresql_where=_SUSPECT),
    Index("ix_intents_event", "event_id"),
    Index("ix_intents_dead", "corp_id", sqlite_where=_DEAD, postgresql_where=_DEAD),
    Index("ix_intents_prompts", "corp_id", "finished_at", sqlite_where=_PROMPTS, postgresql_where=_PROMPTS),
)

timers = Table(
    "timers",
    metadata,
    serial(),
    words("corp_id"),
    words("app"),
    words("kind"),
    words("lane"),
    words("name"),  # unique per corp: the same timer twice is one
    document("body"),
    moment("due_at"),
    maybe("event_id"),
    UniqueConstraint("corp_id", "name", name="uq_timers_name"),
    Index("ix_timers_due", "due_at", "id"),
)

decisions = Table(
    "decisions",
    metadata,
    serial(),
    words("corp_id"),
    maybe("event_id"),
    words("handler"),
    words("external_user_id"),
    words("user_id"),
    words("what"),  # welcome, tag, remark, prompt, flow, channel …
    words("verdict"),  # sent, skipped, delayed, capped, refused, late
    words("reason"),  # a code from sop/reasons.py
    words("rule"),
    number("version"),
    document("facts"),
    maybe("intent_id"),
    moment("at"),
    Index("ix_decisions_customer", "corp_id", "external_user_id", "id"),
    Index("ix_decisions_event", "event_id"),
    Index("ix_decisions_intent", "intent_id", sqlite_where=_WANTING, postgresql_where=_WANTING),
    Index("ix_decisions_corp", "corp_id", "id"),
    Index("ix_decisions_welcomes", "corp_id", "at", sqlite_where=_WELCOMES, postgresql_where=_WELCOMES),
)
