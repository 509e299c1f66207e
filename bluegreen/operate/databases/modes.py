"""What can be made to fail of a local deployment's databases. incidents.py does it, and is slow to load."""

DELAY_SECONDS = 5
# Mode → what it does.
MODES = {
    "database-killed": "its database server is killed; it is started again, as Aurora's are",
    "replication-stopped": "its database applies nothing from the other",
    "replication-slow": f"its database applies each transaction {DELAY_SECONDS} s late",
    "network-cut": "neither database reaches the other",
    "transaction-open": "a payment on its database is neither committed nor rolled back",
}
