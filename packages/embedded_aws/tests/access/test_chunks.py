"""Signed chunks, on the examples of the Amazon S3 API reference ("Signature calculations …")."""

from collections.abc import Callable

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from embedded_aws.access import chunks
from embedded_aws.access.claims import Claim
from embedded_aws.access.refusals import Reason, Refused

TIME = "20130524T000000Z"
SIZES = (65536, 1024, 0)
PLAIN = (
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)
WITH_TRAILER = (
    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
)
TRAILER = (
    b"x-amz-checksum-crc32c:sOO8/Q==\n\r\n"
    b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
)


def signing() -> Callable[[str], str]:
    keys = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    request = AWSRequest("PUT", "http://s3.amazonaws.com/examplebucket/chunkObject.txt")
    request.context["timestamp"] = TIME
    signer = SigV4Auth(keys, "s3", "us-east-1")
    return lambda text: str(signer.signature(text, request))


def claim(seed: str) -> Claim:
    return Claim("AKIAIOSFODNN7EXAMPLE", "us-east-1", "s3", TIME, ("host",), seed, None)


def body(signatures: tuple[str, ...]) -> bytes:
    parts = zip(SIZES, signatures[1:], strict=True)
    return b"".join(
        f"{size:x};chunk-signature={signature}\r\n".encode() + b"a" * size + (b"\r\n" if size else b"")
        for size, signature in parts
    )


def test_the_examples_verify() -> None:
    chunks.verify(claim(PLAIN[0]), body(PLAIN) + b"\r\n", signing())
    chunks.verify(claim(WITH_TRAILER[0]), body(WITH_TRAILER) + TRAILER, signing(), trailing=True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"aaaa\r\n400;", b"aaab\r\n400;"),  # data
        (b"aa\r\n400;", b"aaa\r\n400;"),  # more of it
        (b"chunk-signature=ad80", b"chunk-signature=ad81"),
        (b";chunk-signature=" + PLAIN[2].encode(), b""),
        (b"\r\n0;chunk-signature=" + PLAIN[3].encode(), b""),  # no end
        (b"0;chunk-signature=b6c6", b"0;chunk-signature=b6c7"),
    ],
)
def test_a_changed_chunk_is_refused(old: bytes, new: bytes) -> None:
    whole = body(PLAIN) + b"\r\n"
    assert old in whole
    with pytest.raises(Refused) as refused:
        chunks.verify(claim(PLAIN[0]), whole.replace(old, new, 1), signing())
    assert refused.value.reason is Reason.mismatch


@pytest.mark.parametrize(
    "trailer",
    [
        TRAILER.replace(b"sOO8", b"sOO9"),
        TRAILER.replace(b"d81f", b"d81e"),
        TRAILER.partition(b"\r\n")[0],
        TRAILER + TRAILER,
        b"",
    ],
)
def test_a_changed_trailer_is_refused(trailer: bytes) -> None:
    with pytest.raises(Refused):
        chunks.verify(claim(WITH_TRAILER[0]), body(WITH_TRAILER) + trailer, signing(), trailing=True)


def test_a_trailer_that_was_not_announced_is_refused() -> None:
    with pytest.raises(Refused):
        chunks.verify(claim(WITH_TRAILER[0]), body(WITH_TRAILER) + TRAILER, signing())


def test_chunks_of_another_request_are_refused() -> None:
    with pytest.raises(Refused):
        chunks.verify(claim(WITH_TRAILER[0]), body(PLAIN), signing())
