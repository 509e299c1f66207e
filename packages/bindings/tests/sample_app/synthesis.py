"""From the sample stack to Terraform JSON."""

from cdktf import App

from packages.bindings.tests.sample_app.stack import SampleStack


def synthesize() -> None:
    """Writes `stacks/sample/cdk.tf.json`."""
    app = App()
    SampleStack(app, "sample")
    app.synth()
