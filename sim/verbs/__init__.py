"""The verbs of analysis, one a file, all of one shape: check, compute, tables, screen, figures (`shell.py`)."""
