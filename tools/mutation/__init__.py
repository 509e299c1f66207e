"""Mutation testing of `lambda_src/`: small changes of the code, each of which some test has to notice.

`make mutants` runs it. Cosmic Ray makes the mutants; what tries them is ours, because its own executor starts
a test process from nothing for each, and here that means an AWS and a database server. docs/quality.md has
the score, and what was left out.
"""
