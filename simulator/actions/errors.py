"""What cannot happen even in a virtual world."""


class Impossible(Exception):
    """Somebody was told to do what they cannot do: the person, the thing or the relation is not there."""
