"""Runs: simulated, written whole or not at all, addressed by their fingerprint, resumed, and held in arms that share
their past.
"""
