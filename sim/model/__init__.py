"""The model: a quarter on one page, and the city in its first quarter."""
