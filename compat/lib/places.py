"""Where things are, and what to say when they are missing."""
import os
import shutil
import subprocess
import sys

COMPAT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(COMPAT)
CACHE = os.path.abspath(os.environ.get("OTTLA_CACHE") or os.path.join(COMPAT, ".cache"))

HINTS = {
    "java": "a Java runtime, 17 or newer (Debian: apt-get install openjdk-17-jdk-headless)",
    "javac": "a Java compiler, 17 or newer (Debian: apt-get install openjdk-17-jdk-headless)",
    "mvn": "Apache Maven, which fetches the real Kafka (Debian: apt-get install maven)",
    "go": "the Go toolchain, 1.24 or newer (https://go.dev/dl/)",
    "node": "Node.js, 18 or newer (Debian: apt-get install nodejs npm)",
    "npm": "npm (Debian: apt-get install npm)",
    "kcat": "kcat (Debian: apt-get install kcat)",
    "cargo": "the Rust toolchain (https://rustup.rs)",
}


class Missing(Exception):
    """Something outside this repository is needed and is not there; the text says how to get it."""


def need(tool):
    """The path of a program, or `Missing` with the way to get it."""
    path = shutil.which(tool)
    if path is None:
        raise Missing(f"{tool} is missing: {HINTS.get(tool, 'please install it')}")
    return path


def java():
    home = os.environ.get("JAVA_HOME")
    return os.path.join(home, "bin", "java") if home else need("java")


def kafka_libs():
    """The folder of the real Kafka's jars, fetched when it is not there yet."""
    need("java")
    subprocess.run([os.path.join(COMPAT, "kafka", "install")], check=True, stdout=sys.stderr)
    home = os.environ.get("OTTLA_KAFKA_HOME") or os.path.join(CACHE, "kafka")
    return os.path.join(home, "libs")


def ottla_binary():
    """The program under test: $OTTLA_BIN, else the release build of this checkout."""
    path = os.environ.get("OTTLA_BIN") or os.path.join(
        os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target"), "release", "ottla"
    )
    if not os.access(path, os.X_OK):
        raise Missing(f"no program at {path}: run `cargo build --release`, or set OTTLA_BIN")
    return path


def main(function):
    """Runs a script's main function; what is missing is said in one line, with exit code 2."""
    try:
        sys.exit(function())
    except Missing as missing:
        print(missing, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
