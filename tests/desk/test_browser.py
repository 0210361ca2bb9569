"""Atlas, desk and report as a browser shows them: on a wide and a narrow screen, by mouse and by keys alone."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time

import pytest
from lake import CITY, CLOCKS, PROGRAMME

import sim
from sim import cli
from sim.report.words import Words

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(kept):
    """A folder with a small atlas, a report in both languages, and a store of runs."""
    words = ("against=none", "runs=5", "workers=1", f"store={kept / 'kept/store'}", "end=2008Q4")
    assert cli.main(["compare", *CITY, *PROGRAMME, *words, f"output={kept / 'compare'}"]) == 0
    (comparison,) = (kept / "compare").iterdir()
    for language in ("en", "zh"):
        assert cli.main(["report", str(comparison), f"language={language}", f"output={kept / 'report'}"]) == 0
    return kept


@pytest.fixture(scope="module")
def desk(made):
    """The address of a desk that is served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = (*CITY, *PROGRAMME, CLOCKS, f"port={port}", "open=false", "runs=8", f"store={made / 'kept/store'}")
    with open(made / "desk.log", "w") as log:
        served = subprocess.Popen(
            [sys.executable, "-m", "sim", "desk", *words], stdout=log, stderr=log, start_new_session=True
        )
    for _ in range(240):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert served.poll() is None, (made / "desk.log").read_text()
        time.sleep(0.5)
    yield f"http://localhost:{port}/"
    os.killpg(served.pid, signal.SIGTERM)
    served.wait(20)


def address(folder, file, **more):
    (file,) = folder.rglob(file)
    return f"file://{file}" + ("#" + "&".join(f"{key}={value}" for key, value in more.items()) if more else "")


# ---------------------------------------------------------------- the atlas


def open_atlas(watched, made, **more):
    watched.page.goto(address(made, "atlas.html", **more))
    watched.page.wait_for_selector("html[data-ready]")
    return watched.page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_atlas_is_read_everywhere(opened, made, language):
    page = open_atlas(opened, made, language=language)
    opened.picture(f"atlas_{opened.name}_{language}")
    assert page.inner_text("h1") and opened.too_wide() <= 0
    assert page.get_attribute("html", "lang") == {"en": "en", "zh": "zh-Hans"}[language]
    assert opened.grave() == []


@pytest.mark.parametrize("page", ["atlas.html", "report_en.html"])
def test_a_dark_screen_is_read_as_well(wide, made, page):
    """Words are light and figures keep their ground; the checker finds no contrast too low."""
    wide.page.emulate_media(color_scheme="dark")
    wide.page.goto(address(made, page))
    wide.page.wait_for_selector(".drawing")
    wide.picture(f"{page.partition('.')[0]}_dark")
    ground = wide.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(20, 24, 28)" and wide.grave() == []
    drawn = wide.page.evaluate("getComputedStyle(document.querySelector('.drawing')).backgroundColor")
    assert drawn == "rgb(255, 255, 255)"


def test_choices_change_the_answer_and_the_address(wide, made):
    page = open_atlas(wide, made, name="returnee_programme")
    before = page.inner_text("h1")
    page.check("input[name=name][value=slowdown]", force=True)
    page.wait_for_function("before => document.querySelector('h1').textContent !== before", arg=before)
    assert "name=slowdown" in page.url and page.inner_text("h1").startswith("Slowdown")
    assert page.locator("#announced").text_content() == page.inner_text("h1")
    page.go_back()
    page.wait_for_function("before => document.querySelector('h1').textContent === before", arg=before)
    assert page.inner_text("h1") == before


def test_another_outcome_is_answered_for_and_shocks_stand_apart(wide, made):
    """What is judged by is what sentence, facts and sizes speak of; nobody chooses a shock for its cost."""
    page = open_atlas(wide, made, name="returnee_programme")
    assert "Jobs" in page.inner_text(".facts") and page.locator(".facts").count() == 1
    page.select_option("#outcome", "returnees")
    page.wait_for_function("document.querySelector('.facts').textContent.startsWith('Returnees')")
    assert "Returnees" in page.inner_text(".sizes legend") and page.locator(".sizes").count() == 1
    assert page.locator("input[name=size]:checked").get_attribute("value") == "1"
    assert "returnees" in page.inner_text(".also.chosen")
    page.select_option("#order", "effect")
    page.select_option("#limit", "20000000000")
    page.wait_for_selector("#rows small >> text=costs")
    names = page.locator("#rows fieldset").last.locator("input").evaluate_all("all => all.map((one) => one.value)")
    assert names == ["slowdown"]
    wide.picture("atlas_judged_by_returnees")
    assert wide.grave() == []


def test_the_atlas_is_used_by_keys_alone(wide, made):
    page = open_atlas(wide, made, name="returnee_programme")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.name || document.activeElement.id"))
    assert {"language", "clock", "outcome", "name", "size"} <= seen
    page.focus("input[name=name]:checked")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("!location.hash.includes('name=returnee_programme')")
    assert page.evaluate("document.activeElement.name") == "name"  # the arrow moves and chooses, and focus stays
    page.focus("#order")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("location.hash.includes('order=effect')")


def test_a_size_is_chosen_and_its_command_copied(wide, made):
    page = open_atlas(wide, made, name="returnee_programme")
    page.check("input[name=size][value='2']", force=True)
    page.wait_for_function("location.hash.includes('size=2')")
    page.click("button[data-of=command]")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("sim compare") and "arrival_grant:60000" in copied


# ---------------------------------------------------------------- the report


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_is_read_everywhere(opened, made, language):
    opened.page.goto(address(made / "report", f"report_{language}.html"))
    opened.picture(f"report_{opened.name}_{language}")
    assert opened.page.inner_text("h1") and opened.too_wide() <= 0 and opened.grave() == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_report_is_printed_on_two_pages_and_an_appendix(wide, made, language):
    """Between the margins an A4 page has 180 by 271 mm; nothing is wider, or all would be printed smaller."""
    width, height = 680, 1024
    wide.page.set_viewport_size({"width": width, "height": height})
    wide.page.emulate_media(media="print")
    wide.page.goto(address(made / "report", f"report_{language}.html"))
    wide.picture(f"report_print_{language}")
    sheets = wide.page.locator("article").evaluate_all("all => all.map((one) => one.getBoundingClientRect().height)")
    assert max(sheets[:2]) <= height and wide.too_wide() <= 0


# ---------------------------------------------------------------- the desk


def open_desk(watched, desk):
    watched.page.goto(desk)
    watched.page.wait_for_selector("h1", timeout=90_000)
    return watched.page


ALL = """const all = (root) => [...root.querySelectorAll('*')].flatMap(
    (one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);"""


def settled(page):
    """Wait until the answer rests on all pairs."""
    page.wait_for_function(
        f"""() => {{ {ALL} const found = all(document);
        return found.some((one) => one.tagName === 'H1' && !one.className)
          && !found.some((one) => one.className === 'strip'); }}""",
        timeout=90_000,
    )
    page.wait_for_timeout(700)  # until the last of it is drawn


def focused(page):
    """What has the focus, in words."""
    return page.evaluate(
        """() => { let one = document.activeElement;
        while (one && one.shadowRoot && one.shadowRoot.activeElement) one = one.shadowRoot.activeElement;
        return one.tagName + ':' + (one.textContent || one.getAttribute('aria-label') || ''); }"""
    )


def label(page, words):
    return page.get_by_label(re.compile(words)).first


def unfold(page, group, instrument):
    page.get_by_text(group, exact=True).first.click()
    page.get_by_text(re.compile(f"^{instrument} \u00b7 ")).first.click()


def test_the_desk_answers_and_can_be_read_everywhere(opened, desk):
    page = open_desk(opened, desk)
    settled(page)
    opened.picture(f"desk_{opened.name}")
    assert "Returnee programme" in page.inner_text("h1") and opened.too_wide() <= 0
    assert opened.grave() == []


def test_a_lever_changes_the_answer_only_when_applied_and_the_command_makes_it(wide, desk, made, tmp_path):
    page = open_desk(wide, desk)
    settled(page)
    before = page.inner_text("h1")
    unfold(page, "People", "Returnee programme")
    field = label(page, "arrival grant")
    field.fill("90000")
    field.press("Tab")
    page.wait_for_selector("text=Changed and not applied")
    assert page.inner_text("h1") == before
    wide.picture("desk_changed")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_selector("text=pairs")
    settled(page)
    assert page.inner_text("h1") != before
    command = label(page, "^Command").input_value()
    assert "arrival_grant:90000" in command
    words = [*shlex.split(command)[1:], *(word for word in CITY if not word.startswith("scale")), *PROGRAMME]
    assert cli.main([*words, "workers=1", f"output={tmp_path}", f"store={made / 'kept/store'}"]) == 0
    (folder,) = tmp_path.iterdir()
    row = sim.load(folder).table.set_index("outcome").loc["startup_jobs"]
    shown = page.locator(".facts .below").first.inner_text()
    assert shown == Words("en").range(row["difference_low"], row["difference_high"], "jobs")


def test_the_answer_is_judged_by_another_outcome_at_once(wide, desk):
    """Nothing is computed for it, and the command says so."""
    page = open_desk(wide, desk)
    settled(page)
    label(page, "Judged by").select_option(label="Returnees")
    page.wait_for_selector(".facts .label >> text=Returnees")
    settled(page)
    assert "primary=returnees" in label(page, "^Command").input_value()
    assert wide.grave() == []


def test_a_value_out_of_bounds_is_refused_at_its_field(wide, desk):
    page = open_desk(wide, desk)
    unfold(page, "People", "Returnee programme")
    field = label(page, "arrival grant")
    field.fill("-5")
    field.press("Tab")
    page.wait_for_selector("[role=alert] >> text=is not possible")
    assert page.get_by_role("button", name="Apply").is_disabled()
    wide.picture("desk_refused")
    assert wide.grave() == []
    field.fill("40,000")
    field.press("Tab")
    page.wait_for_function("() => true")
    page.wait_for_selector("text=is not possible", state="detached")
    assert page.get_by_role("button", name="Apply").is_enabled()


def test_it_is_refined_and_stopped(wide, desk):
    page = open_desk(wide, desk)
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("text=/stopped at|of 8 pairs/")
    label(page, "Start from").select_option(label="without Returnee programme")
    page.get_by_role("button", name="Apply").click()
    settled(page)
    assert "Without Returnee programme" in page.inner_text("h1")


def test_two_sessions_do_not_disturb_one_another(browser, desk, wide):
    other = type(wide)(browser, {"width": 1280, "height": 900})
    one, two = open_desk(wide, desk), open_desk(other, desk)
    label(one, "Start from").select_option(label="without Returnee programme")
    one.get_by_role("button", name="Apply").click()
    settled(one)
    settled(two)
    assert "Without" in one.inner_text("h1") and "Without" not in two.inner_text("h1")
    other.context.close()
    assert other.wrong == []


def test_the_desk_speaks_chinese(wide, desk):
    page = open_desk(wide, desk)
    page.get_by_text("中文", exact=True).click()
    page.wait_for_selector("text=政策推演台")
    settled(page)
    wide.picture("desk_zh")
    assert "海归创业计划" in page.inner_text("h1")


def test_the_desk_is_used_by_keys_alone(wide, desk):
    page = open_desk(wide, desk)
    settled(page)
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(focused(page))
        if reached[-1].endswith("Apply"):
            break
    assert any(one.endswith("Apply") for one in reached), reached
    page.keyboard.press("Enter")
    settled(page)


def test_what_is_exported_is_what_is_shown(wide, desk, tmp_path):
    page = open_desk(wide, desk)
    settled(page)
    with page.expect_download() as started:
        page.get_by_text("Report (html)").click()
    started.value.save_as(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert page.inner_text("h1") in text
