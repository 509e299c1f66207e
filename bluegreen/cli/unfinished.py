"""What an apply that did not finish has left, and what each part needs, in commands that the operator types.

Nothing here changes anything: it reads the state, AWS and the lock.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bluegreen.aws import Access
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import UnfinishedError, code_of, stands
from bluegreen.cli.locks import RELEASING, Lock, left_lock, lock_of
from bluegreen.terraform import State, Terraform, TerraformError, TerraformFailedError
from bluegreen.terraform.recovery import Need, needs_of_missing, needs_of_tainted, values_of
from bluegreen.terraform.recovery.clients import ClientFor, clients
from bluegreen.terraform.recovery.needs import terraform as command
from bluegreen.terraform.runner import ERRORED
from bluegreen.terraform.state import parse

PRIVATE = 0o600


@dataclass(frozen=True)
class Aftermath:
    """Of the applies of one deployment. `access`: to the AWS that it is in."""

    place: Deployment
    document: Mapping[str, Any]
    access: Access

    def refuse_unsaved(self) -> None:
        """Raise UnfinishedError while the state of an earlier apply is not saved: a plan would fork it."""
        if (self.place.stack / ERRORED).exists():
            raise UnfinishedError(
                f"the state of {self.place.name} is not saved: {self.place.stack / ERRORED} is newer",
                cause="an apply could not write its state; one more would make a second, different state",
                needs=[*self._unlock(left_lock(*self._where)), self._unsaved(self.place.stack / ERRORED)],
                fix="type the commands above, remove the file, then plan again",
            )

    def refuse_tainted(self, state: State) -> None:
        """Raise UnfinishedError where Terraform would replace what is protected from that."""
        needs = needs_of_tainted(state, self.document, self.place.stack, self.clients)
        if needs:
            raise UnfinishedError(
                f"an apply of {self.place.name} did not finish: {len(needs)} protected resources are tainted",
                cause="Terraform replaces what it was interrupted in creating; these are protected from that",
                state="nothing was changed now",
                needs=needs,
                fix="type the commands above, then plan again",
            )

    def half_made(self, changes: Iterable[str], planned: Mapping[str, Any], state: State) -> tuple[Need, ...]:
        """What a plan would create although AWS has it. Nothing is asked of a deployment that has nothing."""
        if not state.instances:
            return ()
        return needs_of_missing(changes, state, values_of(planned), self.place.stack, self.clients)

    def explained(
        self, error: TerraformFailedError, terraform: Terraform, planned: Mapping[str, Any] | None = None
    ) -> UnfinishedError:
        """`error` of a plan or an apply, and what each thing that it left needs."""
        rescued = list(self._rescued(error))
        # The lock first: no other command gets past it.
        needs = [*self._lock(error), *rescued, *self._of_state(error, terraform, planned or {})]
        again = f"plan again: `bluegreen plan --deployment {self.place.name}`"
        first = "type the commands above" if needs else "correct what fails"
        return UnfinishedError(
            str(error),
            code=code_of(error),
            state=stands(error.begun),
            needs=needs,
            fix=f"{first}, then {again}",
        )

    def _of_state(
        self, error: TerraformFailedError, terraform: Terraform, planned: Mapping[str, Any]
    ) -> Iterator[Need]:
        if not error.begun:
            return
        errored = self.place.stack / ERRORED
        try:
            state = parse(errored.read_text(encoding="utf-8")) if errored.exists() else terraform.state()
        except (OSError, ValueError, TerraformError):
            yield Need(f"the state of {self.place.name}", "is unreadable now; a plan names what else is left")
            return
        place, ask = self.place.stack, self.clients
        yield from needs_of_tainted(state, self.document, place, ask)
        # All of the plan, not the unfinished alone: a state that was not saved lacks finished ones, too.
        values = values_of(planned)
        yield from needs_of_missing(values, state, values, place, ask)

    def _lock(self, error: TerraformFailedError) -> Iterator[Need]:
        lock = lock_of(error, *self._where)
        if lock is None and RELEASING in str(error):
            yield Need("the lock of the state", "is left, and unreadable now: `bluegreen plan` names its ID")
        yield from self._unlock(lock)

    def _unlock(self, lock: Lock | None) -> Iterator[Need]:
        if lock is not None:
            yield Need(
                "the lock of the state",
                f"is left by {lock.who}: release it, once that process has ended",
                command(self.place.stack, "force-unlock", lock.id),
            )

    def _rescued(self, error: TerraformFailedError) -> Iterator[Need]:
        """Move the state that Terraform could not save out of an apply's own directory, which is removed."""
        if error.unsaved is None:
            return
        self.place.stack.mkdir(parents=True, exist_ok=True)
        kept = self.place.stack / ERRORED
        if error.unsaved.absolute() != kept.absolute():
            try:
                shutil.move(error.unsaved, kept)
            except OSError:  # another file system, and this one is full
                kept = error.unsaved
        kept.chmod(PRIVATE)
        yield self._unsaved(kept)

    def _unsaved(self, file: Path) -> Need:
        inside = file.name if file.parent == self.place.stack else str(file)
        push = command(self.place.stack, "state", "push", inside)
        return Need(str(file), "is the state that could not be saved: push it, then remove the file", push)

    @property
    def _where(self) -> tuple[Deployment, Mapping[str, Any], ClientFor]:
        return self.place, self.document, self.clients

    @property
    def clients(self) -> ClientFor:
        """Of the deployment's AWS."""
        return clients(self.access)
