"""What is seen of the city: panels by quarter, tables of events, and what reports would say of it.

This part of the model only reads.
"""

from sim.observables.codebook import CODEBOOK, codebook
from sim.observables.panels import Panels
from sim.observables.reported import reported
from sim.observables.targets import read_targets

__all__ = ["CODEBOOK", "Panels", "codebook", "read_targets", "reported"]
