"""What there is to choose from, what is known of each, and what was asked before."""
