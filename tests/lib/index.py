"""A package index on loopback (PEP 503, 691, 658, ranges, keep-alive) that writes down every request.

    with Index([wheel("a", "1.0", ["b"]), wheel("b", "2.0")]) as index:
        ... index.url ... index.log ...

Each thing a real index may lack can be turned off, each fault a real one may have can be switched on."""
import base64
import collections
import hashlib
import html
import http.server
import json
import re
import socket
import threading
import urllib.parse

JSON_TYPE = "application/vnd.pypi.simple.v1+json"

Request = collections.namedtuple("Request", "method path range status accept sent authorization")


class Index:
    def __init__(self, dists=(), json=True, metadata=True, ranges=True, hashes=True, auth=None):
        self.json = json  # answers with JSON where the client takes it, else always HTML
        self.metadata = metadata  # offers <file>.metadata
        self.ranges = ranges
        self.hashes = hashes
        self.auth = auth  # (user, password): everything else is answered with 401
        self.fail = {}  # path as a client asks for it: status to answer with
        self.fail_first = {}  # the same, once
        self.replace = {}  # path: (content type, bytes) to answer with
        self.cache_control = None
        self.log = []
        self.projects = collections.defaultdict(list)
        self.files = {}
        self.lock = threading.Lock()
        for dist in dists:
            self.add(dist)

    def add(self, dist):
        self.projects[dist.project].append(dist)
        self.files[dist.filename] = dist
        return dist

    def __enter__(self):
        index = self

        class BoundHandler(Handler):
            pass

        BoundHandler.index = index
        self.server = Server(("127.0.0.1", 0), BoundHandler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def host(self):
        return "127.0.0.1:%d" % self.server.server_address[1]

    @property
    def url(self):
        return "http://%s/simple/" % self.host

    def file_url(self, dist):
        return "http://%s/files/%s" % (self.host, dist.filename)

    def requests(self, pattern=""):
        """The requests so far whose path has a match of the regular expression."""
        with self.lock:
            return [r for r in self.log if re.search(pattern, r.path)]

    def fail_once(self, path, status):
        self.fail_first[path] = status

    def forget(self):
        with self.lock:
            self.log.clear()

    # What pages and files hold.

    def page(self, project, as_json):
        entries = [self.entry(dist) for dist in self.projects[project]]
        if as_json:
            page = {"meta": {"api-version": "1.0"}, "name": project, "files": entries}
            return JSON_TYPE, json.dumps(page).encode()
        return "text/html", self.html_page(entries).encode()

    def entry(self, dist):
        digest = hashlib.sha256(dist.metadata).hexdigest() if dist.metadata else None
        offered = {"sha256": digest} if self.metadata and dist.metadata else False
        return {
            "filename": dist.filename, "url": "../../files/" + dist.filename,
            "hashes": {"sha256": dist.sha256} if self.hashes else {}, "requires-python": dist.requires_python,
            "yanked": dist.yanked, "size": len(dist.data), "upload-time": dist.upload_time,
            "core-metadata": offered,
        }

    @staticmethod
    def html_page(entries):
        lines = ["<!DOCTYPE html><html><body>"]
        for e in entries:
            attributes = {"href": e["url"] + ("#sha256=" + e["hashes"]["sha256"] if e["hashes"] else "")}
            if e["requires-python"]:
                attributes["data-requires-python"] = e["requires-python"]
            if e["yanked"] is not False:
                attributes["data-yanked"] = "" if e["yanked"] is True else e["yanked"]
            if e["core-metadata"]:
                attributes["data-core-metadata"] = "sha256=" + e["core-metadata"]["sha256"]
            text = " ".join('%s="%s"' % (k, html.escape(v)) for k, v in attributes.items())
            lines.append("<a %s>%s</a><br>" % (text, e["filename"]))
        return "\n".join(lines + ["</body></html>"])

    def answer(self, path, accept):
        """(status, content type, bytes, whether ranges are served)"""
        status = self.fail_first.pop(path, None) or self.fail.get(path)
        if status:
            return status, "text/plain", b"as the test wants", False
        if path in self.replace:
            return (200, *self.replace[path], False)
        page = re.fullmatch(r"/simple/([^/]+)/", path)
        if page and page[1] in self.projects:
            return (200, *self.page(page[1], self.json and JSON_TYPE in accept), False)
        name = path[len("/files/"):] if path.startswith("/files/") else ""
        if name in self.files:
            return 200, "application/octet-stream", self.files[name].data, self.ranges
        dist = self.files.get(name[:-len(".metadata")]) if name.endswith(".metadata") else None
        if dist and dist.metadata and self.metadata:
            return 200, "text/plain", dist.metadata, False
        return 404, "text/plain", b"not found", False


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    index = None

    def do_GET(self):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        wanted = self.headers.get("Range", "")
        authorization = self.headers.get("Authorization", "")
        if self.index.auth and decode_basic(authorization) != ":".join(self.index.auth):
            status, kind, data, ranges = 401, "text/plain", b"who are you?", False
        else:
            status, kind, data, ranges = self.index.answer(path, self.headers.get("Accept", ""))
        headers = {"Content-Type": kind}
        if status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="test"'
        if ranges:
            headers["Accept-Ranges"] = "bytes"
        if ranges and wanted:
            status, data, headers["Content-Range"] = cut(data, wanted)
        if self.index.cache_control:
            headers["Cache-Control"] = self.index.cache_control
        with self.index.lock:
            self.index.log.append(Request(self.command, path, wanted, status, self.headers.get("Accept", ""),
                                          len(data), authorization))
        self.respond(status, headers, data)

    do_HEAD = do_GET

    def respond(self, status, headers, data):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Clients may hang up: no business of the test's output."""

    def get_request(self):
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address


def decode_basic(header):
    kind, _, value = header.partition(" ")
    return base64.b64decode(value).decode() if kind == "Basic" else ""


def cut(data, wanted):
    """One range of RFC 9110 section 14: (status, bytes, Content-Range)."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
    first, last = (match[1], match[2]) if match else ("", "")
    if first:
        begin, end = int(first), min(int(last or len(data)), len(data) - 1)
    else:
        begin, end = max(len(data) - int(last or 0), 0), len(data) - 1
    if begin > end:
        return 416, b"", "bytes */%d" % len(data)
    return 206, data[begin:end + 1], "bytes %d-%d/%d" % (begin, end, len(data))
