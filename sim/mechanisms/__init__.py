"""One mechanism a file: its parameters, its equations, its kernel. The step in `sim/model.py` is their order."""
