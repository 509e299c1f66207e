"""The ledger: what makes the two colours' databases one, which moves with the traffic and back."""

from modules.ledger.ledger import Ledger, Lock

__all__ = ["Ledger", "Lock"]
