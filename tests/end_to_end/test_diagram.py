"""The drawn diagram of a city: every district has its place and its share of the room, and tiles are left without an
outline.
"""

import shutil
from pathlib import Path

import pytest

from sim.report import diagram, drawing
from sim.report.words import LANGUAGES, Words
from sim.settings.config import load
from sim.settings.files import CONFIGS
from sim.settings.refusals import ConfigError
from sim.world import readers

FOLDER = Path(CONFIGS) / "city" / "shanghai"


def cells(words, codes):
    return [
        drawing.Cell(words.places[code], code, i // 4, i % 4, 2.0 if i % 2 else None, "+2%")
        for i, code in enumerate(codes)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "waters"), [("shanghai", ("Yangtze", "东海")), ("shenzhen", ("Mirs Bay", "大鹏湾"))])
def test_every_district_is_drawn_and_named(name, waters, language):
    config = load([f"city={name}"])
    city = config.city
    words = Words(language, zip(city.district_codes, city.district_names, strict=True))
    found = diagram.of(words, config.resolved, city.district_codes)
    text = drawing.change_map("Change", cells(words, city.district_codes), words.tick, "not told", found)
    for code in city.district_codes:
        assert found.cells[code] in text
        assert f">{words.places[code].replace(chr(39), '&#x27;')}<" in text
        x, y, room = found.places[code]
        assert 0 < x < drawing.WIDTH and 0 < y < found.height and room > 0
    assert f">{waters[language == 'zh']}<" in text


def test_areas_are_as_their_shares_on_either_bank():
    _, rows = readers.read_csv(FOLDER / diagram.FILE)
    _, districts = readers.read_csv(FOLDER / "districts.csv")
    parts = {kind: [diagram._shrunk(row) for row in rows if row["kind"] == kind] for kind in ("outline", "river")}
    banks = diagram._banks(parts["outline"], parts["river"])
    area = {row["code"]: float(row["area_km2"]) for row in districts}
    for bank in banks:
        here = [row for row in districts if row["code"] != "PD" and diagram._inside(diagram._shrunk(row), bank)]
        shares = [area[row["code"]] ** diagram.SHARE for row in here]
        drawn = [abs(diagram._area(cell)) for cell in diagram._power(bank, [*map(diagram._shrunk, here)], shares)]
        for share, size in zip(shares, drawn, strict=True):
            assert size / sum(drawn) == pytest.approx(share / sum(shares), rel=0.03)
        assert sum(drawn) == pytest.approx(abs(diagram._area(bank)), rel=1e-6)  # nothing is left, nothing shared


def test_a_city_without_an_outline_has_tiles_and_a_wrong_one_is_refused(tmp_path, monkeypatch):
    city = load().city
    words = Words("en", zip(city.district_codes, city.district_names, strict=True))
    own = tmp_path / "shanghai"
    shutil.copytree(FOLDER, own)
    monkeypatch.setattr(diagram, "options", lambda *_: {"shanghai": tmp_path / "shanghai.yaml"})
    (own / diagram.FILE).write_text("kind,name,x_km,y_km\nmoat,a,1,2\n")
    with pytest.raises(ConfigError, match="moat"):
        diagram.of(words, load().resolved, city.district_codes)
    (own / diagram.FILE).unlink()
    assert diagram.of(words, load().resolved, city.district_codes) is None
    assert "<rect" in drawing.change_map("Change", cells(words, city.district_codes), words.tick, "not told")
