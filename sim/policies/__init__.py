"""One instrument a file, one yaml each in `configs/policy/`. See `instrument.py` for what they share."""
