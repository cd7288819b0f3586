"""Gets access tokens from a sidecar (`access-token serve`) with Python's standard library.

As a program: python3 access_token.py PROFILE [URL]
As a module:  from access_token import access_token; headers = {"Authorization": "Bearer " + access_token("lean")}

The sidecar caches and renews tokens, so ask for one whenever you need it, and keep none.
"""

import http.client
import json
import os
import socket
import sys
import urllib.error
import urllib.parse
import urllib.request


class TokenUnavailable(Exception):
    """There is no token. `error` is a stable name, `retry_after` the seconds to wait, or None."""

    def __init__(self, error, message, retry_after=None):
        super().__init__(message)
        self.error = error
        self.retry_after = retry_after


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _socket_path():
    named = os.environ.get("ACCESS_TOKEN_SOCKET")
    return named or os.path.join(os.environ["XDG_RUNTIME_DIR"], "access-token", "socket")


def access_token(profile, scope=None, skip_cache=False, timeout=60):
    """Returns an access token. After a 401 of a server, call it with `skip_cache=True` once."""
    query = {"profile": profile}
    if scope is not None:
        query["scope"] = scope
    if skip_cache:
        query["skip_cache"] = "true"
    connection = _SocketConnection(_socket_path(), timeout)
    try:
        connection.request("GET", "/v1/token?" + urllib.parse.urlencode(query))
        response = connection.getresponse()
        body = json.loads(response.read())
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise TokenUnavailable("unavailable", f"the sidecar does not answer: {error}") from error
    finally:
        connection.close()
    if response.status != 200:
        raise TokenUnavailable(body["error"], body["message"], body.get("retry_after"))
    return body["access_token"]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Does not follow redirects: the token is for one server."""

    def redirect_request(self, *_):
        return None


def get(url, profile):
    """Sends a GET request with a token, and once more with a new token after a 401."""
    opener = urllib.request.build_opener(_NoRedirects)
    for skip_cache in (False, True):
        headers = {"Authorization": "Bearer " + access_token(profile, skip_cache=skip_cache)}
        try:
            with opener.open(urllib.request.Request(url, headers=headers), timeout=60) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            if error.code != 401 or skip_cache:
                return error.code, error.read()


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python3 access_token.py PROFILE [URL]")
    profile, *url = sys.argv[1:]
    try:
        if url:
            status, body = get(url[0], profile)
            print(status, body.decode())
        else:
            print("a token of", len(access_token(profile)), "characters")
    except TokenUnavailable as error:
        sys.exit(f"{error.error}: {error}")


if __name__ == "__main__":
    main()
