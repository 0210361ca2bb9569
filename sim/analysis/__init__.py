"""What runs say when they are held against each other: paired comparisons of policies.

This part reads what runs leave behind; `arms.py` and `twin.py` simulate, through `common_past.py`.
"""
