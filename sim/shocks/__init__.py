"""Shocks: one a file, one yaml each in `configs/shock/`, of the same shape as policies. They move the outside world."""
