"""What a request to the embedded AWS has to show before anything is dispatched.

`gate.py` puts it together: the server's own host (`hosts.py`), no web page behind it (`pages.py`), then the
run's token for control requests, and a valid signature (`claims.py`, `signatures.py`, `chunks.py`) of a known
key (`keys.py`) for all others. A refusal is an error of AWS in the protocol of the service asked
(`errors.py`).
"""
