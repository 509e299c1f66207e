"""Decides each request as AWS does: the evaluator of `iam_evaluation`, with the policies that moto holds.

| module | what it says |
|---|---|
| `calls.py` | which operation a request is, and its parameters |
| `actions.py`, `resources.py`, `lookups.py` | which actions on which resources AWS checks for it |
| `passing.py`, `dependents.py` | what else it needs: roles that are passed, other actions |
| `encryption.py`, `key_uses.py` | … and the keys of encrypted resources |
| `context.py` | the condition keys that it carries |
| `identities.py`, `attached.py`, `endpoints.py` | the policies of callers, resources, VPC endpoints |
| `authority.py` | the decision; `denials.py` and `needs.py` keep what was denied and allowed |
"""
