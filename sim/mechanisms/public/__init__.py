"""The public purse: what policies are given, and how the treasury closes its books."""
