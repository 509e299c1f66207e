"""What holds for every test, of the project and of packages/: tiers, and no limits of time."""

import hypothesis

pytest_plugins = ["tests.tiers", "tests.browser"]

# How long an example takes is the machine's affair: no test asserts a time.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")
