"""Chance as a pure function: the same person meets the same luck in every world.

A draw depends on (seed, decision, quarter, identity, index) and on nothing else: not on what
was drawn before, on other agents, on the number of threads or on the policy in force. So two
worlds that differ by a policy differ by what the policy does, never by the dice.

Generator: Philox 4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
as 1, 2, 3", SC 2011). Its key is the seed, its counter the rest:

    (identity, low 32 bits) (identity, high 32 bits) (index) (decision << 16 | quarter)

Also here: exp, log and power from +, -, *, / and bits only, as those of the C library differ
from machine to machine. All functions are scalar; loops over them vectorise.
"""

import decimal
import functools
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from sim.world.kernel import equation, kernel


class Chance(NamedTuple):
    """Whose luck it is: the seed of the run, and the quarter. A door of kernels."""

    seed: int
    quarter: int


class Decision(IntEnum):
    """What a draw is for. A number once given is never reused: it would change old runs."""

    ORIGIN = 1
    SKILL = 2
    FIELD = 3
    SECOND_FIELD = 4
    HOME = 5
    WEALTH = 6
    EMPLOYER = 7
    RETURN = 8
    STAY = 9
    ARRIVE = 10
    LEAVE = 11
    RETIRE = 12
    QUIT = 13
    MATCH = 14
    IDEA = 15
    FOUND = 16
    TEAM = 17
    QUALITY = 18
    MARKET = 19
    TAGS = 20
    DISTRICT = 21
    CELL = 22
    MAKING = 23
    PROGRESS = 24
    COMPLIANCE = 25
    APPLY = 26
    SCORE = 27
    INCIDENT = 28
    TRACTION = 29
    CUSTOMER = 30
    ENTER = 31
    FOCUS = 32
    RAISE = 33
    COMMIT = 34
    SCREEN = 35
    SIGNAL = 36
    AMOUNT = 37
    SYNDICATE = 38
    ANGEL = 39
    ABANDON = 40
    LIST = 41
    BUY = 42
    PRICE = 43
    REDEEM = 44
    TRANSFER = 45
    AUDIT = 46
    VISA = 47
    BELIEF = 48
    PROOF_OF_CONCEPT = 49
    ACCELERATOR = 50
    TEST_BED = 51
    ROAD_INCIDENT = 52
    LABORATORY = 53
    PILOT = 54
    PARTNER = 55
    PARTNER_LEAVES = 56
    ENROL = 57
    AFTER_LISTING = 58
    PAIR = 59
    PLAN = 60
    TURBULENCE = 61
    ATTACHMENT = 62
    AGE = 63
    POST = 64
    ROUNDING = 65
    ELSEWHERE = 66
    SPIN_OFF = 67
    RAISE_MORE = 68
    BRIDGE = 69
    REFUSE = 70
    INSIDE = 71
    GUIDE = 72
    WIDEN = 73


# ---------------------------------------------------------------- the generator

# Every constant is a uint64: numba turns a mix of signed and unsigned integers into floats.
WORD = np.uint64(0xFFFFFFFF)
WORD_BITS = np.uint64(32)
MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
KEY_STEP_0 = np.uint64(0x9E3779B9)
KEY_STEP_1 = np.uint64(0xBB67AE85)


@equation
def philox(k0, k1, c0, c1, c2, c3):
    """Four random words for key `k` and counter `c`; all are uint64 that hold 32 bits."""
    for _ in range(10):
        p0 = c0 * MULTIPLIER_0
        p1 = c2 * MULTIPLIER_1
        c0, c1, c2, c3 = (p1 >> WORD_BITS) ^ c1 ^ k0, p1 & WORD, (p0 >> WORD_BITS) ^ c3 ^ k1, p0 & WORD
        k0 = (k0 + KEY_STEP_0) & WORD
        k1 = (k1 + KEY_STEP_1) & WORD
    return c0, c1, c2, c3


@equation
def _low(number):
    return np.uint64(np.int64(number) & 0xFFFFFFFF)


@equation
def _high(number):
    return np.uint64(np.int64(number) >> 32 & 0xFFFFFFFF)


KEPT_BITS = np.uint64(26)  # of each of two words
DROPPED_BITS = np.uint64(6)
ONE_BITS = np.uint64(0x3FF0000000000000)  # of 1.0
ONE_LESS_HALF_A_CELL = 1.0 - 2.0**-53


@equation
def uniform(seed, decision, quarter, identity, index):
    """A draw from (0, 1): the midpoint of one of 2**52 equal cells, so neither 0 nor 1.

    `seed` >= 0 and `identity` are int64, 0 <= `decision`, `quarter` < 2**16, 0 <= `index` < 2**32.
    """
    word, next_word, _, _ = philox(
        _low(seed), _high(seed), _low(identity), _high(identity), _low(index), _low(decision << 16 | quarter)
    )
    return _midpoint(word, next_word)


@equation
def _midpoint(word, next_word):
    cell = (word >> DROPPED_BITS) << KEPT_BITS | next_word >> DROPPED_BITS
    # As the fraction of a float the cell gives a number of [1, 2); the difference is exact.
    return np.uint64(cell | ONE_BITS).view(np.float64) - ONE_LESS_HALF_A_CELL


@equation
def normal(seed, decision, quarter, identity, index):
    """A standard normal draw, increasing in the `uniform` of the same arguments."""
    return normal_quantile(uniform(seed, decision, quarter, identity, index))


@equation
def gumbel(seed, decision, quarter, identity, index):
    """A standard Gumbel draw; the largest of utility + draw chooses as the logit does."""
    return -log(-log(uniform(seed, decision, quarter, identity, index)))


@equation
def look(n, seed, decision, quarter, identity, index):
    """Slot, from 0, of the candidate among `n` that who searches comes upon at a look, int64; slots are equally likely
    and may come twice. The other arguments are those of `uniform`.
    """
    return np.int64(uniform(seed, decision, quarter, identity, index) * n)


# ---------------------------------------------------------------- functions

EXP_LOWEST = -708.0
EXP_HIGHEST = 709.0
INVERSE_LN2 = 1.44269504088896338700
LN2_HIGH = 6.93147180369123816490e-01  # its last 32 bits are zero, so multiples are exact
LN2_LOW = 1.90821492927058770002e-10
DECIMALS = 40  # of `exact_power`: twice those that 53 bits hold, and some for the size of a log x
KEPT = 1024  # powers that are remembered: every run of a process asks for the same
TO_INTEGER = 1.5 * 2.0**52  # added to a small number, leaves it rounded in the last bits
FRACTION_BITS = np.uint64(52)
EXPONENT_BIAS = np.uint64(1023)


@equation
def exp(x):
    """e**x, within 1 unit in the last place; 0 below -708, and e**709 = 8.2e307 above 709.

    x = k ln 2 + r with |r| <= ln 2 / 2; e**r by the rational approximation of fdlibm's e_exp.c.
    """
    clipped = EXP_LOWEST if x < EXP_LOWEST else EXP_HIGHEST if x > EXP_HIGHEST else x
    shifted = clipped * INVERSE_LN2 + TO_INTEGER
    k = shifted - TO_INTEGER
    high = clipped - k * LN2_HIGH
    low = k * LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (
        1.66666666666666019037e-01
        + t
        * (
            -2.77777777770155933842e-03
            + t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))
        )
    )
    power_of_two = np.uint64((np.float64(shifted).view(np.uint64) + EXPONENT_BIAS) << FRACTION_BITS).view(np.float64)
    result = (1.0 - ((low - (r * c) / (2.0 - c)) - high)) * power_of_two
    return 0.0 if x < EXP_LOWEST else result


SMALLEST_NORMAL = 2.0**-1022
LARGEST = 1.7976931348623157e308
# Adding this to the bits moves the fold from 1 and 2 to sqrt(1/2) and sqrt(2).
FOLD = np.uint64(0x3FF0000000000000 - 0x3FE6A09E00000000)
FOLDED_HALF_SQRT = np.uint64(0x3FE6A09E00000000)
FRACTION = np.uint64(0x000FFFFFFFFFFFFF)
TWO_52_BITS = np.uint64(0x4330000000000000)  # of 2**52


@equation
def log(x):
    """The natural logarithm, within 1 unit in the last place; minus infinity below 2**-1022, also for x < 0.

    x = 2**k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2); log(1 + f) as in fdlibm's e_log.c.
    """
    inside = SMALLEST_NORMAL <= x <= LARGEST
    bits = np.float64(x if inside else 1.0).view(np.uint64) + FOLD
    k = np.uint64(bits >> FRACTION_BITS | TWO_52_BITS).view(np.float64) - (2.0**52 + 1023.0)
    f = np.uint64((bits & FRACTION) + FOLDED_HALF_SQRT).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half_square = 0.5 * f * f
    result = k * LN2_HIGH - ((half_square - (s * (half_square + (even + odd)) + k * LN2_LOW)) - f)
    if inside:
        return result
    return -np.inf if x < SMALLEST_NORMAL else x  # infinity and NaN stay


@equation
def power(x, a):
    """x**a for x >= 0, as exp(a log x): relative error below 4e-16 (1 + |a log x|), and 1 for a = 0.

    The result has the bounds of `exp`: 0**a is 0 for a > 0 and 8.2e307 for a < 0.
    """
    return 1.0 if a == 0.0 else exp(a * log(x))


@equation
def logistic(x):
    """1 / (1 + e**-x), the share of the logit."""
    return 1.0 / (1.0 + exp(-x))


# Coefficients of AS 241: numerator and denominator near the middle, in the tails, far out.
MIDDLE = (
    (
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    ),
    (
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    ),
)
TAIL = (
    (
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ),
    (
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ),
)
FAR = (
    (
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ),
    (
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ),
)


@equation
def normal_quantile(p):
    """The standard normal's quantile at 0 < p < 1, relative error below 2e-15.

    Wichura, "Algorithm AS 241: the percentage points of the normal distribution",
    Applied Statistics 37 (1988), routine PPND16.
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        return q * _ratio(0.180625 - q * q, MIDDLE)
    r = np.sqrt(-log(min(p, 1.0 - p)))  # IEEE 754 fixes the square root's bits
    tail = _ratio(r - 1.6, TAIL) if r <= 5.0 else _ratio(r - 5.0, FAR)
    return -tail if q < 0.0 else tail


@equation
def _ratio(r, coefficients):
    above, below = coefficients
    return _polynomial(r, above) / _polynomial(r, below)


@equation
def _polynomial(r, a):
    return ((((((a[7] * r + a[6]) * r + a[5]) * r + a[4]) * r + a[3]) * r + a[2]) * r + a[1]) * r + a[0]


# ---------------------------------------------------------------- whole arrays


def uniforms(seed, decision, quarter, identities):
    """One uniform draw per identity, float64[n]."""
    return _uniforms(seed, int(decision), quarter, identities)


@kernel
def _uniforms(seed, decision, quarter, identities):
    out = np.empty(len(identities))
    for i in range(len(identities)):
        out[i] = uniform(seed, decision, quarter, identities[i], 0)
    return out


@kernel
def uniforms_at(seed, decision, quarter, identities, slots, index):
    """One uniform draw for each of the persons in `slots`, float64[n]; drawn in a row they cost a tenth."""
    who, out = np.empty(len(slots), np.int64), np.empty(len(slots))
    for k in range(len(slots)):
        who[k] = identities[slots[k]]
    for k in range(len(slots)):
        out[k] = uniform(seed, decision, quarter, who[k], index)
    return out


def several(seed, decision, quarter, identity, n):
    """The first n uniform draws of one identity, float64[n]."""
    return _several(seed, int(decision), quarter, identity, n)


@kernel
def _several(seed, decision, quarter, identity, n):
    out = np.empty(n)
    for index in range(n):
        out[index] = uniform(seed, decision, quarter, identity, index)
    return out


def normals(seed, decision, quarter, identities):
    """One standard normal draw per identity, float64[n]."""
    return _normals(seed, int(decision), quarter, identities)


@kernel
def _normals(seed, decision, quarter, identities):
    out = np.empty(len(identities))
    for i in range(len(identities)):
        out[i] = normal(seed, decision, quarter, identities[i], 0)
    return out


def exps(x):
    """e**x for an array of any shape."""
    return _exps(np.ravel(x)).reshape(x.shape)


@kernel
def _exps(x):
    out = np.empty(len(x))
    for i in range(len(x)):
        out[i] = exp(x[i])
    return out


def powers(x, a):
    """x**a for an array of any shape."""
    return _powers(np.ravel(x), float(a)).reshape(x.shape)


@kernel
def _powers(x, a):
    out = np.empty(len(x))
    for i in range(len(x)):
        out[i] = power(x[i], a)
    return out


@functools.lru_cache(maxsize=KEPT)
def exact_power(x, a):
    """x**a for x > 0, rounded correctly: for a few numbers, as it takes tens of microseconds.

    The power of the C library differs in the last bit between processors with and without fused multiplication.
    """
    with decimal.localcontext(prec=DECIMALS):
        return float((decimal.Decimal(a) * decimal.Decimal(x).ln()).exp())


def logs(x):
    """log x for an array of any shape."""
    return _logs(np.ravel(x)).reshape(x.shape)


@kernel
def _logs(x):
    out = np.empty(len(x))
    for i in range(len(x)):
        out[i] = log(x[i])
    return out
