"""Bundles: a yaml that lists policies, chosen like one."""

import pytest

from sim.settings import config, contrast
from sim.settings.bundles import MEMBERS
from sim.settings.files import CONFIGS, options, read_yaml, to_yaml
from sim.settings.refusals import ConfigError
from sim.world.calendar import quarter_of

BUNDLES = {
    path.stem: read_yaml(path)[MEMBERS]
    for path in sorted((CONFIGS / "policy").glob("*.yaml"))
    if MEMBERS in read_yaml(path)
}


def names(found):
    return [policy.name for policy in found.policies]


@pytest.fixture
def own(toy):
    """A folder of the user's with bundles of the made-up world."""
    (toy / "mine" / "policy").mkdir(parents=True)
    for name, members in {
        "pair": "{desk: {start: 2015Q1}, grant: {low: 0.15}}",
        "late": "{desk: {start: 2019Q1}}",
        "astray": "{dsek: {start: 2015Q1}}",
        "wrong": "{grant: {lwo: 0.1}}",
    }.items():
        (toy / "mine" / "policy" / f"{name}.yaml").write_text(f"# @package policy.{name}\nmembers: {members}\n")
    return "configs=mine"


def problems(*words):
    with pytest.raises(ConfigError) as refused:
        config.load(list(words))
    return refused.value.problems


def test_a_bundle_is_its_members_with_its_settings(own):
    found = config.load([own, "policy=pair"])
    assert names(found) == ["desk", "grant"]
    assert (found.policies[0].start, found.policies[0].places, found.policies[1].low) == (
        quarter_of("2015Q1"),
        20,
        0.15,
    )
    assert found == config.load([own, "policy=[pair]"])


def test_settings_of_the_command_line_stand_above_a_bundle(own):
    found = config.load([own, "policy=pair", "policy.desk.places=7", "policy.grant.low=0.05"])
    assert (found.policies[0].places, found.policies[1].low) == (7, 0.05)


def test_without_drops_a_member(own):
    assert names(config.load([own, "policy=pair", "without=[desk]"])) == ["grant"]


def test_a_bundle_stands_beside_policies_and_history(own):
    assert names(config.load([own, "policy=[pair,desk_2]", "policy.desk.end=2019Q4"])) == ["desk", "grant", "desk_2"]
    assert names(config.load([own, "policy=[history,pair]"])) == ["desk", "grant"]  # desk has one start in both


def test_what_a_bundle_became_is_kept_and_loads_again(own, toy):
    found = config.load([own, "policy=pair"]).one_run()
    (toy / "config.yaml").write_text(to_yaml(found.resolved))
    assert config.load_file(toy / "config.yaml", trusted=True) == found


@pytest.mark.parametrize(
    "words, said",
    [
        (
            ["policy=[history,late]"],
            "policy=[history,late]: desk stands in both with different settings; leave out one",
        ),
        (["policy=[pair,grant]"], "policy=grant: chosen twice, it is part of pair"),
        (["policy=astray"], "policy/astray.yaml: dsek: no such policy; did you mean desk?"),
        (["policy=wrong"], "policy.grant.lwo: no such key; did you mean policy.grant.low?"),
        (["policy=pear"], "policy=pear: no such policy; did you mean pair?"),
        (
            ["policy=pair", "policy.pair.start=2016Q1"],
            "policy.pair: holds no settings; write policy=[pair], "
            "and set a knob of a member by policy.<member>.<knob>=...",
        ),
    ],
)
def test_what_is_refused(own, words, said):
    assert problems(own, *words) == [said]


# ---------------------------------------------------------------- those of the package


@pytest.mark.parametrize("name", BUNDLES)
def test_the_bundles_of_the_package_load(name):
    missing = set(BUNDLES[name]) - set(options("policy"))
    assert missing == set()
    found = config.load([f"policy={name}", "end=2035Q4"])
    assert names(found) == list(BUNDLES[name])
    assert all(policy.start is not None for policy in found.policies)


def test_a_bundle_can_be_either_arm_of_a_comparison():
    words = ["experiment=compare", "policy=[startup_shanghai_3,talent_homes]", "against=[startup_shanghai_3]"]
    found = contrast.of(config.load(words))
    assert names(found.arms["against"]) == list(BUNDLES["startup_shanghai_3"])
    assert list(found.about["differing"]) == ["talent_homes"]


def test_zones_of_one_district_stand_together_unless_they_share_a_sector():
    zones = "policy=[innovation_centre_2016,innovation_zone_lingang]"
    assert len(config.load([zones]).policies) == 4
    (said,) = problems(zones, "policy.innovation_zone_lingang.sectors=[ai_software]")
    assert said.startswith(
        "policy=[innovation_zone_zhangjiang,innovation_zone_lingang]: both are InnovationZone and in force at one time"
    )
