"""Runs deployed Lambda functions: from their package, in a process, with their own environment and limits."""
