"""The mutation score of the policies on the shipped stack: recorded, and shown in docs/quality.md."""
