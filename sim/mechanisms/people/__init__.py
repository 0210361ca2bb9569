"""People: who comes and leaves, who works where, what is earned and spent, who founds, what is learned."""
