"""Errors of the rotation function (common/errors.py). No value of a secret and no text of an SQL statement
ever becomes part of one: errors of the database driver, which quotes statements, end in database.py.

A class's docstring is its row of docs/errors.md: what happened, and, below, what to do.
"""

from __future__ import annotations

from ..common.errors import FunctionError


class RotationError(FunctionError):
    """Base of everything that the rotation function raises on purpose."""


class ValidationError(RotationError):
    """The event is malformed, or names another secret; nothing was read or changed.

    An invocation by hand: use `aws secretsmanager rotate-secret` instead.
    """


class ConfigurationError(RotationError):
    """The function's environment is incomplete; nothing was read or changed.

    Run `bluegreen plan`: it shows what another client changed of the function.
    """


class RotationStateError(RotationError):
    """The secret's versions are in no state in which this step may run; nothing was changed.

    Remove `AWSPENDING` from the stuck version, then rotate again.
    """


class SecretValueError(RotationError):
    """A secret holds something else than it should; nothing was changed.

    It was written by hand: restore the value that `AWSPREVIOUS` has, then rotate again.
    """


class AwsCallError(RotationError):
    """An AWS call failed after its retries.

    AWS's words are in the message.
    """


class AdministratorNotReadyError(RotationError):
    """The administrator's secret has no value yet; nothing was changed.

    Its first rotation has not succeeded: rotate that secret, then this one again.
    """


class DatabaseError(RotationError):
    """The database refused, was not reached, or is not the expected server. `AWSCURRENT` was not touched.

    Check gate `database`, security groups, and the cluster's certificate.
    """


class LoginRefusedError(DatabaseError):
    """The database has no such user, or another password of it.

    The administrator's secret and the cluster disagree: rotate that one first.
    """


class PrivilegesDifferError(DatabaseError):
    """The user logs in, but has other privileges than it is to have; nothing was made current.

    They were granted or revoked by hand: undo it.
    """
