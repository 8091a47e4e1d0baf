"""Real text of the wanted size: documentation and library sources that this system has, one record a line."""
import gzip
import hashlib
import os
import subprocess
import sys
import sysconfig
import zlib

import places

TEXT = (".txt", ".md", ".rst", ".html", ".py", ".go", ".rs", ".java", ".js", ".ts", ".c", ".h", ".toml", ".json", ".xml", ".gz")
FILE_BYTES_MAX = 4 << 20
LINE_BYTES_MAX = 64 << 10


def roots():
    """Folders with text, those that exist, in a fixed order."""
    wanted = ["/usr/share/doc", "/usr/share/common-licenses", "/usr/lib/python3", "/usr/share/perl", "/usr/include",
              sysconfig.get_paths()["stdlib"], os.path.join(places.CACHE, "kafkajs", "node_modules"),
              os.path.join(places.CACHE, "python")]
    wanted += [os.path.join(os.environ.get("CARGO_HOME") or os.path.expanduser("~/.cargo"), "registry", "src"),
               os.path.expanduser("~/go/pkg/mod")]
    for command in (["go", "env", "GOROOT"], ["rustc", "--print", "sysroot"]):
        try:
            wanted.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
        except (OSError, subprocess.CalledProcessError):
            pass
    return [root for root in dict.fromkeys(map(os.path.realpath, wanted)) if os.path.isdir(root)]


def files():
    """Every text file under the roots. The order looks random, so that a small corpus is varied too, and is always the
    same on the same system."""
    found = {}
    for root in roots():
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                if (name.endswith(TEXT) or root.startswith("/usr/share")) and os.path.isfile(path):
                    found[hashlib.sha256(path.encode()).digest()] = path
    return [found[digest] for digest in sorted(found)]


def lines(path):
    """The printable lines of a file, unpacked when it is gzipped; none when it is not text."""
    try:
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            text = file.read(FILE_BYTES_MAX).decode()
    except (OSError, EOFError, UnicodeDecodeError, zlib.error):
        return
    for line in text.splitlines():
        if line.strip() and line.replace("\t", " ").isprintable() and len(line) <= LINE_BYTES_MAX // 4:
            yield line.encode() + b"\n"


def make(megabytes):
    """(path, lines, SHA-256) of a corpus of at least so many MB (of 1,000,000 bytes), kept in the cache."""
    path = os.path.join(places.CACHE, f"corpus-{megabytes}mb.txt")
    if not os.path.exists(path):
        write(path, int(megabytes * 1_000_000))
    digest, count = hashlib.sha256(), 0
    with open(path, "rb") as file:
        for line in file:
            digest.update(line)
            count += 1
    return path, count, digest.hexdigest()


def write(path, size):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    written, rounds = 0, 0
    with open(path + ".part", "wb") as out:
        while written < size:
            before = written
            for name in files():
                for line in lines(name):
                    written += out.write(line)
                if written >= size:
                    break
            rounds += 1
            if written == before:
                raise places.Missing("this system has no documentation and no library sources to make a corpus of")
    if rounds > 1:
        print(f"this system has too little text: it is repeated {rounds} times", file=sys.stderr)
    os.rename(path + ".part", path)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()
