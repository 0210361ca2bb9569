"""The documentation site builds without a warning: no link leads nowhere, no page stands outside the doors."""

import subprocess
import sys

import pytest
from project import ROOT

DOORS = ("decide", "learn", "research", "compute")


@pytest.mark.slow
def test_the_site_builds_and_every_link_holds(tmp_path):
    words = ["-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-c", "docs/site", ".", str(tmp_path)]
    built = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0 and not built.stderr, built.stderr
    front = (tmp_path / "docs" / "site" / "pages" / "index.html").read_text("utf-8")
    first = (tmp_path / "index.html").read_text("utf-8")
    assert all(f'href="docs/site/pages/{page}.html"' in first for page in ("index", *DOORS))
    assert 'src="atlas.html"' in first and (tmp_path / "atlas.html").is_file()
    assert all(f'href="{door}.html"' in front for door in DOORS)
    assert "startups_alive" in (tmp_path / "docs" / "site" / "pages" / "columns.html").read_text("utf-8")
    pages = [page.read_text("utf-8") for page in tmp_path.rglob("*.html")]
    assert not any(loaded in page for page in pages for loaded in ('src="http', '<link rel="stylesheet" href="http'))
