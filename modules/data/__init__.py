"""Clusters, credentials, the session table and backups."""
