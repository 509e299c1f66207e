"""A payment service for the laptop: something real to shift, to load, and to break.

For local use only. A process a colour, which the embedded AWS starts; it listens once for each of the
colour's targets, with TLS.

- `GET /health` is what the load balancer asks.
- `GET /` says which colour and target answers.
- `POST /payments` takes `{"amount": 1250, "currency": "EUR"}` (in cents) with an `Idempotency-Key` and,
  from the second one on, the cookie `session` that the first one set. A key that comes again gets the same
  answer again, whichever colour gets it.
- `GET /payments?prefix=…` lists what was written, to compare it with what was sent.

Sessions are in the platform's own session table. There is no database server on the laptop: both colours
write payments to one SQLite file, as if replication between the colours' clusters took no time.
"""
