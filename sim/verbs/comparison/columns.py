"""The declared columns of what `sim compare` writes: its `codebook.csv`, and the types of its tables."""

from sim.observables.columns import FLOW, INDEX, STOCK, TRAIT, YUAN, column
from sim.observables.outcomes import OUTCOMES, WINDOW

EFFECTS, COMPARE = "sim.statistics.effects", "sim.verbs.compare"
INCIDENCE = "sim.verbs.comparison.incidence"


def words(name, meaning, reference, missing=None):
    """Text of a row."""
    return column(name, "text", meaning, reference, missing=missing)


def numbers(reference, **meanings):
    """Numbers in the unit of their row."""
    return tuple(column(name, "see unit", meaning, reference, INDEX) for name, meaning in meanings.items())


def runs(reference):
    """The number of pairs of runs behind a row."""
    return column("runs", "number", "pairs of runs in which there is such a number", reference, STOCK)


def ends(stem="", of="its interval of 95%"):
    """Name -> meaning of the columns in which an interval ends, for `numbers`."""
    return {f"{stem}low": f"lower end of {of}", f"{stem}high": f"upper end of {of}"}


def effect(reference, stem=""):
    """A mean paired difference with its interval, missing below five pairs and where all pairs are the same."""
    return numbers(reference, difference="mean over pairs of runs, with what differs less without", **ends(stem))


OUTCOME = (
    words("outcome", "outcome", "sim.observables.outcomes.OUTCOMES"),
    words("title", "the outcome in words", "sim.observables.outcomes.OUTCOMES"),
    words("unit", "unit of the numbers in the row", "sim.observables.outcomes.OUTCOMES"),
)
OVER = words("over", "sum over the window, or level at the end", "sim.observables.outcomes.OUTCOMES")
WHY = "why there is no number, missing where there is one"
LEVELS = numbers(EFFECTS, policy="mean with what differs", against="mean without")
VALUE = numbers(EFFECTS, value="estimate", **ends())

COLUMNS = {
    "comparison": (
        *OUTCOME,
        OVER,
        *LEVELS,
        *effect(EFFECTS, "difference_"),
        *numbers(
            EFFECTS,
            percent="difference in percent of the mean without",
            standard_error="of the difference",
            t="difference over its standard error",
            p="two-sided p of the t-test",
            q="rate of false discoveries at which it leaves zero, missing for the primary outcome",
        ),
        column("primary", "flag", "whether it was declared beforehand", EFFECTS, TRAIT),
        runs(EFFECTS),
        column("runs_independent", "runs", "independent runs that would say as much", EFFECTS, INDEX),
        *numbers(
            EFFECTS,
            detectable="smallest difference that so many pairs would show",
            median="median difference, of outcomes with heavy tails",
            **ends("median_", "its interval"),
            trimmed="trimmed mean of the differences, of outcomes with heavy tails",
            **ends("trimmed_", "its interval"),
        ),
    ),
    "public_purse": (
        words("quantity", "cost, tax, net_cost, fiscal_return or mvpf", "sim.statistics.effects.public_purse"),
        words("unit", "unit of the numbers in the row", EFFECTS),
        *VALUE,
        runs(EFFECTS),
    ),
    "ledger": (
        words("block", "part of the ledger", "sim.verbs.comparison.ledger"),
        words("policy", "policy, missing where it is of all together", "sim.verbs.comparison.ledger", "null"),
        words("quantity", "what is counted", "sim.verbs.comparison.ledger"),
        words("unit", "unit of the numbers in the row", "sim.verbs.comparison.ledger"),
        *VALUE,
        runs("sim.verbs.comparison.ledger"),
        words("why", WHY, "sim.verbs.comparison.ledger", "null"),
    ),
    "incidence": (
        words("class", "who", INCIDENCE),
        words("what", "what the class gets", INCIDENCE),
        column("first_cny", YUAN, "paid to it first, sum over runs as simulated", INCIDENCE, FLOW),
        column("first_share", "share", "of the extra outlay, paid to it first", INCIDENCE, INDEX),
        column("first_mean_cny", YUAN, "paid to it first, per pair at full size", INCIDENCE, FLOW, type="double"),
        column("receipts_sum_cny", YUAN, "got more than without, sum over runs as simulated", INCIDENCE, FLOW),
        *(
            column(name, YUAN, meaning, INCIDENCE, FLOW, type="double")
            for name, meaning in {
                "receipts_cny": "got more than without, per pair at full size",
                **ends("receipts_"),
            }.items()
        ),
        runs(INCIDENCE),
    ),
    "heterogeneity": (
        words("dimension", "by what startups are told apart", "sim.verbs.comparison.heterogeneity"),
        words("group", "which of them", "sim.verbs.comparison.heterogeneity"),
        words("outcome", "what is counted", "sim.verbs.comparison.heterogeneity"),
        words("unit", "unit of the numbers in the row", "sim.verbs.comparison.heterogeneity"),
        *LEVELS,
        *effect("sim.verbs.comparison.heterogeneity"),
        *numbers(
            "sim.verbs.comparison.heterogeneity",
            p="two-sided p of the t-test",
            q="rate of false discoveries over the groups of the outcome at which it leaves zero",
        ),
        runs("sim.verbs.comparison.heterogeneity"),
    ),
    "district_effects": (
        words("quantity", "column of the panel of districts", "sim.verbs.comparison.district_effects"),
        words("unit", "unit of the numbers in the row", "sim.verbs.comparison.district_effects"),
        OVER,
        column("district", "code", "district", "City.district_codes"),
        *LEVELS[1:],
        *effect("sim.verbs.comparison.district_effects"),
        runs("sim.verbs.comparison.district_effects"),
        column("percent", "percent", "difference over against", "sim.verbs.comparison.district_effects", INDEX),
    ),
    "admission": (
        words("policy", "policy that keeps score and cut-off", "sim.verbs.comparison.admission"),
        words("outcome", "what became of the startup", "sim.verbs.comparison.admission"),
        words("title", "the outcome in words, with its unit", "sim.verbs.comparison.admission"),
        column("bandwidth", "score", "how far from the cut-off", "sim.verbs.comparison.admission", INDEX),
        column("admitted", "number", "applications just admitted", "sim.verbs.comparison.admission", STOCK),
        column("refused", "number", "applications just refused", "sim.verbs.comparison.admission", STOCK),
        *numbers(
            "sim.verbs.comparison.admission",
            mean_admitted="mean of the just admitted",
            mean_refused="mean of the just refused",
            difference="jump at the cut-off, by local linear fits",
            **ends(of="its robust interval of 95%"),
        ),
        column("twins", "number", "admitted that exist in the other arm", "sim.verbs.comparison.admission", STOCK),
        *numbers(
            "sim.verbs.comparison.admission",
            twin_effect="mean difference to their twins, the truth",
            **ends("twin_"),
        ),
        runs("sim.verbs.comparison.admission"),
        words("why", WHY, "sim.verbs.comparison.admission", "null"),
    ),
    "event_study": (
        OUTCOME[0],
        column("quarter", "quarter", "quarter, such as 2016Q1", "sim.world.calendar.quarter_name"),
        column("relative", "quarters", "since the start", EFFECTS, INDEX),
        words("phase", "before, announced or in force", EFFECTS),
        *effect(EFFECTS),
        runs(EFFECTS),
    ),
    "anticipation": (
        *OUTCOME,
        column("announced", "quarter", "quarter of the announcement", EFFECTS),
        column("until", "quarter", "last quarter before the start", EFFECTS),
        *LEVELS[1:],
        *effect(EFFECTS),
        runs(EFFECTS),
    ),
    "runs": (
        words("arm", "policy or against", COMPARE),
        column("seed", "number", "seed of the run", COMPARE, INDEX),
        *(
            column(
                each.name,
                each.unit,
                f"{each.title}, {each.over}",
                "sim.observables.outcomes.OUTCOMES",
                kind,
                type="double",
            )
            for each in OUTCOMES
            for kind in [INDEX if each.per else FLOW if each.over == WINDOW else STOCK]
        ),
        column("cost_discounted_cny", YUAN, "cost of the purses that differ, discounted", COMPARE, FLOW, type="double"),
        column("tax_discounted_cny", YUAN, "tax, discounted", COMPARE, FLOW, type="double"),
        words("fingerprint", "of the run", COMPARE),
    ),
    "by_group": (
        *OUTCOME,
        OVER,
        words("dimension", "by what the groups are told apart", "sim.verbs.own"),
        words("group", "which of them", "sim.verbs.own"),
        *LEVELS,
        *effect("sim.verbs.own"),
        *numbers(
            "sim.verbs.own",
            percent="difference in percent of the mean without",
            p="two-sided p of the t-test",
            q="rate of false discoveries over the groups of the outcome at which it leaves zero",
        ),
        runs("sim.verbs.own"),
    ),
}


def with_own(columns, about):
    """Declared columns, with those of the table of runs that are of the outcomes of the user's own."""
    rows, n = columns["runs"], 2 + len(OUTCOMES)
    more = [
        column(each["name"], each["unit"], f"{each['title']}, {each['over']}", "sim.verbs.own", kind, type="double")
        for each in about.get("own", ())
        if not each["by"]
        for kind in [INDEX if each["per"] else FLOW if each["over"] == WINDOW else STOCK]
    ]
    return {**columns, "runs": (*rows[:n], *more, *rows[n:])}


KEYS = {
    "comparison": ("outcome",),
    "public_purse": ("quantity",),
    "ledger": ("block", "policy", "quantity"),
    "incidence": ("class",),
    "heterogeneity": ("dimension", "group", "outcome"),
    "district_effects": ("quantity", "district"),
    "by_group": ("outcome", "group"),
    "admission": ("policy", "outcome"),
    "event_study": ("outcome", "quarter"),
    "anticipation": ("outcome",),
    "runs": ("arm", "seed"),
}
