"""SolaraViz draws the model without a browser: the map with its layers and agents, a plot, and a step."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import mesa
import numpy as np
import pytest
import solara
from ipywidgets import Image, Widget
from mesa.visualization import Slider, SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle, PropertyLayerStyle

from sim.model.ecosystem import Ecosystem
from sim.settings.config import load
from sim.world.views import Startup


class Collecting(Ecosystem):
    """The model with a DataCollector of its own, as SolaraViz plots want it."""

    def __init__(self, config):
        super().__init__(config)
        self.datacollector = mesa.DataCollector(model_reporters={"startups": lambda m: len(m.agents_by_type[Startup])})

    def step(self):
        super().step()
        self.datacollector.collect(self)


@pytest.fixture
def city():
    model = Collecting(load(["scale=0.01"]))
    for _ in range(4):
        model.step()
    yield model
    plt.close("all")


def portray_agent(agent):
    return AgentPortrayalStyle(color="tab:red" if type(agent) is Startup else "tab:blue", size=4)


def portray_layer(layer):
    return PropertyLayerStyle(colormap="viridis", colorbar=False) if layer.name == "district" else None


def draw(city):
    """Layers and agents on Matplotlib, by the calls that Mesa 3.3 and 3.5 share."""
    renderer = SpaceRenderer(city, backend="matplotlib")
    renderer.draw_propertylayer(portray_layer)
    renderer.draw_agents(portray_agent)
    return renderer


def test_the_map_is_drawn_from_the_arrays(city):
    renderer = draw(city)
    (image,) = renderer.canvas.get_images()
    assert np.array_equal(image.get_array(), city.map.grid(city.map.district_of_cell))
    drawn = sum(len(points.get_offsets()) for points in renderer.canvas.collections)
    assert drawn == len(city.grid.agents) > 0


def widgets_of(box):
    """All widgets below one, the cells of a grid too."""
    found, waiting = [], [box]
    while waiting:
        widget = waiting.pop()
        found.append(widget)
        below = [*(getattr(widget, "children", None) or ()), *(getattr(widget, "items", None) or ())]
        waiting += [child for child in below if isinstance(child, Widget)]
    return found


def pictures(box):
    return [widget.value for widget in widgets_of(box) if isinstance(widget, Image)]


def test_solara_viz_renders_and_steps(city):
    renderer = draw(city)

    @solara.component
    def page():
        with solara.AppLayout():
            SolaraViz(
                city,
                renderer,
                components=[make_plot_component("startups")],
                model_params={"config": city.config},
                name="City",
            )

    box, context = solara.render(page(), handle_error=False)
    try:
        before = pictures(box)
        assert len(before) == 2 and all(before)
        quarter = city.quarter
        next(widget for widget in widgets_of(box) if getattr(widget, "children", None) == ["Step"]).click()
        assert city.quarter == quarter + 1
        after = pictures(box)
        assert len(after) == 2 and set(after) != set(before)
    finally:
        context.close()


SLIDERS = {
    "seed": Slider("luck", 1, 1, 20, 1),
    "scale": Slider("share of the city", 0.01, 0.01, 0.05, 0.01),
    "policy": ["sandbox"],
    "policy.sandbox.volume_share": Slider("sales in the sandbox", 0.2, 0.0, 1.0, 0.1),
    "end": "2006Q3",
    "mechanism.environment.spin_up_quarters": 0,
}


def test_sliders_make_the_city_that_they_say():
    """Luck and a knob are moved, the city is reset, stepped to its end, and then cannot be stepped."""
    told = {key: getattr(value, "value", value) for key, value in SLIDERS.items()}
    city = solara.reactive(Ecosystem(**told))

    @solara.component
    def page():
        with solara.AppLayout():
            SolaraViz(city, components=[make_plot_component("startups_alive")], model_params=SLIDERS, name="City")

    box, context = solara.render(page(), handle_error=False)
    try:

        def named(label):
            return next(one for one in widgets_of(box) if getattr(one, "label", None) == label)

        def button(label):
            return next(one for one in widgets_of(box) if getattr(one, "children", None) == [label])

        named("luck").v_model = 5
        named("sales in the sandbox").v_model = 0.5
        button("Reset").click()
        assert (city.value.seed, city.value.policies[0].volume_share, city.value.quarter) == (
            5,
            0.5,
            city.value.config.start,
        )
        for _ in range(3):
            button("Step").click()
        assert city.value.steps == 3 and not city.value.running and button("Step").disabled
    finally:
        context.close()
