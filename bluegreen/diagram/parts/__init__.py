"""Readers of a stack, one part of the platform a file: each finds its resources and says what they are."""
