"""Isolation, ways in and out, availability zones."""
