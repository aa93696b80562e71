"""Habits: how often things happen by themselves, and how probable it is that another follows."""

from dataclasses import dataclass


@dataclass(slots=True)
class Habits:
    """The first are rates in a virtual minute (`RATES`); the others probabilities, and times in virtual seconds."""

    arrivals: float = 0.0  # customers come
    shifts: float = 0.0  # a rep goes off duty, and comes back
    gatherings: float = 0.0  # a rep founds a group with customers
    friends: float = 0.0  # somebody brings a friend into a group
    quits: float = 0.0  # a customer leaves a group
    news: float = 0.0  # an owner renames a group, or puts a notice up
    resigns: float = 0.0  # a member leaves the corp
    # of an arrival
    half: float = 0.0  # not confirmed at once
    returns: float = 0.05  # somebody who is known already
    searches: float = 0.05  # finds a member without a code
    links: float = 0.2  # comes by an acquisition link, where there are some
    addresses: tuple[str, ...] = ()  # of links, as they were handed out; without them links are opened bare
    # after an arrival
    replies: float = 0.5
    joins: float = 0.5  # takes up the invitation into a group that the welcome holds
    leaves: float = 0.05
    removes: float = 0.01
    tags: float = 0.15
    notes: float = 0.05
    asks: float = 0.1  # the rep writes to the app
    clicks: float = 0.3  # the rep uses a card
    confirms: float = 0.5  # the rep confirms a mass message
    sends: float = 0.0  # a member who is asked to confirms a mass message
    publishes: float = 0.0  # a member who is asked to publishes a moment
    likes: float = 0.0  # a customer who sees a moment likes it
    comments: float = 0.0  # or says something about it
    answers: float = 0.0  # a customer whom a mass message has reached writes back
    declines: float = 0.0  # the customer refuses to be handed over
    pace: float = 30.0  # the mean time until a person acts
    rest: float = 90.0  # the mean time off duty
    errand: float = 1200.0  # the mean time until a member does what they are asked for


RATES = ("arrivals", "shifts", "gatherings", "friends", "quits", "news", "resigns")
