"""What runs say when they are held against each other: paired comparisons of policies.

This part reads what runs leave behind; only `arms.py` simulates.
"""
