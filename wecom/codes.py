"""What each of the platform's return codes asks of the caller: one table, by code."""

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """What can be done about an answer that is not `ok`."""

    RETRY = "R"  # transient: again in a moment
    TOKEN = "T"  # the credential is stale: renew it, replay once  # noqa: S105
    LIMIT = "L"  # over a rate: wait for the window
    NEVER = "N"  # our call is wrong: the same call fails for ever
    CONFIG = "C"  # as NEVER, until an operator changes something
    OUTCOME = "B"  # the business said no: a state to record, no alarm
    WAIT = "W"  # an asynchronous job is not ready: ask again later


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code: what to do, and why it came, in a few words."""

    code: int
    kind: Kind
    reason: str

    @property
    def after(self) -> float:
        """Seconds after which the same call makes sense again."""
        return _PAUSES.get(self.code) or _USUAL_PAUSES[self.kind]


# Page 90313 of the platform, read for retrying. "a-b" is a range, both ends included.
_TABLE: Final = """
R | -1 6000 81026 830003 45035 | busy, edited at the same time, in maintenance, or a download failed
R | 45033 | too many calls at once
T | 40001 40014 42001 40082 42009 40085 42012 | credential invalid or expired
L | 45009 | called too often
L | 41078 41094 41210 640019 640035 701134 2400007 | quota of a period used up
W | 41063 41079 302008 770007 | the job is still being worked on
C | 40013 40091 41002 41004 41024 45031 2000002 | corp id or secret wrong, missing or too weak
C | 60020 301042 | the caller's IP is not trusted
C | 48001-48009 60011 60021 60030 50002 81011 92000 92001 84074 | the app lacks the permission
C | 50003 50006 60031 301007 | app disabled, or corp dissolved or banned
C | 301002 40056 43012 | agent id of another app, or its callback URL is missing
C | 40084 40133-40141 301052 301053 | authorisation or service gone or expired
C | 43009 80001 85004 85005 50001 610015 610016 41057 41200 | corp not verified, or domain not trusted
B | 84061 84084 | the member and the customer are not related
B | 40029 42003 42022 42013 84014 84015 | login code expired or used
B | 40050 86003 49008 90501 90509 46003 46004 60136 60146-60148 301061 | no such group, user or record
B | 40068 41110 40071 | tag unknown, or its name taken
B | 40126 40144 41045 41055 41095 610001 | quota of tags, contact ways, templates or links used up
B | 40096 610004 | not a customer of this corp
B | 40097-40100 40128-40131 40143 40205 | customer cannot be handed over
B | 40201 40204 85002 | blocked by content rules
B | 41048 41093 | no recipient, or broadcast cancelled
B | 41049 41050 | welcome code missing, used or expired
B | 41051 | the chat has begun: no welcome any more
R | 41096 | another app is sending the welcome
B | 41053 41054 43004 48011 | customer has not agreed, or member is not active
B | 42052 60140 | too old to recall or update
B | 72023 72024 72037 81013 86101 90500 90502-90504 90507 90508 90510 90511 | state does not allow it
B | 92002 95001-95003 95013 95014 95016 95018 95019 95030-95032 | session state does not allow it
B | 301048 301059 610014 610017 610018 845001-845003 | state does not allow it
B | 701001-701133 701135-701200 | no valid interface licence
B | 610023 610024 | customer quota of the corp is full
N | 40003 40031 40032 60111 41009 | user id unknown, not visible, or list too long
N | 40004-40007 40009 40011 40123 40145 41006 44001 45001 45007 | media wrong, expired or out of size
N | 40008 40033 40035 40058 40063 40206 81014 81017 | body or parameters wrong
N | 40016-40020 40022-40027 | menu button wrong
N | 40036 40037 42014-42020 42027-42051 82101 82102 | card block wrong
N | 40039 40054 40055 40057 40094 45034 | URL wrong or not trusted
N | 40059 40066 40070 40072-40074 40077 40078 40080 40083 40086 40088 40089 | parameter wrong
N | 40092 40093 40102 40125 40127 40132 40165-40167 40203 40207 40208 40210-40212 | parameter wrong
N | 41001 41008 41010 41011 41016-41019 41021-41023 41025 41033 41035-41044 | parameter missing or wrong
N | 41046 41047 41052 41056 41058-41062 41064-41077 41080-41091 41098 41099 41102 41201 | parameter wrong
N | 42007 43016 43017 44004 45002 45004 45008 45022 45024 45026 45029 45032 | too long, too many or empty
N | 49004 50100 60001-60010 60012 60028 60102-60107 60110 60112 60123-60125 60127 | parameter wrong
N | 60129 60132 60203-60208 60214 60217-60222 60251-60253 60257 81001-81003 81012 | parameter wrong
N | 81018 81023 81024 82001-82004 84005 84019-84025 84071 84200 85006-85012 85111 | parameter wrong
N | 86001 86004-86008 86201-86207 86214-86220 86222 86224 90100-90106 90200-90208 | parameter wrong
N | 91040 92003 93000 93004 93006 93008 94000-94008 | parameter wrong
N | 95000 95004-95009 95011 95012 95015 95017 95022 95023 95026 95027 | parameter wrong
N | 301005 301012-301017 301019 301021 301036 301058 301060 302003-302007 | parameter wrong
N | 400010-400013 600001-600063 610003 640001-640018 640020-640034 640036-640060 | parameter wrong
N | 65000-65024 660001-660014 670001-670035 680000-680106 | parameter wrong
N | 710000-710007 | parameter wrong
N | 770001-770006 770008-770010 790000-790008 830001 830002 | parameter wrong
N | 842002-842006 846000 846605 846608 2400001-2400006 2400008 | parameter wrong
"""

_USUAL_PAUSES: Final = {
    Kind.RETRY: 1.0,
    Kind.TOKEN: 1.0,
    Kind.LIMIT: 3600.0,
    Kind.NEVER: 0.0,
    Kind.CONFIG: 600.0,
    Kind.OUTCOME: 0.0,
    Kind.WAIT: 30.0,
}
_PAUSES: Final = {45009: 60.0, 41078: 60.0, 45033: 2.0, 81026: 600.0, 830003: 10.0}

_RANGE = re.compile(r"(-?\d+)(?:-(\d+))?")


def _read(table: str) -> dict[int, Meaning]:
    known: dict[int, Meaning] = {}
    for line in table.strip().splitlines():
        letter, codes, reason = line.split(" | ")
        for first, last in _RANGE.findall(codes):
            for code in range(int(first), int(last or first) + 1):
                if code in known:
                    raise ValueError(f"{code} stands twice")
                known[code] = Meaning(code, Kind(letter), reason)
    return known


KNOWN: Final = MappingProxyType(_read(_TABLE))


def explain(code: int) -> Meaning:
    """The meaning of a code; one that nobody knows is permanent."""
    return KNOWN.get(code) or Meaning(code, Kind.NEVER, "unknown code")
