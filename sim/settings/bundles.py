"""Bundles: policies that are chosen together, by history or by a yaml of members."""

from sim.settings.files import Tree, options, read_yaml
from sim.settings.refusals import nearest
from sim.world.city import City

MEMBERS = "members"  # key of the yaml of a bundle


def unpack(
    group: str, given: Tree, city: City | None, own_folder: str | None, problems: list[str]
) -> dict[str, tuple[str, Tree]]:
    """Name -> (its bundle, settings) of the members of history, where `city` is given, and of the bundles in `given`,
    which loses them.

    A bundle is a yaml of `members`, name -> settings above those of the member's own yaml. Two bundles may
    share a member with the same settings.
    """
    files = options(group, own_folder)
    chosen: dict[str, tuple[str, Tree]] = {}
    bundles = {"history": (f"{city.name}/policies.yaml", city.policies)} if city is not None else {}
    for name in [name for name in given if name in files and MEMBERS in (read_yaml(files[name]) or {})]:
        says, file = given.pop(name), read_yaml(files[name])
        bundles[name] = (files[name].name, file[MEMBERS])
        if says != file:
            problems.append(
                f"{group}.{name}: holds no settings; write {group}=[{name}], "
                f"and set a knob of a member by {group}.<member>.<knob>=..."
            )
    for bundle, (source, members) in bundles.items():
        for name, settings in members.items():
            if name not in files:
                problems.append(f"{source}: {name}: no such {group}{nearest(name, files)}")
            elif name in chosen and chosen[name][1] != (settings or {}):
                problems.append(
                    f"{group}=[{chosen[name][0]},{bundle}]: "
                    f"{name} stands in both with different settings; leave out one"
                )
            else:
                chosen.setdefault(name, (bundle, dict(settings or {})))
    return chosen
