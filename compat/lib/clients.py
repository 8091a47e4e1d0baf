"""The seven clients that move real text: how each is installed, and the command line that runs it.

All take the same arguments:
  produce --broker B --topic T --file F --codec C [--acks A] [--idempotent]    one record a line, to partition 0
  consume --broker B --topic T --count N --out F                               from offset 0, one line a record
"""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

import places

SOURCES = os.path.join(places.COMPAT, "clients")
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
NAMES = ("java-console", "java", "kcat", "confluent-kafka", "kafka-python", "franz-go", "kafkajs")


def once(name, sources, build):
    """Runs `build(folder)` unless the cache holds its outcome for exactly these source files; the folder."""
    digest = hashlib.sha256()
    for source in sources:
        with open(source, "rb") as file:
            digest.update(file.read() + b"\0")
    folder = os.path.join(places.CACHE, name)
    stamp = os.path.join(folder, "complete")
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == digest.hexdigest():
                return folder
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    build(folder)
    with open(stamp, "w") as file:
        file.write(digest.hexdigest())
    return folder


def run(*command, **options):
    subprocess.run(command, check=True, stdout=sys.stderr, **options)


def java_classes():
    """The compiled Java programs of this folder."""
    sources = [os.path.join(SOURCES, "java", "LineClient.java"),
               os.path.join(SOURCES, "java", "TransactionClient.java"),
               os.path.join(places.COMPAT, "lib", "java", "ToolDriver.java"),
               os.path.join(places.COMPAT, "lib", "java", "CleanerJudge.java")]
    libs = places.kafka_libs()
    return once("java-classes", sources, lambda folder: run(places.need("javac"), "-cp", f"{libs}/*", "-d", folder, *sources))


def python():
    """The Python of the environment that holds confluent-kafka and kafka-python."""
    requirements = os.path.join(SOURCES, "python", "requirements.txt")

    def build(folder):
        run(sys.executable, "-m", "venv", folder)
        run(os.path.join(folder, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "-r", requirements)

    return os.path.join(once("python", [requirements], build), "bin", "python")


def go_client():
    source = os.path.join(SOURCES, "go")
    files = [os.path.join(source, name) for name in ("main.go", "transactions.go", "go.mod", "go.sum")]

    def build(folder):
        run(places.need("go"), "build", "-o", os.path.join(folder, "client"), ".", cwd=source)

    return os.path.join(once("go", files, build), "client")


def node_modules():
    source = os.path.join(SOURCES, "kafkajs")
    files = [os.path.join(source, name) for name in ("package.json", "package-lock.json")]

    def build(folder):
        for file in files:
            shutil.copy(file, folder)
        run(places.need("npm"), "ci", "--no-audit", "--no-fund", "--silent", cwd=folder)

    return os.path.join(once("kafkajs", files, build), "node_modules")


def kcat():
    """The Debian package; fetched when that needs no question to anybody."""
    if shutil.which("kcat") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "kcat"], check=False, **quiet)
    return places.need("kcat")


def install(name):
    {
        "java-console": java_classes, "java": java_classes, "kcat": kcat, "confluent-kafka": python,
        "kafka-python": python, "franz-go": go_client, "kafkajs": node_modules,
    }[name]()


def java_job(name, action, broker, topic, **options):
    """The same as a job of the tool driver (see `javatools`), for the two Java clients."""
    if name == "java":
        arguments = [action, "--broker", broker, "--topic", topic]
        for key, value in options.items():
            if value is True:
                arguments.append(f"--{key}")
            elif value:
                arguments += [f"--{key}", str(value)]
        return {"main": "LineClient", "args": arguments}
    if action == "produce":
        arguments = ["--bootstrap-server", broker, "--topic", topic, "--compression-codec", options["codec"],
                     "--request-required-acks", options.get("acks") or "all"]
        if options.get("idempotent"):
            arguments += ["--command-property", "enable.idempotence=true"]
        return {"main": "org.apache.kafka.tools.ConsoleProducer", "args": arguments, "stdin_file": options["file"]}
    return {
        "main": "org.apache.kafka.tools.consumer.ConsoleConsumer",
        "args": ["--bootstrap-server", broker, "--topic", topic, "--partition", "0", "--offset", "earliest",
                 "--max-messages", str(options["count"]), "--timeout-ms", "30000"],
        "stdout_file": options["out"],
    }


def command(name, action, broker, topic, **options):
    """(command line, environment) of one client as a program of its own; `kcat` consumes to standard output."""
    environment = dict(os.environ)
    arguments = [action, "--broker", broker, "--topic", topic]
    for key, value in options.items():
        if value is True:
            arguments.append(f"--{key}")
        elif value:
            arguments += [f"--{key}", str(value)]
    if name in ("java", "java-console"):
        job = java_job(name, action, broker, topic, **options)
        classes = f"{java_classes()}:{places.kafka_libs()}/*"
        return [places.java(), "-Xmx512m", "-Dfile.encoding=UTF-8",
                f"-Dlog4j2.configurationFile={places.COMPAT}/kafka/log4j2-tools.properties", "-cp", classes,
                job["main"], *job["args"]], environment
    if name == "kcat":
        base = [kcat(), "-b", broker, "-t", topic, "-p", "0", "-q"]
        if action == "produce":
            return base + ["-P", "-z", options["codec"], "-X", f"acks={options.get('acks') or 'all'}", "-X",
                           f"enable.idempotence={str(bool(options.get('idempotent'))).lower()}", "-l",
                           options["file"]], environment
        return base + ["-C", "-o", "beginning", "-c", str(options["count"]), "-f", "%s\n"], environment
    if name in ("confluent-kafka", "kafka-python"):
        program = {"confluent-kafka": "confluent_client.py", "kafka-python": "kafka_python_client.py"}[name]
        return [python(), os.path.join(SOURCES, "python", program), *arguments], environment
    if name == "franz-go":
        return [go_client(), *arguments], environment
    if name == "kafkajs":
        environment["NODE_PATH"] = node_modules()
        return [places.need("node"), os.path.join(SOURCES, "kafkajs", "client.js"), *arguments], environment
    raise ValueError(f"unknown client {name!r}: one of {', '.join(NAMES)}")


def execute(name, action, broker, topic, timeout=600, **options):
    """Runs one client as a program of its own; `None`, or what it said when it failed."""
    line, environment = command(name, action, broker, topic, **options)
    # The console producer reads standard input; the console consumer and kcat write to standard output.
    source = options.get("file") if name == "java-console" and action == "produce" else os.devnull
    target = options.get("out") if name in ("java-console", "kcat") and action == "consume" else os.devnull
    with open(source, "rb") as stdin, open(target, "wb") as stdout, tempfile.TemporaryFile() as stderr:
        try:
            done = subprocess.run(line, stdin=stdin, stdout=stdout, stderr=stderr, env=environment, timeout=timeout)
        except subprocess.TimeoutExpired:
            return f"not done in {timeout} s"
        stderr.seek(0)
        said = stderr.read().decode(errors="replace").strip()
    return None if done.returncode == 0 else said or f"exit code {done.returncode}"
