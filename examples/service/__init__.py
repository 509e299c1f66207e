"""A payment service as a user would write it: what docs/service.md asks of an image, in Python.

ECS starts it as `python -m examples.service` (Dockerfile) and configures it by environment variables
(settings.py). `bluegreen local` runs the same application for both colours (bluegreen/operate/service).

- `POST /payments` takes `{"amount": 1250, "currency": "EUR"}` (in cents) with an `Idempotency-Key` and,
  from the second one on, the cookie `session` that the first one set. A key that comes again gets the same
  answer again, whichever colour gets it. Where ACQUIRER_URL names an acquirer, it authorises the payment
  before it is written (acquirer.py).
- `GET /payments` with an `Idempotency-Key` answers with that payment, to the session that made it.
- `GET /health`, or any path with a segment that begins so, is what load balancer and ECS ask.
- `GET /` says which colour answers.

Sessions are in the platform's session table. Payments are in the ledger: both colours write to the database
that is its writer, whichever colour that has (ledger.py).
"""

from pathlib import Path

MIGRATIONS = Path(__file__).with_name("migrations")  # numbered, in their order
SCHEMA = MIGRATIONS / "001_payment.sql"
