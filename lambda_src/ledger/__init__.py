"""The ledger: two databases, one a colour, that replicate to each other, and of which one row opens one.

`payments.ledger_epoch` names the writer and replicates with the payments, in their order. A trigger on each
ledger table takes a shared lock on that row and refuses the write unless the row is `open` and names this
database. `ledger_local` holds what never replicates: which colour a database is (`here`), and the event that
takes back an abandoned move.

`setup` creates all of it, `status` reads it. Both need an administrator of both databases. They use the
standard library and PyMySQL only: functions and the command line share them.
"""
