"""For development only: measurements and mutation tests. Nothing in the product imports it."""
