"""The kinds of things that the model tells apart, as the small integers that stand in its tables.

An identity, slot or place that is none is NOBODY; a quarter that is none is NEVER.
"""

from enum import IntEnum

NOBODY = -1
NEVER = -1


class Origin(IntEnum):
    LOCAL = 0
    RETURNEE = 1
    FOREIGN = 2


class Cohort(IntEnum):
    """Where a person's number comes from; also the migration pool."""

    INITIAL = 0
    GRADUATE = 1
    RETURNEE = 2
    FOREIGN = 3
    DOMESTIC = 4


class Status(IntEnum):
    ABSENT = 0  # an empty slot
    EMPLOYED = 1
    FOUNDER = 2
    SEARCHING = 3  # for work
    RETIRED = 4  # beyond working age, and held in the city by stakes in ventures


class Stage(IntEnum):
    """Stage of a startup, and of the round that brought it there."""

    IDEA = 0
    SEED = 1
    A = 2
    B = 3
    C = 4
    D = 5  # D and later


class Life(IntEnum):
    """How a startup stands or ended."""

    ALIVE = 0
    FAILED = 1
    LISTED = 2  # goes on under hired managers, owned by the public
    ACQUIRED = 3
    CLOSED = 4  # given up while solvent
    DELISTED = 5  # listed, and wound up since


class Answer(IntEnum):
    """What became of an application to a programme."""

    OPEN = 0
    ADMITTED = 1
    SCORE = 2  # refused below the lowest score
    PLACES = 3  # refused for want of places or money
    WITHDRAWN = 4  # could not take part any more
    ENDED = 5  # the programme was over before the answer


class Experience(IntEnum):
    FIRST_TIME = 0
    FAILED_BEFORE = 1
    SUCCEEDED_BEFORE = 2


class GPKind(IntEnum):
    PRIVATE_YUAN = 0
    PRIVATE_DOLLAR = 1
    STATE = 2
    CORPORATE = 3


class LPKind(IntEnum):
    PRIVATE = 0
    CORPORATE = 1
    FOREIGN = 2
    STATE = 3
    GUIDANCE = 4


class Investor(IntEnum):
    """Who holds a stake."""

    FUND = 0
    ANGEL = 1
    PATIENT = 2  # the government's direct fund


class Route(IntEnum):
    """How an investor's stake ended."""

    HELD = 0
    IPO = 1
    ACQUISITION = 2
    BUYBACK = 3
    TRANSFER = 4
    LIQUIDATION = 5
    WRITE_OFF = 6  # given up by a fund at its end


class Institution(IntEnum):
    UNIVERSITY = 0
    LAB = 1


class RivalKind(IntEnum):
    RIVAL = 0
    REST = 1
    OVERSEAS = 2
    SINGAPORE = 3  # competes, but does not count as a return to China


class Sector(IntEnum):
    """Institutional sectors of the transaction-flow matrix."""

    PERSONS = 0
    STARTUPS = 1
    CORPORATES = 2
    GPS = 3
    FUNDS = 4
    LPS = 5
    LANDLORDS = 6
    GOVERNMENT = 7
    WORLD = 8
