"""Drift: what differed between WeCom and us, what was done about it, and how many of everyone's customers there are."""

from sqlalchemy import BigInteger, Column, Integer, Table

from storage.schema.base import big, document, flag, key, metadata, moment, number

_JOB = "job_id"


def _job() -> Column[int]:
    return Column(_JOB, BigInteger, primary_key=True, autoincrement=False)


drifts = Table(
    "drifts",
    metadata,
    _job(),
    key("kind"),  # staff, department, customer, tag, way …
    key("key"),  # whom or what it is about
    key("what"),  # missing_here, missing_there, different
    document("fields"),  # {"remark": [ours, WeCom's], …}
    flag("repaired", default=False),
    moment("at"),
)

drift_counts = Table(  # exact, where `drifts` lists the first so many
    "drift_counts",
    metadata,
    _job(),
    Column("part", Integer, primary_key=True, autoincrement=False),  # so that parts never wait for each other
    key("kind"),
    key("what"),
    big("count"),
    big("repaired"),
)

member_counts = Table(  # how many customers a member has, counted on both sides
    "member_counts",
    metadata,
    _job(),
    key("user_id"),
    number("part"),
    big("there"),
    big("here"),
)

sightings = Table(  # what a reading in pages has shown so far, until it is compared
    "sightings",
    metadata,
    _job(),
    key("kind"),
    key("key"),
)
