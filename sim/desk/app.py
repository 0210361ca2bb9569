"""The page of the desk, in Panel: levers at the left, the answer at the right. A session has an engine of its own."""

import io
import math
import zipfile
from functools import partial

import panel as pn

from sim.atlas import combinations, entries
from sim.desk import answer, engine, scenario
from sim.desk.scenario import Scenario
from sim.observables.written import read_csv
from sim.report import verdict
from sim.report.words import Words
from sim.runs import records
from sim.settings.counterfactuals import factor_bounds, yaml_of
from sim.settings.files import options, read_yaml
from sim.settings.refusals import ConfigError

COPY = """
const text = area.value;
if (navigator.clipboard) navigator.clipboard.writeText(text);
"""
NARROW = {"flex": "1 1 300px", "max-width": "min(100%, 350px)", "min-width": "min(100%, 290px)"}
WIDE = {"flex": "4 1 560px", "min-width": "min(100%, 300px)", "max-width": "100%"}
HALF = {"flex": "1 1 320px", "min-width": "min(100%, 280px)", "max-width": "100%"}


def serve(config):
    """Serve until interrupted."""
    asked = config.experiment
    pn.extension(notifications=False)
    address, port = asked["address"], asked["port"]
    shown = "localhost" if address in ("127.0.0.1", "0.0.0.0", "::1") else address
    print(f"http://{shown}:{port}/ has the desk; Ctrl-C ends it", flush=True)
    origins = [f"{name}:{port}" for name in dict.fromkeys((shown, address, "127.0.0.1", "localhost"))]
    pn.serve(
        {"/": lambda: page(config)},
        port=port,
        address=address,
        websocket_origin=origins if address != "0.0.0.0" else ["*"],
        show=asked["open"],
        title=Words("en")("desk"),
        verbose=False,
    )


def page(config):
    """The desk of one session."""
    return Desk(config).layout


class Desk:
    """The levers, the answer, and the engine of a session."""

    def __init__(self, config):
        self.config, self.asked = config, config.experiment
        self.base = config.one_run()
        self.clocks = {name: tuple(span) for name, span in self.asked["clocks"].items()}
        self.folder = combinations.beside(self.asked["store"])
        self.districts = read_csv(io.StringIO(records.districts(config)))
        self.language, self.preset, self.scenario = "en", "history", Scenario(next(iter(self.clocks)))
        self.judged = verdict.JUDGED_BY
        self.errors, self.shown, self.pair, self.heard, self.focus = {}, None, None, None, None
        self.stopped, self.waiting, self.pairs = False, True, self.asked["runs"]
        self.document = pn.state.curdoc
        self.engine = engine.Engine(self.hear)
        if self.document is not None:
            pn.state.on_session_destroyed(lambda _: self.engine.close())
        # Buttons are the same ones for as long as the page is there: none is taken away under a click.
        self.apply_button = pn.widgets.Button(
            button_type="warning", sizing_mode="stretch_width", stylesheets=[answer.APPLY]
        )
        self.stop_button = pn.widgets.Button(width=110)
        self.more_button = pn.widgets.Button(width=170, visible=False)
        self.apply_button.on_click(lambda _: self.apply())
        self.stop_button.on_click(lambda _: self.stop())
        self.more_button.on_click(lambda _: self.add())
        self.left, self.right = (pn.Column(styles=styles, sizing_mode="stretch_width") for styles in (NARROW, WIDE))
        self.layout = pn.FlexBox(self.left, self.right, sizing_mode="stretch_width", gap="18px", styles=answer.PAGE)
        self.build()
        self.apply()

    @property
    def words(self):
        """The table of words in the language shown."""
        return Words(self.language, zip(self.districts["code"], self.districts["name"], strict=True))

    # ------------------------------------------------------------ building

    def build(self):
        """All widgets, in the language shown."""
        words = self.words
        self.message = answer.pane()
        self.status = answer.pane()
        self.head, self.more, self.sure = answer.pane(), answer.pane(), answer.pane()
        self.map, self.lines = answer.pane(), answer.pane()
        self.apply_button.name, self.stop_button.name = words("apply"), words("cancel")
        self.quarters = []
        self.quarter = answer.Scrubber(label=words("shown_quarter") + words("colon"), sizing_mode="stretch_width")
        self.quarter.param.watch(lambda _: self.draw_map(), "value")
        outcomes = {words.name("outcomes", name): name for name in answer.OUTCOMES}
        self.outcome = pn.widgets.Select(
            name=words("shown_outcome"), options=outcomes, value=self.judged, sizing_mode="stretch_width"
        )
        self.outcome.param.watch(lambda _: self.draw_lines(), "value")
        self.command = pn.widgets.TextAreaInput(
            name=words("command"), rows=4, max_length=50_000, sizing_mode="stretch_width"
        )
        self.yaml = pn.widgets.TextAreaInput(
            name=words("yaml"), rows=4, max_length=500_000, sizing_mode="stretch_width"
        )
        copies = []
        for area, key in ((self.command, "copy_command"), (self.yaml, "copy_yaml")):
            button = pn.widgets.Button(name=words(key))
            button.js_on_click(args={"area": area}, code=COPY)
            copies.append(button)
        self.data = pn.widgets.FileDownload(callback=self.as_data, filename="desk.zip", label=words("data"))
        self.brief = pn.widgets.FileDownload(
            callback=self.as_report, filename=f"desk_{self.language}.html", label=words("brief")
        )
        self.left.objects = [*self.levers(words), self.message, self.apply_button, pn.Row(self.stop_button)]
        card = partial(answer.card, styles=HALF)
        self.right.objects = [
            self.status,
            self.head,
            pn.FlexBox(
                card(answer.heading(words("by_quarter")), self.map, self.quarter),
                pn.Column(
                    answer.card(answer.heading(words("how_sure")), self.sure, self.more_button),
                    answer.card(answer.heading(words("city_lines")), self.outcome, self.lines),
                    styles=HALF,
                ),
                gap="14px",
                sizing_mode="stretch_width",
            ),
            self.more,
            answer.card(
                answer.heading(words("reproduce")),
                *(self.command, copies[0], self.yaml, copies[1]),
                answer.heading(words("export")),
                pn.FlexBox(self.data, self.brief, gap="10px"),
            ),
        ]
        self.show()

    def levers(self, words):
        """The left column above its buttons."""
        language = pn.widgets.RadioButtonGroup(
            name=words("language"), options={"EN": "en", "中文": "zh"}, value=self.language, button_type="default"
        )
        language.param.watch(lambda event: self.speak(event.new), "value")
        names = {
            words(f"clock_{name}", first=words.quarter(first), last=words.quarter(last)): name
            for name, (first, last) in self.clocks.items()
        }
        clock = pn.widgets.Select(
            name=words("clock"), options=names, value=self.scenario.clock, sizing_mode="stretch_width"
        )
        clock.param.watch(lambda event: self.change(clock=event.new), "value")
        preset = pn.widgets.Select(
            name=words("preset"), options=self.presets(words), value=self.preset, sizing_mode="stretch_width"
        )
        preset.param.watch(lambda event: self.start_from(event.new), "value")
        self.groups = pn.Accordion(sizing_mode="stretch_width")
        for kind, found in words.kinds(combinations.names("policy", self.base.resolved["configs"])).items():
            if found:
                group = pn.Column(*(self.instrument(words, name) for name in found), sizing_mode="stretch_width")
                self.groups.append((words.name("kinds", kind), group))
        shocks = {
            words.name("shocks", name): name for name in combinations.names("shock", self.base.resolved["configs"])
        }
        struck = pn.widgets.CheckBoxGroup(name=words("shocks"), options=shocks, value=list(self.scenario.shocks))
        struck.param.watch(lambda event: self.change(shocks=list(event.new)), "value")
        lasts = answer.pane(answer.note(words, words("shocks_last", n=self.asked["shock_quarters"])))
        self.groups.append((words("shocks"), pn.Column(struck, lasts, sizing_mode="stretch_width")))
        self.chips = answer.pane()
        judged = pn.widgets.Select(
            name=words("judged_by"),
            options={words.name("outcomes", name): name for name in answer.OUTCOMES},
            value=self.judged,
            sizing_mode="stretch_width",
        )
        judged.param.watch(lambda event: self.judge(event.new), "value")
        return [answer.title(words, self.config), language, preset, clock, judged, self.chips, self.groups]

    def presets(self, words):
        """Words -> what a preset changes."""
        history = list(self.base.resolved["policy"])
        found = {words("preset_history"): "history"}
        for name in history:
            called = words.name("policies", name)
            if scenario.growing_of(self.base, name):
                found[words("preset_double", it=called)] = f"double {name}"
            found[words("preset_without", it=called)] = f"without {name}"
        for name, path in options("policy", self.base.resolved["configs"]).items():
            if "members" in (read_yaml(path) or {}):
                found[words.name("policies", name)] = f"bundle {name}"
        return found

    def instrument(self, words, name):
        """The levers of an instrument, made when they are unfolded."""
        card = pn.Card(title=words.name("policies", name), collapsed=True, sizing_mode="stretch_width", margin=(2, 0))
        if self.scenario.is_on(self.base, name):
            card.title += f" · {words('in_force')}"

        def unfold(event):
            if not event.new and not card.objects:
                card.objects = self.knobs(words, name, card)

        card.param.watch(unfold, "collapsed")
        return card

    def knobs(self, words, name, card):
        """Switch, size, and a field for each number."""
        yes = words("in_force")
        on = pn.widgets.CheckBoxGroup(options=[yes], value=[yes] if self.scenario.is_on(self.base, name) else [])
        settings = combinations.settings_of(self.base, name)
        fields, made = {}, [on]

        def switched(event):
            self.scenario.on[name] = bool(event.new)
            card.title = words.name("policies", name) + (f" · {words('in_force')}" if event.new else "")
            self.changed()

        on.param.watch(switched, "value")
        for knob in scenario.knobs(self.base, name):
            fields[knob.name] = self.field(words, name, knob)
        bounds = factor_bounds(name, settings, self.base.resolved["configs"])
        growing = scenario.growing_of(self.base, name)
        if growing:
            allowed = [f for f in scenario.FACTORS if all(low <= f <= high for low, high in bounds.values())]
            given = self.scenario.knobs.get(name, {})
            times = {round(given.get(key, settings[key]) / settings[key], 6) for key in growing}
            now = next((f for f in allowed if times == {f}), 1.0)
            size = answer.Scrubber(
                label=words("size_lever") + words("colon"),
                most=len(allowed) - 1,
                value=allowed.index(now),
                shown=f"{now:g}",
                sizing_mode="stretch_width",
            )

            def sized(event):
                size.shown = f"{allowed[event.new]:g}"
                for key in growing:
                    fields[key][0].value = scenario.typed(settings[key] * allowed[event.new])

            size.param.watch(sized, "value")
            made.append(size)
        for text, note, reset in fields.values():
            made += [pn.Row(text, reset, sizing_mode="stretch_width"), note]
        return made

    def field(self, words, name, knob):
        """(field, what stands below it, the button that puts it back)."""
        value = self.scenario.knobs.get(name, {}).get(knob.name, knob.value)
        label = answer.knob_label(words, knob)
        text = pn.widgets.TextInput(name=label, value=scenario.typed(value), sizing_mode="stretch_width", min_width=150)
        below = answer.pane()
        source = words("source", source=words.name("sources", knob.source)) if knob.source else ""
        below.object = answer.note(words, source)
        reset = pn.widgets.Button(name=words("reset"), width=64, align="end")
        reset.on_click(lambda _: setattr(text, "value", scenario.typed(knob.value)))

        def typed(event):
            number, refused = scenario.refusal(words, knob, event.new)
            place = (name, knob.name)
            if refused:
                self.errors[place] = refused
                below.object = answer.refused(words, refused)
            else:
                self.errors.pop(place, None)
                below.object = answer.note(words, source)
                given = self.scenario.knobs.setdefault(name, {})
                given.pop(knob.name, None)
                if not math.isclose(number, knob.value, rel_tol=1e-9):
                    given[knob.name] = number
            self.changed()

        text.param.watch(typed, "value")
        return text, below, reset

    # ------------------------------------------------------------ changing

    def speak(self, language):
        """Another language; what is shown stays, but for what was typed and refused."""
        self.language, self.errors = language, {}
        self.build()
        self.changed()

    def change(self, **values):
        """Another clock, or other shocks."""
        for key, value in values.items():
            setattr(self.scenario, key, value)
        self.changed()

    def judge(self, outcome):
        """By another outcome, which needs nothing computed."""
        self.judged = self.outcome.value = outcome
        self.show()

    def start_from(self, preset):
        """The levers as a preset has them."""
        kind, _, name = preset.partition(" ")
        self.preset, self.scenario, self.errors = preset, Scenario(self.scenario.clock), {}
        if kind == "double":
            factor = self.base.resolved["policy"][name]
            self.scenario.knobs[name] = {key: 2 * factor[key] for key in scenario.growing_of(self.base, name)}
        elif kind == "without":
            self.scenario.on[name] = False
        elif kind == "bundle":
            members = read_yaml(options("policy", self.base.resolved["configs"])[name])["members"]
            self.scenario.on |= dict.fromkeys(members, True)
        self.build()
        self.changed()

    def changed(self):
        """Say what is changed, and that it is not applied."""
        self.apply_button.disabled = bool(self.errors)
        words = self.words
        self.message.object = (
            answer.refused(words, words("apply_refused", why=next(iter(self.errors.values())))) if self.errors else ""
        )
        self.waiting = repr(self.scenario) != self.shown
        self.say()

    # ------------------------------------------------------------ computing

    def apply(self):
        """Compute what the levers say, in place of what was computed."""
        words = self.words
        if self.errors:
            return
        common = self.clocks, self.asked["shock_quarters"], self.folder
        try:
            changed = bool(self.scenario.changed(self.base) or self.scenario.shocks)
            if changed:
                pair = scenario.pair(self.base, self.scenario, *common)
                self.focus = None
                if pair.policy.resolved["policy"] == pair.against.resolved["policy"] and not self.scenario.shocks:
                    raise ConfigError([words("no_difference")])
            else:
                pair, self.focus = scenario.first(self.base, self.scenario.clock, *common)
        except ConfigError as error:
            self.message.object = answer.refused(words, words("apply_refused", why="; ".join(error.problems)))
            return
        self.pair, self.shown, self.waiting, self.stopped = pair, repr(self.scenario), False, False
        self.named = scenario.named(self.base, self.scenario) if changed else None
        self.pairs = self.asked["runs"]
        self.message.object = ""
        self.heard = None
        self.ask()
        self.show()

    def ask(self):
        """Have the engine compute the pair."""
        about = entries.told_of(self.pair, self.pairs, self.config.seed) | entries.made(self.config, self.clocks)
        about |= {"changed": self.named}
        self.engine.ask(self.pair, about, self.config.seed, self.pairs, self.asked["store"])

    def stop(self):
        """Leave what is computed as it is."""
        self.engine.cancel()
        self.stopped = True
        self.say()

    def add(self):
        """More pairs of the same."""
        self.pairs = answer.more(self.heard.pairs)
        self.stopped = False
        self.ask()
        self.show()

    def hear(self, said):
        """What the engine has computed, heard in a thread of its own."""

        def take():
            before = self.heard
            self.heard = said
            if said.found is None and before is not None:
                self.heard = said._replace(found=before.found, lines=before.lines, places=before.places)
            self.show()

        if self.document is None:
            take()
        else:
            self.document.add_next_tick_callback(take)

    # ------------------------------------------------------------ showing

    def found(self):
        """The tables of what is shown, as the sections of a report read them."""
        tables = self.heard.found
        about = tables["about"] | {"primary": self.judged, "command": self.said()}
        return entries.found(about, answer.frames(tables), self.pair.policy, self.districts)

    def said(self):
        """The command that makes what is shown."""
        return combinations.command(self.pair, self.pairs, self.config.seed, self.judged)

    def say(self):
        """The strip above the answer, the chips and the buttons."""
        words, heard = self.words, self.heard
        self.chips.object = answer.chips(words, self.base, self.scenario, self.focus)
        running = heard is None or (heard.pairs < heard.of and not heard.failed)
        self.status.object = answer.status(words, heard, self.waiting, self.stopped, self.pairs)
        self.stop_button.disabled = not running or self.stopped
        done = heard is not None and heard.found is not None and (heard.pairs >= heard.of or self.stopped)
        self.more_button.visible = bool(done and answer.nothing_seen(self.found()))
        if self.more_button.visible:
            self.more_button.name = words("more_pairs", n=answer.more(heard.pairs))

    def show(self):
        """All of the right column."""
        words, heard = self.words, self.heard
        self.say()
        if self.pair is not None:
            self.command.value = self.said()
            self.yaml.value = yaml_of(self.pair.policy)
        if heard is None or heard.found is None:
            self.head.object = answer.nothing_yet(words)
            for pane in (self.more, self.sure, self.map, self.lines):
                pane.object = ""
            return
        found = self.found()
        self.head.object = answer.head(words, found)
        self.more.object = answer.rest(words, found)
        self.sure.object = answer.dots(words, found)
        quarters = heard.places["quarter"].unique().tolist()
        if self.quarters != quarters:
            self.quarters = quarters
            self.quarter.most = len(quarters) - 1
            self.quarter.value = len(quarters) - 1
        self.draw_map()
        self.draw_lines()

    def draw_map(self):
        """The districts in the quarter of the scrubber."""
        if self.heard is not None and self.heard.places is not None and self.quarters:
            quarter = self.quarters[min(self.quarter.value, len(self.quarters) - 1)]
            self.quarter.shown = self.words.quarter(quarter)
            self.map.object = answer.where(self.words, self.found(), self.heard.places, quarter)

    def draw_lines(self):
        """The city with and without."""
        if self.heard is not None and self.heard.lines is not None:
            self.lines.object = answer.lines(self.words, self.found(), self.heard.lines, self.outcome.value)

    # ------------------------------------------------------------ taking away

    def as_data(self):
        """The tables, the command and both settings, as a zip."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            if self.heard is not None and self.heard.found is not None:
                for name, frame in answer.frames(self.heard.found).items():
                    archive.writestr(f"{name}.csv", frame.to_csv(index=False))
            archive.writestr("command.txt", self.command.value + "\n")
            archive.writestr("policy.yaml", yaml_of(self.pair.policy))
            archive.writestr("against.yaml", yaml_of(self.pair.against))
        out.seek(0)
        return out

    def as_report(self):
        """The brief, as one HTML file."""
        text = answer.report(self.words, self.found()) if self.heard is not None and self.heard.found else ""
        return io.BytesIO(text.encode())
