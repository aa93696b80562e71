"""Who leads: leases that end by themselves."""

from sqlalchemy import Table

from storage.schema.base import big, key, metadata, moment, words

leases = Table(
    "leases",
    metadata,
    key("name"),  # what is led
    words("holder"),  # the process that leads
    moment("until"),  # by the clock of the database, which is the same for all
    big("fence"),  # counts the leaders
)
