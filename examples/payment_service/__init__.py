"""A payment service for the laptop: something real to shift, to load, and to break.

For local use only. A process a colour, which the embedded AWS starts; it listens once for each of the
colour's targets, with TLS.

- `GET /health`, or any path with a segment that begins so, is what the load balancer asks.
- `GET /` says which colour and target answers.
- `POST /payments` takes `{"amount": 1250, "currency": "EUR"}` (in cents) with an `Idempotency-Key` and,
  from the second one on, the cookie `session` that the first one set. A key that comes again gets the same
  answer again, whichever colour gets it.
- `GET /payments?prefix=…` lists what was written, to compare it with what was sent; `&database=green`: what
  that colour's database has.

Sessions are in the platform's own session table. Payments are in the ledger: both colours write to the
database that is its writer, whichever colour that has (`ledger.py`).
"""

from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql")
