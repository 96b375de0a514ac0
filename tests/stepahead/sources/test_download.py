"""Against a real HTTP server on the loopback that misbehaves in the ways a server can."""

import contextlib
import hashlib
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stepahead.core.errors import StepaheadError
from stepahead.sources.catalog import Source
from stepahead.sources.download import DEFAULT_LIMITS, FetchError, Limits, check_address, fetch
from tests.project import ROOT

BOOK = b"The Time Traveller (for so it will be convenient to speak of him)\n" * 50
SHA256 = hashlib.sha256(BOOK).hexdigest()
TABLE = b"observation_date,GS10\n1953-04-01,2.83\n1953-05-01,3.05\n"
LATER = TABLE + b"1953-06-01,3.11\n"
PAGE = b"<!DOCTYPE html>\n<html><body>GS10: please come back later</body></html>\n"
PATIENT = Limits(read=5, total=10, backoff=0.01, redirects=3, size=2**18)
IMPATIENT = {
    "silent": replace(PATIENT, read=0.1),
    "stalls": replace(PATIENT, read=0.1),
    "drips": replace(PATIENT, total=0.3),
    "drips_headers": replace(PATIENT, total=0.3),
}


class Handler(BaseHTTPRequestHandler):
    """Each path is one way to behave; /any/mirror/NAME behaves as /NAME."""

    def do_GET(self):
        name = self.path.partition("?")[0].rpartition("/")[2]
        self.server.asked[name] += 1
        with contextlib.suppress(ConnectionError):  # the client hangs up on a bad answer
            getattr(self, name.partition(".")[0])()
        self.close_connection = True

    def answer(self, body, status=200, length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def wait(self, seconds):
        self.server.closing.wait(seconds)

    def book(self):
        self.answer(BOOK)

    timemachine = book

    def table(self):
        self.answer(self.server.table)

    GS10 = table

    def tampered(self):
        self.answer(BOOK.replace(b"Time", b"Tine"))

    def page(self):
        self.answer(PAGE)

    def missing(self):
        self.answer(b"no", 404)

    def busy_twice(self):
        if self.server.asked["busy_twice"] < 3:
            self.answer(b"busy", 503)
        else:
            self.answer(BOOK)

    def uncompressed(self):
        self.answer(BOOK, 200 if self.headers["Accept-Encoding"] == "identity" else 406)

    def broken(self):
        self.answer(b"broken", 500)

    def silent(self):
        self.wait(2)

    def stalls(self):
        self.answer(BOOK[:100], length=len(BOOK))
        self.wait(2)

    def drips(self):
        self.answer(b"", length=10_000)
        for _ in range(100):
            self.wfile.write(b"x")
            self.wait(0.02)

    def drips_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(90):
            self.wfile.write(b"X-%d: y\r\n" % number)
            self.wait(0.02)

    def cuts_off(self):
        self.answer(BOOK[:100], length=len(BOOK))

    def cuts_off_chunks(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"1000\r\n" + BOOK[:100])

    def cuts_off_without_length(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(TABLE[:-4])

    def understates_length(self):
        self.answer(BOOK, length=100)

    def garbage_length(self):
        self.answer(BOOK, length="9" * 5000)

    def hangs_up(self):
        pass

    def not_http(self):
        self.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")

    def floods(self):
        self.send_response(200)
        self.end_headers()
        self.flood()

    def floods_despite_length(self):
        self.answer(b"", length=2**40)
        self.flood()

    def flood(self):
        for _ in range(256):  # 16 MiB
            self.wfile.write(b"x" * 2**16)
            self.server.flooded += 2**16

    def redirect(self, target):
        self.answer(b"", 302, Location=target)

    def moved(self):
        self.redirect("book")

    def moved_once_more(self):
        self.redirect(f"http://127.0.0.1:{self.server.server_port}/deep/moved")

    def loop(self):
        self.redirect("/loop")

    def to_file(self):
        self.redirect(f"file://{self.server.secret}")

    def to_ftp(self):
        self.redirect("ftp://127.0.0.1/book")

    def to_plain(self):
        self.redirect(f"{self.server.plain.base}/book")

    def to_nothing(self):
        self.redirect("http://[")

    def colours(self):
        self.send_response(404, "\x1b[31mred")
        self.end_headers()

    def log_message(self, *args):
        pass


class SecureServer(ThreadingHTTPServer):
    def finish_request(self, request, client_address):
        with contextlib.suppress(OSError), self.context.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)


@pytest.fixture(scope="module")
def running_server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.closing = threading.Event()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join(5)


@pytest.fixture
def server(running_server, tmp_path, monkeypatch):
    for variable in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(variable, "127.0.0.1")
    running_server.asked = Counter()
    running_server.flooded, running_server.table = 0, TABLE
    running_server.secret = tmp_path / "secret"
    running_server.secret.write_bytes(BOOK)
    running_server.base = f"http://127.0.0.1:{running_server.server_port}"
    return running_server


def book(*addresses, sha256=SHA256):
    return Source("book", "text", "a book", "timemachine.txt", addresses, sha256, "CC0")


def table(*addresses):
    columns = {"date_columns": ("observation_date", "DATE"), "value_column": "GS10", "unit": "percent"}
    return Source("gs10", "series", "a yield", "GS10.csv", addresses, None, "CC0", **columns)


def get(source, cache, mirror=None, limits=PATIENT):
    fallback = "sine" if source.kind == "series" else "bundled"
    return fetch(source, mirror=mirror, cache=cache, param="x.name", fallback=fallback, limits=limits)


def refused(source, cache, mirror=None, limits=PATIENT):
    """The error's line, after checking that nothing was kept."""
    with pytest.raises(StepaheadError) as caught:
        get(source, cache, mirror, limits)
    assert not cache.exists() or not list(cache.iterdir())
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_a_download_is_verified_and_kept_for_the_next_time(server, tmp_path):
    source = book(f"{server.base}/book")
    first = get(source, tmp_path / "cache")
    again = get(source, tmp_path / "cache")
    assert (first.content, first.sha256, first.origin) == (BOOK, SHA256, f"{server.base}/book")
    assert (again.content, again.sha256) == (BOOK, SHA256)
    assert server.asked["book"] == 1
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [f"{SHA256}-timemachine.txt"]


def test_a_damaged_cached_copy_is_fetched_anew(server, tmp_path):
    source = book(f"{server.base}/book")
    get(source, tmp_path)
    kept = tmp_path / f"{SHA256}-timemachine.txt"
    kept.write_bytes(BOOK[:-1])
    assert get(source, tmp_path).content == BOOK
    assert kept.read_bytes() == BOOK
    assert server.asked["book"] == 2


def test_a_changed_checksum_makes_the_cached_copy_void(server, tmp_path):
    get(book(f"{server.base}/book"), tmp_path)
    with pytest.raises(StepaheadError, match="not the expected content"):
        get(book(f"{server.base}/book", sha256="0" * 64), tmp_path)


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("tampered", rf"not the expected content \(its sha256 is \w+… instead of {SHA256[:12]}…\)"),
        ("page", "not the expected content .*"),
        ("missing", "HTTP status 404"),
        ("broken", "HTTP status 500"),
        ("silent", "no connection, or no answer in time"),
        ("hangs_up", "no connection, or no answer in time"),
        ("not_http", "no connection, or no answer in time"),
        ("stalls", "no connection, or no answer in time"),
        ("drips", r"not done after 0\.3 s"),
        ("drips_headers", r"not done after 0\.3 s"),
        ("cuts_off", "cut off in the middle"),
        ("cuts_off_chunks", "cut off in the middle"),
        ("understates_length", "not the expected content .*"),
        ("floods", f"more than {2**18} bytes"),
        ("floods_despite_length", f"more than {2**18} bytes"),
        ("loop", "more than 3 redirects"),
        ("to_file", "redirected to what is not a valid http, https address"),
        ("to_ftp", "redirected to what is not a valid http, https address"),
        ("to_nothing", "not a valid address or answer"),
        ("colours", "HTTP status 404"),
    ],
)
def test_a_bad_server_is_one_line_and_leaves_nothing(server, tmp_path, way, said):
    line = refused(book(f"{server.base}/{way}"), tmp_path / "cache", limits=IMPATIENT.get(way, PATIENT))
    address = f"{server.base}/{way}"
    assert re.fullmatch(
        rf"x\.name = book cannot be fetched \({re.escape(address)}: (?:{said})\); "
        r"set STEPAHEAD_MIRROR to a folder that holds timemachine\.txt, or use x\.name=bundled",
        line,
    )
    assert server.flooded < 8 * 2**20


@pytest.mark.parametrize("way", ["moved", "moved_once_more", "garbage_length", "busy_twice", "uncompressed"])
def test_a_good_answer_gets_through(server, tmp_path, way):
    assert get(book(f"{server.base}/{way}"), tmp_path).content == BOOK


@pytest.mark.parametrize(
    ("way", "times"), [("broken", 3), ("cuts_off", 3), ("missing", 1), ("tampered", 1), ("floods", 1)]
)
def test_only_what_may_pass_is_tried_again(server, tmp_path, way, times):
    refused(book(f"{server.base}/{way}"), tmp_path / "cache")
    assert server.asked[way] == times


def test_pauses_between_attempts_double(server, tmp_path):
    start = time.monotonic()
    refused(book(f"{server.base}/broken"), tmp_path / "cache", limits=Limits(attempts=3, backoff=0.05))
    assert time.monotonic() - start >= 0.15


def test_no_attempt_is_made_after_the_total_time(server, tmp_path):
    line = refused(book(f"{server.base}/broken"), tmp_path / "cache", limits=Limits(total=0.1, backoff=0.2))
    time.sleep(0.25)
    assert "not done after 0.1 s" in line
    assert server.asked["broken"] <= 1


def test_the_next_address_is_tried(server, tmp_path):
    fetched = get(book(f"{server.base}/missing", "ftp://127.0.0.1/book", f"{server.base}/book"), tmp_path)
    assert (fetched.content, fetched.origin) == (BOOK, f"{server.base}/book")


def test_the_error_holds_what_each_address_said(server, tmp_path):
    line = refused(book(f"{server.base}/missing", "ftp://h/book"), tmp_path / "cache", str(tmp_path / "none"))
    said = [f"{tmp_path}/none/timemachine.txt: no such file", f"{server.base}/missing: HTTP status 404"]
    assert f"({'; '.join(said)}; ftp://h/book: not a valid http, https, file address)" in line


def test_nobody_listening_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert "no connection" in refused(book("http://127.0.0.1:9/book"), tmp_path / "cache")


@pytest.fixture
def secure_server(server, tmp_path):
    """The same behind TLS, with a certificate that nobody vouches for."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    options = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    options += [
        "-days",
        "2",
        "-subj",
        "/CN=x",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    subprocess.run(["openssl", *options], check=True, capture_output=True, timeout=20)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with SecureServer(("127.0.0.1", 0), Handler) as secure:
        secure.asked, secure.certificate, secure.context, secure.plain = Counter(), certificate, context, server
        secure.base = f"https://127.0.0.1:{secure.server_port}"
        thread = threading.Thread(target=secure.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield secure
        secure.shutdown()
        thread.join(5)


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(secure_server, tmp_path):
    line = refused(book(f"{secure_server.base}/book"), tmp_path / "cache")
    assert f"{secure_server.base}/book: no secure connection with a valid certificate" in line
    assert secure_server.asked == {}


def test_https_works_but_not_back_to_http(secure_server, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure_server.certificate))
    assert get(book(f"{secure_server.base}/moved"), tmp_path / "cache").content == BOOK
    line = refused(book(f"{secure_server.base}/to_plain"), tmp_path / "other cache")
    assert "redirected from https to http" in line
    assert secure_server.plain.asked == {}


def test_a_mirror_may_be_a_folder_and_is_asked_before_the_addresses(server, tmp_path):
    (tmp_path / "timemachine.txt").write_bytes(BOOK)
    fetched = get(book(f"{server.base}/book"), tmp_path / "cache", str(tmp_path))
    assert (fetched.content, fetched.origin) == (BOOK, str(tmp_path / "timemachine.txt"))
    assert server.asked == {}


@pytest.mark.parametrize("base", ["{server}/any/mirror", "{server}/any/mirror/", "file://{folder}"])
def test_a_mirror_may_be_an_address(server, tmp_path, base):
    folder = tmp_path / "a b"
    folder.mkdir()
    (folder / "timemachine.txt").write_bytes(BOOK)
    mirror = base.format(server=server.base, folder=str(folder).replace(" ", "%20"))
    assert get(book("http://127.0.0.1:9/x"), tmp_path / "cache", mirror).content == BOOK


@pytest.mark.parametrize("content", [BOOK[:-1], b"", BOOK + b"x", PAGE])
def test_a_mirror_does_not_bypass_the_checksum(server, tmp_path, content):
    (tmp_path / "timemachine.txt").write_bytes(content)
    fetched = get(book(f"{server.base}/book"), tmp_path / "cache", str(tmp_path))
    assert (fetched.content, fetched.origin) == (BOOK, f"{server.base}/book")
    line = refused(book(f"{server.base}/missing"), tmp_path / "other cache", str(tmp_path))
    assert "timemachine.txt: not the expected content" in line


def test_a_file_of_a_package_needs_no_import_of_it_and_no_copy(tmp_path):
    code = """if True:
        import sys
        from pathlib import Path
        from stepahead.sources.catalog import read_catalog
        from stepahead.sources.download import fetch
        nile = read_catalog(Path("data/catalog.yaml"))["nile"]
        print(len(fetch(nile, mirror=None, cache=Path(sys.argv[1]), param="", fallback="").content))
        print("statsmodels" in sys.modules, "requests" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["942", "False", "False"]
    assert not list(tmp_path.iterdir())


def test_a_package_that_is_not_there_is_one_line(tmp_path):
    source = Source("x", "text", "X", "x.txt", ("package://no_such_package/x.txt",), SHA256, "none")
    with pytest.raises(StepaheadError, match=r"package://no_such_package/x\.txt: no such package"):
        fetch(source, mirror=None, cache=tmp_path, param="corpus.name", fallback="bundled")


def test_a_local_file_beyond_the_cap_is_refused(tmp_path):
    (tmp_path / "timemachine.txt").write_bytes(BOOK)
    line = refused(book("ftp://h/x"), tmp_path / "cache", str(tmp_path), limits=Limits(size=len(BOOK) - 1))
    assert f"more than {len(BOOK) - 1} bytes" in line


def test_credentials_of_a_mirror_stay_secret(server, tmp_path):
    mirror = server.base.replace("//", "//me:hush@") + "/missing?token=hush&"
    assert "hush" not in refused(book("ftp://h/x"), tmp_path / "cache", mirror)


def test_a_live_series_comes_with_the_checksum_it_had(server, tmp_path):
    fetched = get(table(f"{server.base}/table"), tmp_path)
    assert (fetched.content, fetched.sha256) == (TABLE, hashlib.sha256(TABLE).hexdigest())


def test_a_live_series_stays_as_it_was_until_the_cache_is_deleted(server, tmp_path):
    source = table(f"{server.base}/table")
    first = get(source, tmp_path)
    server.table = LATER
    assert get(source, tmp_path).content == first.content == TABLE
    (tmp_path / f"{first.sha256}-GS10.csv").unlink()
    assert get(source, tmp_path).content == LATER


def test_a_damaged_copy_of_a_live_series_is_fetched_anew(server, tmp_path):
    source = table(f"{server.base}/table")
    first = get(source, tmp_path)
    (tmp_path / f"{first.sha256}-GS10.csv").write_bytes(TABLE.replace(b"2.83", b"9.99"))
    assert get(source, tmp_path).content == TABLE


@pytest.mark.parametrize("as_address", [False, True])
def test_a_mirror_chooses_the_edition_of_a_live_series_and_leaves_the_kept_one(server, tmp_path, as_address):
    cache, source = tmp_path / "cache", table(f"{server.base}/table")
    get(source, cache)
    server.table = LATER
    (tmp_path / "GS10.csv").write_bytes(LATER)
    mirror = f"{server.base}/any/mirror" if as_address else str(tmp_path)
    assert get(source, cache, mirror).content == LATER
    assert get(source, cache).content == TABLE


@pytest.mark.parametrize(
    ("way", "said"), [("page", "not a CSV table with the columns"), ("cuts_off_without_length", "last line is cut off")]
)
def test_a_series_that_is_no_table_is_refused_although_no_checksum_is_fixed(server, tmp_path, way, said):
    line = refused(table(f"{server.base}/{way}"), tmp_path / "cache")
    assert said in line
    assert line.endswith("or use x.name=sine")


@pytest.mark.parametrize(
    ("header", "good"),
    [
        ("DATE,GS10", True),
        ("observation_date,GS10\r", True),
        ('\ufeff"DATE","GS10"', True),
        ("DATE,GS1", False),
        ("day,GS10", False),
        ("GS10", False),
        ("", False),
    ],
)
def test_a_table_needs_a_date_and_the_value_column(tmp_path, header, good):
    (tmp_path / "GS10.csv").write_text(f"{header}\n1953-04-01,2.83\n", encoding="utf-8", newline="")
    if good:
        assert get(table("ftp://h/x"), tmp_path / "cache", str(tmp_path)).content
    else:
        assert "not a CSV table" in refused(table("ftp://h/x"), tmp_path / "cache", str(tmp_path))


@pytest.mark.parametrize("address", ["http://h/x", "https://h/x", "HTTPS://h/x", "file:///x"])
def test_good_addresses(address):
    check_address(address)


@pytest.mark.parametrize(
    "address", ["ftp://h/x", "h/x", "", "http:///x", "file://localhost/x", "javascript:1", "http://[", "data:,x"]
)
def test_bad_addresses(address):
    with pytest.raises(FetchError):
        check_address(address)


@pytest.mark.parametrize(
    ("source", "target", "good"),
    [
        ("http", "http://h/x", True),
        ("http", "https://h/x", True),
        ("https", "https://h/x", True),
        ("https", "http://h/x", False),
        ("http", "file:///x", False),
        ("http", "ftp://h/x", False),
        ("https", "//", False),
    ],
)
def test_redirects(source, target, good):
    if good:
        check_address(target, redirected_from=f"{source}://a/b")
    else:
        with pytest.raises(FetchError):
            check_address(target, redirected_from=f"{source}://a/b")


def test_a_full_or_forbidden_cache_is_one_line(server, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(StepaheadError, match="cannot be written"):
        get(book(f"{server.base}/book"), tmp_path / "cache")


def test_requests_is_not_imported_for_local_work(tmp_path):
    (tmp_path / "timemachine.txt").write_bytes(BOOK)
    code = f"""if True:
        import sys
        from pathlib import Path
        from stepahead.sources.catalog import Source
        from stepahead.sources.download import fetch
        source = Source("book", "text", "t", "timemachine.txt", ("http://127.0.0.1:9/x",), "{SHA256}", "CC0")
        fetch(source, mirror={str(tmp_path)!r}, cache=Path({str(tmp_path)!r}), param="p", fallback="f")
        assert "requests" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_real_files_in_the_shared_folder(tmp_path):
    from stepahead.sources.catalog import read_catalog

    mirror = ROOT.parent / "shared" / "data"
    if not mirror.is_dir():
        pytest.skip("needs the folder shared/data beside the repository")
    catalog = read_catalog(ROOT / "data" / "catalog.yaml")

    def content(name):
        return get(catalog[name], tmp_path, str(mirror), DEFAULT_LIMITS).content

    assert len(content("time_machine")) == 178_979
    assert len(content("tiny_shakespeare")) == 1_115_394
    assert content("gs10").count(b"\n") == 798
