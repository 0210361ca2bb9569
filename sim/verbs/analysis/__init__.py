"""What `sim analyse` says of a sweep."""
