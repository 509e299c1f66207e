"""The scan of a directory: of any CDKTF output, as a function."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from stack_gate import discovery, loading
from stack_gate.isolation import isolated
from stack_gate.report import ALL, Report


def scan(
    directory: Path,
    *,
    policies: Path | None,
    today: date,
    progress: Callable[[str], None] | None = None,
    profile: str = ALL,
    platform: Path | None = None,
) -> Report:
    """Evaluates every policy on every stack in `directory`: CDKTF output of any project, or a part of it.

    `policies` is a package of checks; None means that Checkov's built-in ones are all that is
    wanted. `today` decides which waivers still hold. `progress` is told what is being done. `profile`: which
    policies of the package. `platform`: the file that says which stacks are judged as one platform; else
    `platform.toml` in `directory`, where there is one. Reads nothing else, touches no network. Raises nothing
    that the input could cause: what keeps a policy from being evaluated is in the report's errors. Where it
    may, it starts a second process (`stack_gate.second_process`), which has ended when it returns.
    """
    tell = progress or (lambda _: None)
    stacks, problems = discovery.find(directory)
    if not stacks:
        return Report(errors=tuple(problems), profile=profile)
    with isolated():
        loading.load()
        from stack_gate import engine, halves, pack, platforms, profiles, registries, summary  # noqa: PLC0415 - see engine

        file = platform or next((path for path in [directory / platforms.NAME] if path.exists()), None)
        judged, ungrouped = platforms.group(stacks, file, pack.rooms(policies))
        with loading.rare_collection(), registries.only_built_in():
            subjects = [engine.prepared(stack) for stack in judged]
            with halves.of_checkov(subjects) as take, pack.loaded(policies) as unloaded:
                unasked = profiles.select(profile, policies)
                for found, read in subjects:
                    tell(f"evaluating {found.stack.name}")
                    halves.join(found, halves.of_pack(found.stack, read), take)
                return summary.report(
                    [found for found, _ in subjects],
                    [*problems, *unloaded, *unasked, *ungrouped],
                    today,
                    len(registries.active()),
                    profile,
                )
