"""The operator's command line, one file a verb.

A verb module imports boto3, moto, Checkov and the like inside its functions: `bluegreen --help` has to be
there at once.
"""
