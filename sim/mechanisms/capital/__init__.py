"""Capital: funds and partners, rounds, angels, listings, sales, and what investors receive."""
