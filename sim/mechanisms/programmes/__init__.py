"""Programmes of policies: whom they select and what they do for those."""
