"""People: who comes and leaves, who works where, who founds, what is learned."""
