"""From what the stack names to what AWS has: look, then make it so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bluegreen.aws import Access
from bluegreen.terraform.bootstrap.backend import StateBackend
from bluegreen.terraform.bootstrap.bucket import Bucket
from bluegreen.terraform.bootstrap.errors import BackendRefusedError, BootstrapError
from bluegreen.terraform.bootstrap.key import Key
from bluegreen.terraform.bootstrap.setting import Setting

READ_TIMEOUT_SECONDS = 30
ATTEMPTS = 5


@dataclass(frozen=True)
class Finding:
    """One setting, and whether it is as `wanted`."""

    name: str
    wanted: str
    ok: bool


class Bootstrap:
    """The bucket and key of one backend, and what `further` makes of a client of IAM. `identity`: ARN of the
    caller.

    Raises BackendRefusedError where they are another's, BootstrapError where AWS can't be asked.
    """

    def __init__(
        self, access: Access, backend: StateBackend, further: Callable[[Any], list[Setting]] | None = None
    ) -> None:
        self.backend = backend
        self._further: list[Setting] = []
        self._begun = False
        with self._explained():
            caller = _client(access, "sts").get_caller_identity()
            self.identity: str = caller["Arn"]
            if caller["Account"] != backend.account_id:
                raise BackendRefusedError(
                    f"{self.identity} is of account {caller['Account']}, the deployment of "
                    f"{backend.account_id}",
                    "use credentials of the deployment's account: set AWS_PROFILE, for instance",
                )
            self._key = Key(_client(access, "kms"), backend)
            self._bucket = Bucket(_client(access, "s3"), backend, self._key)
            if further is not None:
                self._further = further(_client(access, "iam"))

    def look(self) -> list[Finding]:
        """Every setting as it is now, in the order in which they are made."""
        with self._explained():
            return [Finding(each.name, each.wanted, each.is_so()) for each in self._settings()]

    def carry_out(self, tell: Callable[[str], None]) -> list[str]:
        """Make so what isn't, and see that it is; the names of what was made. Repeatable after any end."""
        done: list[str] = []
        with self._explained():
            for each in self._settings():
                if not each.is_so():
                    tell(f"{each.name}: {each.wanted}")
                    self._begun = True
                    each.make_so()
                    done.append(each.name)
        wrong = [finding.name for finding in self.look() if not finding.ok]
        if wrong:
            raise BootstrapError(
                f"AWS took the settings of {self.backend.bucket} and shows others: {', '.join(wrong)}",
                "look who else changes them",
                begun=True,
            )
        return done

    def _settings(self) -> list[Setting]:
        return [*self._key.settings(), *self._bucket.settings(), *self._further]

    @contextmanager
    def _explained(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loading it takes long

        try:
            yield
        except (BotoCoreError, ClientError, ValueError) as error:
            raise BootstrapError(
                f"{self.backend}: {error}", "use credentials that may do this", begun=self._begun
            ) from error


def _client(access: Access, service: str) -> Any:
    return access.client(service, read_timeout=READ_TIMEOUT_SECONDS, attempts=ATTEMPTS)
