"""A hostile page in the developer's browser: each attack succeeds on an embedded AWS without its gate.

On one with it, nothing is changed and nothing read.
"""

import base64
import io
import json
import threading
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import embedded_aws
import pytest
from embedded_aws import LocalAws, lifecycle
from playwright.sync_api import Browser, Page

from packages.embedded_aws.tests.roles import role_of_anything
from tests.browser import EVIL, REBOUND, fetch, page_at, submit

SECRET = "card data"
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
BLANK = "<!doctype html><title>a page</title>"
FORGED = (
    "AWS4-HMAC-SHA256 Credential=local/20261129/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
)


@dataclass(frozen=True)
class Target:
    """An embedded AWS with something to lose. `proof`: a file that code of the attacker's writes."""

    aws: LocalAws
    bucket: str
    queue: str
    proof: Path

    @classmethod
    def prepared(cls, aws: LocalAws, proof: Path) -> "Target":
        """Its own bucket, with a secret and a picture in it, and its own queue."""
        name = f"of-{uuid.uuid4()}"
        s3 = aws.client("s3")
        s3.create_bucket(Bucket=name, ACL="public-read")
        s3.put_object(Bucket=name, Key="secret.txt", Body=SECRET.encode(), ACL="public-read")
        s3.put_object(Bucket=name, Key="pixel.gif", Body=PIXEL, ContentType="image/gif", ACL="public-read")
        aws.client("sqs").create_queue(QueueName=name)
        return cls(aws, name, name, proof)

    def is_whole(self) -> bool:
        """Whether nothing is missing, and no code of the attacker's has run."""
        queues = self.aws.client("sqs").list_queues().get("QueueUrls", ())
        return (
            any(url.endswith(self.queue) for url in queues)
            and self.keys() == {"secret.txt", "pixel.gif"}
            and not self.proof.exists()
        )

    def keys(self) -> set[str]:
        """Names of the objects."""
        try:
            found = self.aws.client("s3").list_objects_v2(Bucket=self.bucket)
        except self.aws.client("s3").exceptions.NoSuchBucket:
            return set()
        return {item["Key"] for item in found.get("Contents", ())}


@pytest.fixture(scope="module")
def site(_integration: None) -> Iterator[str]:
    """Serves a blank page: where the attacker's scripts run."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(BLANK.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{EVIL}:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


# That each attack succeeds where there is no gate.
UNPROTECTED = pytest.param(False, marks=pytest.mark.long)


@pytest.fixture(scope="module", params=[UNPROTECTED, True], ids=["unprotected", "protected"])
def protected(request: pytest.FixtureRequest) -> bool:
    """Whether the gate is there."""
    return bool(request.param)


@pytest.fixture(scope="module")
def attacked(
    protected: bool, _integration: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalAws]:
    """An embedded AWS, with its gate or without."""
    with pytest.MonkeyPatch.context() as patch:
        if not protected:
            patch.setattr(lifecycle, "SERVER", "packages.embedded_aws.tests.access.unprotected")
            patch.setattr(lifecycle, "PACKAGE_ROOT", Path(__file__).resolve().parents[4])
        with embedded_aws.running(tmp_path_factory.mktemp("attacked")) as aws:
            yield aws


@pytest.fixture
def target(attacked: LocalAws, tmp_path: Path) -> Target:
    """Something new to lose: some attacks leave nothing."""
    return Target.prepared(attacked, tmp_path / "proof")


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The hostile page."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(site)
    yield page
    context.close()


@pytest.mark.parametrize("path", ["/_bluegreen/reset", "/moto-api/reset"])
def test_a_form_resets_everything(page: Page, target: Target, protected: bool, path: str) -> None:
    submit(page, target.aws.endpoint + path, "text/plain", {'{"x":"': '"}'})
    assert target.is_whole() is protected


def test_a_form_uploads_an_object(page: Page, target: Target, protected: bool) -> None:
    url = f"{target.aws.endpoint}/{target.bucket}"
    submit(page, url, "multipart/form-data", {"key": "planted", "file": "of the attacker"})
    assert target.is_whole() is protected


def test_a_fetch_without_cors_deletes_objects(page: Page, target: Target, protected: bool) -> None:
    body = "<Delete><Object><Key>secret.txt</Key></Object></Delete>"
    fetch(page, f"{target.aws.endpoint}/{target.bucket}?delete", method="POST", mode="no-cors", body=body)
    assert target.is_whole() is protected


def test_a_fetch_with_cors_reads_an_object(page: Page, target: Target, protected: bool) -> None:
    found = fetch(page, f"{target.aws.endpoint}/{target.bucket}/secret.txt")
    assert (SECRET in found[1]) is not protected


def code(proof: Path) -> str:
    """A package whose code proves that it has run."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("main.py", f"def handler(event, context): open({str(proof)!r}, 'w').close()")
    return base64.b64encode(package.getvalue()).decode()


def test_an_image_shows_an_object(page: Page, target: Target, protected: bool) -> None:
    script = """url => new Promise(resolve => {
        const image = new Image()
        image.onload = () => resolve(image.naturalWidth)
        image.onerror = () => resolve(0)
        image.src = url
    })"""
    width = page.evaluate(script, f"{target.aws.endpoint}/{target.bucket}/pixel.gif")
    assert width == (0 if protected else 1)


@pytest.fixture
def rebound(browser: Browser, target: Target) -> Iterator[tuple[Page, str]]:
    """A page of the attacker's whose name and port lead to the embedded AWS by now: DNS rebinding."""
    origin = f"http://{REBOUND}:{target.aws.endpoint.rpartition(':')[2]}"
    page = page_at(browser, f"{origin}/page")
    yield page, origin
    page.close()


def test_another_host_reads_what_it_likes(rebound: tuple[Page, str], target: Target, protected: bool) -> None:
    page, origin = rebound
    url = f"{origin}/?Action=ListQueues&Version=2012-11-05"
    status, text = fetch(page, url, headers={"Authorization": FORGED.format("sqs")})
    assert (target.queue in text) is not protected
    assert (status == 421) is protected


def test_another_host_changes_what_it_likes(
    rebound: tuple[Page, str], target: Target, protected: bool
) -> None:
    page, origin = rebound
    status, _ = fetch(page, f"{origin}/_bluegreen/reset", method="POST", body="{}")
    assert target.is_whole() is protected
    assert (status == 421) is protected


def test_another_host_runs_code_as_the_developer(
    rebound: tuple[Page, str], target: Target, protected: bool
) -> None:
    page, origin = rebound
    functions = f"{origin}/2015-03-31/functions"
    headers = {"Authorization": FORGED.format("lambda"), "Content-Type": "application/json"}
    function = {
        "FunctionName": "planted",
        "Runtime": "python3.13",
        "Role": f"arn:aws:iam::{embedded_aws.ACCOUNT_ID}:role/planted",
        "Handler": "main.handler",
        "Code": {"ZipFile": code(target.proof)},
    }
    role_of_anything(target.aws.client("iam"), "planted", "lambda.amazonaws.com")
    fetch(page, functions, method="POST", headers=headers, body=json.dumps(function))
    fetch(page, f"{functions}/planted/invocations", method="POST", headers=headers, body="{}")
    assert target.proof.exists() is not protected
    assert target.is_whole() is protected
