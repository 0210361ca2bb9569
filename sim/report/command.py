"""`sim report FOLDER`: two pages and an appendix of a comparison or a run, in one HTML file, and its tables beside it.

The folder itself stays as it is, so that `sim verify` goes on saying so. In another folder, `output=`:

    report_en.html   the pages; nothing of them asks the network, and a browser prints them
    tables_en.md     the tables of the appendix in Markdown
    tables_en.tex    and in LaTeX, for booktabs
"""

import os
from pathlib import Path

from sim.report import brief, city_brief, folder, markup, page
from sim.report.words import LANGUAGES, Words
from sim.runs.folders import refusals_told, write_text
from sim.settings.files import check_place
from sim.settings.refusals import ConfigError, nearest
from sim.sweep.folder_verbs import one_folder

REPORTS = {"comparison": brief.report, "run": city_brief.report}
LATEX = "% \\usepackage{booktabs}; Chinese: \\usepackage{ctex} with XeLaTeX\n\n"


def answer(verb, asked):
    """Write the report that the words ask for and return the exit code."""
    source, settings = one_folder(asked, verb, ("language", "output"))
    language = settings.get("language", "en")
    output = Path(settings.get("output", f"{source.resolve()}-report"))
    problems = check_place("output", settings["output"]) if "output" in settings else []
    if language not in LANGUAGES:
        problems.append(f"language={language}: no such language{nearest(language, LANGUAGES)}")
    if output.resolve().is_relative_to(source.resolve()):
        problems.append(f"output={output}: should lie outside the folder, which stays as it is")
    if os.path.lexists(output) and not output.is_dir():
        problems.append(f"output={output}: is a file; name a folder")
    if problems:
        raise ConfigError(problems)
    kind, found = folder.read(source)
    words = Words(language, zip(found["districts"]["code"], found["districts"]["name"], strict=True))
    report = REPORTS[kind](words, found, source.resolve().name)
    files = {
        f"report_{language}.html": page.whole(words, report),
        f"tables_{language}.md": f"# {report.title}\n\n" + "\n".join(map(markup.markdown, report.tables)),
        f"tables_{language}.tex": LATEX + "\n".join(map(markup.latex, report.tables)),
    }
    with refusals_told(output):
        output.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_text(output / name, content)
    print(output / f"report_{language}.html")
    return 0
