"""The policy desk: levers, and what they do, computed beside the page while it is looked at."""
