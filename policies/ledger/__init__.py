"""The ledger: two databases that replicate to each other, and who reaches which."""
