"""Bundles: policies that are chosen together, by history or by a yaml of members."""

from collections.abc import Iterable

from sim.settings import shapes
from sim.settings.files import Tree, options, read_yaml
from sim.settings.refusals import nearest
from sim.settings.shapes import MEMBERS
from sim.world.city import City


def members_of(group: str, names: Iterable[str], city: str | None, own_folder: str | None) -> list[str]:
    """The policies that are meant by names of policies, of bundles, and of history in the city of a name."""
    files, found = options(group, own_folder), []
    for name in names:
        if name == "history" and city in options("city", own_folder):
            path = options("city", own_folder)[city].with_suffix("") / "policies.yaml"
            found += list(read_yaml(path) or {}) if path.is_file() else []
        elif name in files and shapes.is_bundle(files[name]):
            found += list(read_yaml(files[name])[MEMBERS] or {})
        else:
            found.append(name)
    return [name for name in dict.fromkeys(found) if name in files]


def other_arms(tree: Tree, own_folder: str | None) -> list[str]:
    """The policies of the other arm of a verb that compares, and of the arms of a sweep."""
    asked = tree["experiment"] if isinstance(tree.get("experiment"), dict) else {}
    arms = asked.get("arms")
    sets = [asked.get("against"), *(arms.values() if isinstance(arms, dict) else ())]
    said = [arm.get("policy") if isinstance(arm, dict) else arm for arm in sets]
    listed = [name for arm in said for name in (arm if isinstance(arm, list) else [arm]) if isinstance(name, str)]
    city = tree["city"].get("name") if isinstance(tree.get("city"), dict) else None
    return members_of("policy", listed, city, own_folder)


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
    for name in [name for name in given if name in files and shapes.is_bundle(files[name])]:
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
