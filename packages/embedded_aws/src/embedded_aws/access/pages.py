"""Requests that a web page makes: browsers say so, and pages can't keep them from it.

https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
https://fetch.spec.whatwg.org/#origin-header
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

OWN_SITES = ("same-origin", "none")  # none: the user typed the address


def made_this(environ: "WSGIEnvironment") -> str | None:
    """The header that shows that a page of another site made this request; None where none does."""
    if "HTTP_ORIGIN" in environ:
        return f"Origin: {environ['HTTP_ORIGIN']}"
    site = environ.get("HTTP_SEC_FETCH_SITE", OWN_SITES[0])
    return None if site in OWN_SITES else f"Sec-Fetch-Site: {site}"
