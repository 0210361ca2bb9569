"""Space: places, rents, and what is known where."""
