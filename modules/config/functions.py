"""How much of the account's Lambda concurrency the functions reserve."""

from pydantic import Field, ValidationInfo, field_validator

from modules.config.model import Model

FUNCTIONS = 7  # the switch, the one that reads for it, a rotation for each colour, and the ledger's three


class Functions(Model):
    """`aws lambda get-account-settings` says what the account has."""

    account_concurrency: int = Field(
        default=1000,
        strict=True,
        ge=10,
        description="ConcurrentExecutions of the account in the region, at least 10",
        examples=[1000],
    )
    unreserved_concurrency: int = Field(
        default=100,
        strict=True,
        ge=0,
        description="how much of it stays unreserved: 100 in most accounts, 10 where the account has 10",
        examples=[100],
    )
    reserved_concurrency: int = Field(
        default=5,
        validate_default=True,
        strict=True,
        ge=0,
        le=100,
        description="0 to 100 executions that each of the seven functions reserves. 0 reserves none: the "
        "switch's lock keeps two moves apart anyway",
        examples=[5],
    )

    @field_validator("reserved_concurrency")
    @classmethod
    def _left_for_others(cls, value: int, info: ValidationInfo) -> int:
        account, floor = (info.data.get(key) for key in ("account_concurrency", "unreserved_concurrency"))
        if value and account is not None and floor is not None and FUNCTIONS * value > account - floor:
            raise ValueError(
                f"{FUNCTIONS} functions reserve {FUNCTIONS * value} of account_concurrency = {account}, "
                f"of which unreserved_concurrency = {floor} has to stay: set it to 0"
            )
        return value
