"""Bundles: policies that are chosen together, by history or by a yaml of members."""

from sim.settings.files import Tree, options, read_yaml
from sim.settings.refusals import nearest
from sim.world.city import City

MEMBERS = "members"  # key of the yaml of a bundle


def unpack(
    group: str, given: Tree, city: City | None, own: str | None, problems: list[str]
) -> dict[str, tuple[str, Tree]]:
    """Name -> (its bundle, settings) of the members of history, where `city` is given, and of the bundles in `given`,
    which loses them.

    A bundle is a yaml of `members`, name -> settings above those of the member's own yaml. Two bundles may
    share a member with the same settings.
    """
    known = options(group, own)
    chosen: dict[str, tuple[str, Tree]] = {}
    bundles = {"history": (f"{city.name}/policies.yaml", city.policies)} if city is not None else {}
    for name in [name for name in given if name in known and MEMBERS in (read_yaml(known[name]) or {})]:
        says, file = given.pop(name), read_yaml(known[name])
        bundles[name] = (known[name].name, file[MEMBERS])
        if says != file:
            problems.append(
                f"{group}.{name}: holds no settings; write {group}=[{name}], "
                f"and set a knob of a member by {group}.<member>.<knob>=..."
            )
    for bundle, (place, members) in bundles.items():
        for name, settings in members.items():
            if name not in known:
                problems.append(f"{place}: {name}: no such {group}{nearest(name, known)}")
            elif name in chosen and chosen[name][1] != (settings or {}):
                problems.append(
                    f"{group}=[{chosen[name][0]},{bundle}]: "
                    f"{name} stands in both with different settings; leave out one"
                )
            else:
                chosen.setdefault(name, (bundle, dict(settings or {})))
    return chosen
