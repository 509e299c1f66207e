"""Changes the ledger's schema, in steps that both versions of the code and replication bear.

`statements.py` reads what is asked for, `planning.py` tries it on an empty copy and judges what it does,
`applying.py` does it, `lock.py` keeps shifts and moves out meanwhile.
"""
