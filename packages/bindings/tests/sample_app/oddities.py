"""Resources whose bindings are laid out unlike the others'."""

from cdktf_cdktf_provider_aws.lexv2_models_slot import Lexv2ModelsSlot, Lexv2ModelsSlotObfuscationSetting
from cdktf_cdktf_provider_aws.s3_control_bucket import S3ControlBucket
from constructs import Construct


class SampleOddities(Construct):
    """A submodule named otherwise in Python than in the tarball, and one whose code is in several files."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        S3ControlBucket(self, "bucket", bucket="sample", outpost_id="op-0123456789abcdef0")
        Lexv2ModelsSlot(
            self,
            "slot",
            bot_id="sample",
            bot_version="DRAFT",
            intent_id="sample",
            locale_id="en_US",
            name="sample",
            obfuscation_setting=[Lexv2ModelsSlotObfuscationSetting(obfuscation_setting_type="None")],
        )
