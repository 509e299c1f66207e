"""Where payments are kept: databases, sessions, credentials, backups."""
