"""The tables of a comparison, one question a file."""
