#!/usr/bin/env python3
"""scripts/get_datasets on this machine alone: files from a server on loopback, good ones, bad ones and none."""
import functools
import hashlib
import http.server
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import zipfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TEXT = b"made up\n" * 100
DIGEST = hashlib.sha256(TEXT).hexdigest()


class Quiet(http.server.SimpleHTTPRequestHandler):
    requests = []

    def log_message(self, *_):
        self.requests.append(self.path)


class GetDatasets(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("scripts", "datasets", "served"):
            (self.folder / name).mkdir()
        shutil.copy(SOURCE / "scripts/get_datasets", self.folder / "scripts")
        (self.folder / "served/input.txt").write_bytes(TEXT)
        with zipfile.ZipFile(self.folder / "served/set.zip", "w") as archive:
            archive.writestr("inside/one.ts", TEXT)
            archive.writestr("two.ts", TEXT)
        handler = functools.partial(Quiet, directory=str(self.folder / "served"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        Quiet.requests.clear()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"

    def sets(self, *lines):
        (self.folder / "datasets/public_sets.txt").write_text("# a comment\n" + "".join(f"{line}\n" for line in lines))

    def get(self, *words):
        environment = {**os.environ, "no_proxy": "*", "NO_PROXY": "*"}
        return subprocess.run([self.folder / "scripts/get_datasets", *words], capture_output=True, text=True,
                              cwd=self.folder, env=environment, check=False)

    def test_downloads_what_has_the_right_checksum(self):
        self.sets(f"text|text.txt|{DIGEST}|{self.url}/input.txt", f"other|text.txt|{DIGEST}|{self.url}/missing")
        result = self.get("text")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((self.folder / "datasets/text/text.txt").read_bytes(), TEXT)
        self.assertEqual(Quiet.requests, ["/input.txt"])

    def test_takes_files_out_of_an_archive(self):
        self.sets(f"pair|one.ts|{DIGEST}|{self.url}/set.zip", f"pair|two.ts|{DIGEST}|{self.url}/set.zip")
        result = self.get("pair")
        self.assertEqual(result.returncode, 0, result.stderr)
        for name in ("one.ts", "two.ts"):
            self.assertEqual((self.folder / "datasets/pair" / name).read_bytes(), TEXT)

    def test_keeps_what_is_there(self):
        self.sets(f"text|text.txt|{DIGEST}|{self.url}/input.txt")
        self.assertEqual(self.get("text").returncode, 0)
        written = (self.folder / "datasets/text/text.txt").stat().st_mtime_ns
        Quiet.requests.clear()
        result = self.get("all")
        self.assertEqual((result.returncode, result.stdout), (0, "text/text.txt: is there\n"))
        self.assertEqual((self.folder / "datasets/text/text.txt").stat().st_mtime_ns, written)
        self.assertEqual(Quiet.requests, [])

    def test_never_overwrites_another_file(self):
        self.sets(f"text|text.txt|{DIGEST}|{self.url}/input.txt")
        (self.folder / "datasets/text").mkdir()
        (self.folder / "datasets/text/text.txt").write_text("mine")
        result = self.get("text")
        self.assertEqual(result.returncode, 1)
        self.assertIn("datasets/text/text.txt is another file than expected; move it away first", result.stderr)
        self.assertEqual((self.folder / "datasets/text/text.txt").read_text(), "mine")
        self.assertEqual(Quiet.requests, [])

    def test_keeps_nothing_that_has_another_checksum(self):
        wrong = hashlib.sha256(b"another").hexdigest()
        for address in ("input.txt", "set.zip"):
            with self.subTest(address):
                self.sets(f"text|one.ts|{wrong}|{self.url}/{address}")
                result = self.get("text")
                self.assertEqual(result.returncode, 1)
                self.assertIn(f"what came from {self.url}/{address} is not the one.ts that was checked; nothing is kept",
                              result.stderr)
                self.assertEqual(sorted(path.name for path in (self.folder / "datasets").rglob("*")), ["public_sets.txt"])

    def test_says_what_to_do_without_a_network(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            nobody = f"http://127.0.0.1:{unused.getsockname()[1]}/input.txt"
        for address in (nobody, f"{self.url}/missing.txt"):
            with self.subTest(address):
                self.sets(f"text|text.txt|{DIGEST}|{address}")
                result = self.get("text")
                self.assertEqual(result.returncode, 1)
                for words in ("text.txt could not be downloaded", "On a machine with a network, get", address,
                              f"{self.folder.resolve()}/datasets/text/text.txt", "Then run scripts/get_datasets text again",
                              "Most experiments in experiments/ need none"):
                    self.assertIn(words, result.stderr)
                self.assertEqual(sorted(path.name for path in (self.folder / "datasets").rglob("*")), ["public_sets.txt"])
        # The file put there by hand is accepted.
        (self.folder / "datasets/text").mkdir()
        (self.folder / "datasets/text/text.txt").write_bytes(TEXT)
        self.assertEqual(self.get("text").returncode, 0)

    def test_goes_on_with_the_other_sets(self):
        self.sets(f"bad|bad.txt|{DIGEST}|{self.url}/missing", f"good|good.txt|{DIGEST}|{self.url}/input.txt")
        self.assertEqual(self.get("bad", "good").returncode, 1)
        self.assertTrue((self.folder / "datasets/good/good.txt").exists())

    def test_knows_its_names(self):
        self.sets(*(f"{name}|text.txt|{DIGEST}|{self.url}/input.txt" for name in ("text", "text2", "my_text")))
        result = self.get("shakespeare")
        self.assertEqual(result.returncode, 2)
        self.assertIn("there is no data set 'shakespeare'; there are: my_text text text2", result.stderr)
        self.assertIn("Names: my_text text text2", self.get().stdout)
        # A name that is a part of others gets its own files alone.
        self.assertEqual(self.get("text").returncode, 0)
        self.assertEqual(sorted(path.name for path in (self.folder / "datasets").iterdir()), ["public_sets.txt", "text"])

    def test_the_list_that_is_shipped_is_whole(self):
        for line in (SOURCE / "datasets/public_sets.txt").read_text().splitlines():
            if line.startswith("#"):
                continue
            name, file, digest, address = line.split("|")
            self.assertRegex(name, r"^[a-z_]+$")
            self.assertRegex(digest, r"^[0-9a-f]{64}$")
            self.assertTrue(address.startswith("https://"))
            readme = (SOURCE / "datasets/README.md").read_text()
            self.assertIn(f"| {name} | ", readme)
            self.assertIn(file, readme)


if __name__ == "__main__":
    unittest.main(verbosity=2 if "-v" in sys.argv else 1)
