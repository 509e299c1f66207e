"""The Lambda functions, above all the one that moves traffic."""
