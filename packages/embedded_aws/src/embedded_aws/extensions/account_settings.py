"""Stock moto has no GetAccountSettings, and lets functions reserve more concurrency than the account has.

The floor that has to stay unreserved is 100 where the account has that much, else all of it: accounts with a
quota of 10 answer "below its minimum value of [10]".
https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
"""

import json
from collections.abc import Callable
from typing import Any

from moto.awslambda import urls
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend
from moto.awslambda.responses import LambdaResponse

from embedded_aws.extensions import Server, quotas, replace

UNRESERVED_FLOOR = 100
# Lambda developer guide, "Lambda quotas", in bytes.
STORAGE, UNZIPPED, ZIPPED = 80_530_636_800, 262_144_000, 52_428_800


def install(_: Server) -> None:
    """Extend moto's functions. Moto dispatches by the operation's name, once it knows the path."""
    urls.url_paths["{0}/2016-08-19/account-settings/?$"] = LambdaResponse.dispatch
    LambdaResponse.get_account_settings = _get_account_settings  # type: ignore[attr-defined]
    replace(LambdaBackend, "put_function_concurrency", _put_function_concurrency)


def _total(backend: LambdaBackend) -> int:
    return int(quotas.applied(backend.account_id, backend.region_name, quotas.LAMBDA_CONCURRENCY))


def _reserved(backend: LambdaBackend, but: str = "") -> int:
    return sum(
        int(function.reserved_concurrency or 0)
        for function in backend.list_functions()
        if function.function_name != but
    )


def _get_account_settings(response: LambdaResponse) -> str:
    backend = response.backend
    total = _total(backend)
    functions = list(backend.list_functions())
    return json.dumps(
        {
            "AccountLimit": {
                "TotalCodeSize": STORAGE,
                "CodeSizeUnzipped": UNZIPPED,
                "CodeSizeZipped": ZIPPED,
                "ConcurrentExecutions": total,
                "UnreservedConcurrentExecutions": total - _reserved(backend),
            },
            "AccountUsage": {
                "TotalCodeSize": sum(int(function.code_size) for function in functions),
                "FunctionCount": len(functions),
            },
        }
    )


def _put_function_concurrency(
    stock: Callable[..., Any], backend: LambdaBackend, function_name: str, reserved_concurrency: str
) -> Any:
    total = _total(backend)
    floor = min(UNRESERVED_FLOOR, total)
    name = backend.get_function(function_name).function_name
    left = total - _reserved(backend, but=name) - int(reserved_concurrency)
    if int(reserved_concurrency) and left < floor:
        raise InvalidParameterValueException(
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{floor}]."
        )
    return stock(backend, function_name, reserved_concurrency)
