"""Pictures of streams: who comes and goes because of what is asked about, and whom the purse pays first."""

from sim.observables import streams
from sim.report import drawing, verdict
from sim.report.drawing import GREY, INK, LESS, MORE, PAPER, SMALL, WIDTH, text
from sim.report.markup import paragraph, tag
from sim.report.page import columns, section

PURSE = "#D9A62E"  # public money
HEIGHT, TOP, LINE = 150, 20, 14  # of the bar; above it; of a line of words
BAR, BESIDE, THIN = 14, 8, 6  # width of the bar; between a ribbon and its name; of a narrow ribbon


def pictures(words, found):
    """Both, side by side; of a shock, which nobody pays for, the people."""
    return columns([people(words, found)], [] if verdict.shocks(found["about"]) else [money(words, found)])


def people(words, found):
    """Who comes and goes."""
    gains, losses, untold = streams.people(found["ledger"])
    title, note = words("streams_people"), words("streams_people_note")
    left_out = words("comma").join(words.within("streams", one.name) for one in untold)
    rest = paragraph(words("streams_untold", what=left_out), class_="note") if untold else ""
    if not (gains or losses):
        return section(title, "", paragraph(words("streams_nobody")), rest)
    whole = max(sum(abs(one.value) for one in side) for side in (gains, losses))
    middle, tall, out = WIDTH * 0.46, HEIGHT, []
    for side, colour, way in ((gains, MORE, -1), (losses, LESS, 1)):
        ribbons, height = streams.ribbons([one.value for one in side], whole, HEIGHT, 3.4 * LINE)
        tall, edge, end = max(tall, height), middle + way * BAR / 2, middle + way * 48
        for one, ribbon in zip(side, ribbons, strict=True):
            numbers = words.quantity(one.value, "persons", 3, signed=True), words.range(one.low, one.high, "persons", 3)
            out.append(_ribbon(ribbon, edge, end, colour))
            out.append(_named(ribbon, end + way * BESIDE, (words.name("streams", one.name), *numbers), way))
    bar = tag("rect", x=middle - BAR / 2, y=TOP, width=BAR, height=HEIGHT, fill=INK)
    name = text(middle, TOP - 6, words("streams_city"), anchor="middle", bold=True)
    return section(title, note, drawing.drawing(tall + TOP + 6, title, *out, bar, name), rest)


def money(words, found):
    """From the purse to whom it reaches first."""
    paid = streams.money(found["incidence"])
    title = words("streams_money")
    if not paid:
        return section(title, "", paragraph(words("streams_no_money")))
    whole = sum(one.value for one in paid)
    ribbons, tall = streams.ribbons([one.value for one in paid], whole, HEIGHT, 2.4 * LINE)
    left, end = BAR, WIDTH * 0.5
    out = [_ribbon(one, left, end, PURSE) for one in ribbons]
    for one, ribbon in zip(paid, ribbons, strict=True):
        amount = words.quantity(one.value, "yuan", 3) + words("clause") + words.share(one.value / whole)
        out.append(_named(ribbon, end + BESIDE, (words.name("classes", one.name), amount), 1))
    bar = tag("rect", x=0, y=TOP, width=BAR, height=HEIGHT, fill=PURSE)
    said = words("streams_purse", n=words.quantity(whole, "yuan", 3))
    name = text(0, TOP - 6, said, bold=True)
    return section(title, words("streams_money_note"), drawing.drawing(tall + TOP + 6, title, *out, bar, name))


def _ribbon(one, start, end, colour):
    """From the bar to the place of a name; a wide one is parted from its neighbours, a narrow one can still be seen."""
    half = (start + end) / 2
    top, bottom, there, back = (TOP + y for y in one)
    path = f"M{start:.1f} {top:.1f}C{half:.1f} {top:.1f} {half:.1f} {there:.1f} {end:.1f} {there:.1f}"
    path += f"V{back:.1f}C{half:.1f} {back:.1f} {half:.1f} {bottom:.1f} {start:.1f} {bottom:.1f}Z"
    rim = {"stroke": PAPER, "stroke_width": 1.2} if bottom - top > THIN else {"stroke": colour, "stroke_width": 0.8}
    return tag("path", d=path, fill=colour, opacity=0.6, **rim)


def _named(one, x, lines, way):
    """A name with its numbers at the end of a ribbon."""
    first = TOP + (one.name_top + one.name_bottom) / 2 + LINE * (0.35 - (len(lines) - 1) / 2)
    anchor, looks = "start" if way > 0 else "end", [{}, {"bold": True}, {"fill": GREY}]
    return "".join(
        text(x, first + LINE * i, line, SMALL if i else drawing.SIZE, anchor, **look)
        for i, (line, look) in enumerate(zip(lines, looks, strict=False))
    )
