"""The panel of the city as Mesa's DataCollector: read when it is asked, so that a run that nobody asks pays nothing."""

import mesa

from sim.observables.codebook import CODEBOOK


class CityCollector(mesa.DataCollector):
    """The columns of `city` in the codebook, one value a quarter, at full size.

    The model keeps its panels whether this is there or not, so `collect` has nothing to add. For reporters of one's own
    give the model another: `model.datacollector = mesa.DataCollector(...)`.
    """

    def __init__(self, model):
        self.model = model
        super().__init__()

    @property
    def model_vars(self):
        """Name -> values, one a quarter."""
        if not self.model.panels.kept["city"]:
            return {column.name: [] for column in CODEBOOK["city"]}
        columns = self.model.panels.columns("city")
        return {column.name: columns[column.name].tolist() for column in CODEBOOK["city"]}

    @model_vars.setter
    def model_vars(self, _nothing):
        """Mesa begins with none."""

    @property
    def model_reporters(self):
        """Name -> what it is."""
        return {column.name: column.meaning for column in CODEBOOK["city"]}

    @model_reporters.setter
    def model_reporters(self, _nothing):
        """Mesa begins with none."""

    @property
    def _collection_steps(self):
        """By which step each value was kept, where `mesa.batch_run` asks (Mesa 3.5)."""
        return list(range(1, len(self.model.panels.kept["city"]) + 1))

    @_collection_steps.setter
    def _collection_steps(self, _nothing):
        """Mesa begins with none."""

    def collect(self, _model):
        """Nothing: the quarter stands in the panels."""
