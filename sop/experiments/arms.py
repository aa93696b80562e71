"""Who gets which arm."""

import hashlib
from collections.abc import Mapping


def choose(salt: str, subject: str, shares: Mapping[str, int]) -> str:
    """The arm of a subject: the same each time for the same salt, in proportion to the shares.

    A holdout is an arm like the others. Two experiments with different salts divide independently of each other. Where
    shares change, only those change arms whose place lies between the old and the new bounds.
    """
    digest = hashlib.sha256(f"{salt}\0{subject}".encode()).digest()
    place = int.from_bytes(digest[:8]) * sum(shares.values()) >> 64
    for name, share in shares.items():
        if place < share:
            return name
        place -= share
    raise ValueError("an experiment without shares has no arms")
