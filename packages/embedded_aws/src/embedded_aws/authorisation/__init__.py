"""Decides each request as AWS does: the evaluator of `iam_evaluation`, with the policies that moto holds.

`calls.py` reads the operation and its parameters, `actions.py` and `resources.py` say which actions on which
resources AWS checks for it, `implied.py` what else the call needs (roles that are passed, keys of encrypted
resources, services that have to be let in), `context.py` the condition keys. `identities.py` and
`attached.py` find the policies. `authority.py` puts it together, and keeps the denials.
"""
