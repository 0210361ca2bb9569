"""Ventures: what they develop, sell and pay, and how they end."""
