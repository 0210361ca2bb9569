"""A browser for the pages, where there is one: Debian's Chromium, driven by Playwright."""

import os
import shutil
from pathlib import Path

import lake
import pytest

from sim import cli

SCREENS = Path(os.environ.get("SIM_SCREENSHOTS", "")) if os.environ.get("SIM_SCREENSHOTS") else None
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 420, "height": 900}
GRAVE = ("serious", "critical")


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """A folder with a small atlas in `atlas`, and with its store of runs."""
    folder = tmp_path_factory.mktemp("kept")
    asked = ("only=[returnee_programme,slowdown,data_zone]", "sizes=[1,2]", "runs=5", "workers=1", lake.CLOCKS)
    words = (*lake.CITY, *lake.PROGRAMME, *asked, f"output={folder / 'atlas'}", f"store={folder / 'kept/store'}")
    assert cli.main(["atlas", *words]) == 0
    return folder


@pytest.fixture(scope="session")
def browser():
    """The browser; a test without one is left out, and `make test-desk` has one."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="a browser is driven by the extra [browser]")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


class Watched:
    """A page, with all that goes wrong in it, and all that it asks of other machines."""

    def __init__(self, browser, view):
        self.context = browser.new_context(viewport=view, permissions=["clipboard-read", "clipboard-write"])
        self.page = self.context.new_page()
        self.wrong = []
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", self._asked)

    def _asked(self, request):
        here = ("file:", "data:", "blob:", "http://localhost", "http://127.0.0.1", "ws://localhost", "ws://127.0.0.1")
        if not request.url.startswith(here):
            self.wrong.append(f"asked {request.url}")

    def grave(self):
        """What an accessibility checker finds serious."""
        axe = pytest.importorskip("axe_playwright_python", reason="the checker is in the extra [browser]")
        self.page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8"))
        found = self.page.evaluate("axe.run()")["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in GRAVE]

    def too_wide(self):
        """By how many pixels it is wider than its screen."""
        return self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    def picture(self, name):
        """Keep what is seen, where a folder is named by SIM_SCREENSHOTS."""
        if SCREENS is not None:
            SCREENS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SCREENS / f"{name}.png", full_page=True)


@pytest.fixture(params=["wide", "narrow"])
def opened(browser, request):
    """A page on a wide and on a narrow screen; at the end nothing has gone wrong in it."""
    watched = Watched(browser, {"wide": WIDE, "narrow": NARROW}[request.param])
    watched.name = request.param
    yield watched
    watched.context.close()
    assert watched.wrong == []


@pytest.fixture
def wide(browser):
    """A page on a wide screen."""
    watched = Watched(browser, WIDE)
    yield watched
    watched.context.close()
    assert watched.wrong == []
