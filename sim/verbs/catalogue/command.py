"""`sim list`, `sim show` and `sim log`: verbs that take words and print."""

from sim.settings.config import check_own_folder
from sim.settings.refusals import ConfigError, nearest
from sim.verbs.catalogue import entries


def answer(verb, words):
    """Print what a verb says; returns the exit code."""
    settings = dict(word.split("=", 1) for word in words if "=" in word)
    problems = [f"{key}: no such key of {verb}{nearest(key, ['configs'])}" for key in settings if key != "configs"]
    own_folder = settings.get("configs")
    problems += check_own_folder(own_folder) if own_folder is not None else []
    if problems:
        raise ConfigError(problems)
    print(VERBS[verb]([word for word in words if "=" not in word], own_folder))
    return 0


def listed(words, own_folder):
    """The rows of a kind, or without words the kinds."""
    from sim.verbs.catalogue.text import table

    if not words:
        kinds = [
            {"list": kind, "of": len(rows(own_folder)), "what": rows.__doc__.partition(":")[0]}
            for kind, (rows, _) in entries.KINDS.items()
        ]
        return "\n".join(table(kinds, 0))
    kind, *narrowed = words
    rows = entries.chosen(kind, narrowed, own_folder)
    shown = entries.KINDS[kind][1]
    return "\n".join(table([{key: row[key] for key in shown} for row in rows], 0))


def described(words, own_folder):
    """All that is known of each name."""
    from sim.verbs.catalogue.describe import describe

    if not words:
        raise ConfigError(["show: name what, as in sim show guidance_fund; sim list tells the names"])
    return "\n\n".join(describe(word, own_folder).text for word in words)


def logged(words, _own_folder):
    """What was asked below a folder."""
    from sim.verbs.catalogue import log

    return log.screen(words)


VERBS = {"list": listed, "show": described, "log": logged}
