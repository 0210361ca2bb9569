"""The documentation site: `make site` builds it into `build/site` from the Markdown of the repository.

Nothing is fetched while it is built or read. Its pages are the files that stand in the repository, so that none is
written twice; what is made of code or of yaml (codebook, words, API) is made while it is built.
"""

import csv
from importlib.metadata import version as installed
from pathlib import Path

from sim.observables.codebook import CODEBOOK
from sim.report.words import Words

ROOT = Path(__file__).parents[2]
MADE = ROOT / "build" / "site-made"  # tables that pages of docs/site/pages show

project = "The Silicon Bund"
author = "the authors of the Silicon Bund"
release = installed("silicon-bund")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/site/pages/index"
include_patterns = ["docs/*.md", "docs/site/pages/*.md", "results/*.md", "results/**/*.md", "*.md"]
exclude_patterns = ["README.md"]  # the page of the repository, whose parts the doors lead to
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 5
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # names of types are as in the sources, and told in words
napoleon_google_docstring = False
nitpicky = True
nitpick_ignore = [("py:class", "pathlib.Path")]
suppress_warnings = ["myst.header"]  # pages that are made begin some sections a level further down

html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
templates_path = ["templates"]
html_additional_pages = {"index": "front.html"}  # the four doors, and the atlas
html_extra_path = [str(ROOT / "results" / "atlas" / "atlas.html")]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "show_prev_next": False,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}


def made(name, head, rows):
    """Write a table that a page shows."""
    MADE.mkdir(parents=True, exist_ok=True)
    with open(MADE / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


made(
    "columns",
    ["table", "column", "type", "unit", "kind", "meaning"],
    [
        [table, each.name, each.type, each.unit, each.kind, each.meaning]
        for table, columns in CODEBOOK.items()
        for each in columns
    ],
)
made(
    "words",
    ["English", "中文", "meaning", "意思"],
    [
        [entry["en"], entry["zh"], entry["means"]["en"], entry["means"]["zh"]]
        for group in ("glossary", "outcomes")
        for entry in Words("en").table[group].values()
    ],
)
