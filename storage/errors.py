"""What can go wrong between us and the database.

StorageError
 ├─ Unavailable   the database cannot be written or read now (down, locked, disk full); nothing of the unit happened
 ├─ Conflict      a unique key is taken already: somebody else wrote the same thing
 └─ LostLease     the work was taken over by another worker; nothing of the unit happened
"""


class StorageError(Exception):
    """The root of this package's errors."""


class Unavailable(StorageError):
    """The database cannot be used now; nothing of the unit happened, try again."""


class Conflict(StorageError):
    """A unique key is taken already; nothing of the unit happened."""


class LostLease(StorageError):
    """The row was taken over by another worker; nothing of the unit happened."""
