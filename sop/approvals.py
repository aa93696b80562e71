"""Approval (审批): what a corp lets go out only when somebody else than its author has agreed."""

from collections.abc import Collection
from typing import Literal

SETTING = "approvals"  # the subjects that need one
Subject = Literal["moments"]  # broadcasts ask for one by the size of their audience: see sop.broadcasts


def needed(subject: Subject, demanded: Collection[str]) -> bool:
    """Whether the corp demands it."""
    return subject in demanded


def may_approve(author: str, person: str) -> bool:
    """Whether somebody may agree to what an author has written; nobody agrees to their own."""
    return bool(person) and person != author
