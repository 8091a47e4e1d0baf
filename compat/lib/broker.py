"""Starts, stops and kills one broker of either kind on a folder, so that every script here runs against both.

Kinds: `kafka` (the real Apache Kafka, one combined broker and controller) and `ottla`. A folder keeps the data, the
logs and the process id; starting on a folder that has data is a restart.
"""
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import places
import wire

KINDS = ("ottla", "kafka")
CLUSTER_ID = "b3R0bGEtY29tcGF0LTAwMQ"

# One node alone: internal topics with one replica, and groups that do not wait for more members.
COMMON = {
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
}

# More shards than a small machine would get, so that requests cross between them.
OTTLA_ONLY = {"ottla.shard.count": "3"}

# The options with which Kafka's own start script runs a broker.
KAFKA_JVM = (
    "-server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 "
    "-XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true"
).split()


class StartFailed(Exception):
    pass


class Broker:
    """One broker on one folder. `start` waits for the first answered Metadata and keeps the seconds it took."""

    def __init__(self, kind, folder, port, settings=None):
        if kind not in KINDS:
            raise ValueError(f"unknown kind of broker {kind!r}: one of {', '.join(KINDS)}")
        self.kind, self.port = kind, port
        self.folder = os.path.abspath(folder)
        self.data = os.path.join(self.folder, "data")
        self.settings = dict(COMMON, **(settings or {}))
        self.address = f"127.0.0.1:{port}"
        self.process = None
        self.ready_seconds = None

    @property
    def pid(self):
        if self.process is not None:
            return self.process.pid
        try:
            with open(os.path.join(self.folder, "pid")) as file:
                return int(file.read())
        except (FileNotFoundError, ValueError):
            return None

    def start(self, timeout=120.0):
        began = self.launch()
        self._wait_ready(began + timeout)
        self.ready_seconds = time.monotonic() - began
        return self

    def launch(self):
        """Starts the process and does not wait; the time at which it was started."""
        os.makedirs(self.folder, exist_ok=True)
        if port_is_open(self.port):
            raise StartFailed(f"port {self.port} is in use by another program")
        command, environment = getattr(self, f"_{self.kind}_command")()
        with open(self._log("stdout"), "ab") as output, open(self._log("stderr"), "ab") as errors:
            began = time.monotonic()
            self.process = subprocess.Popen(
                command, stdout=output, stderr=errors, stdin=subprocess.DEVNULL, start_new_session=True,
                env=environment,
            )
        with open(os.path.join(self.folder, "pid"), "w") as file:
            file.write(str(self.process.pid))
        return began

    def _log(self, name):
        return os.path.join(self.folder, f"{name}.log")

    def _ottla_command(self):
        command = [places.ottla_binary(), "serve", "--data-dir", self.data, "--listen", self.address]
        command += ["--controller-listen", f"127.0.0.1:{self.port + 1}"]
        # The same kind of quorum as the real one has here.
        command += ["--set", f"controller.quorum.voters=1@127.0.0.1:{self.port + 1}"]
        for name, value in {**OTTLA_ONLY, **self.settings}.items():
            command += ["--set", f"{name}={value}"]
        return command + os.environ.get("OTTLA_SERVE_ARGS", "").split(), dict(os.environ)

    def _kafka_command(self):
        libs = places.kafka_libs()
        properties = os.path.join(self.folder, "server.properties")
        controller = self.port + 1
        values = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": self.data,
            **self.settings,
        }
        with open(properties, "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in values.items())
        if not os.path.exists(os.path.join(self.data, "meta.properties")):
            done = subprocess.run(
                [places.java(), "-Xmx256m", f"-Dlog4j2.configurationFile={log_configuration('tools')}", "-cp",
                 f"{libs}/*", "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties],
                capture_output=True, text=True,
            )
            if done.returncode:
                raise StartFailed(f"the real Kafka could not format {self.data}:\n{done.stdout}{done.stderr}")
        heap = os.environ.get("KAFKA_HEAP_OPTS", "-Xmx1g -Xms1g").split()
        return [
            places.java(), *heap, *KAFKA_JVM, f"-Dkafka.logs.dir={self.folder}",
            f"-Dlog4j2.configurationFile={log_configuration('broker')}", "-cp", f"{libs}/*", "kafka.Kafka", properties,
        ], dict(os.environ)

    def _wait_ready(self, deadline):
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                code = self.process.returncode
                self._forget()
                raise StartFailed(f"{self.kind} ended with {code} at its start: {self._last_words()}")
            if answers_metadata(self.address):
                return
            time.sleep(0.0005)
        self.kill()
        raise StartFailed(f"{self.kind} did not answer Metadata in time: {self._last_words()}")

    def _last_words(self):
        said = ""
        for path in map(self._log, ("stdout", "stderr", "server")):
            if os.path.exists(path):
                with open(path, errors="replace") as file:
                    said += "".join(file.readlines()[-12:])
        return said or "it said nothing"

    def stop(self, timeout=60.0):
        """SIGTERM and wait; seconds it took."""
        return self._end(signal.SIGTERM, timeout)

    def kill(self, timeout=30.0):
        """SIGKILL and wait."""
        return self._end(signal.SIGKILL, timeout)

    def _end(self, with_signal, timeout):
        pid, began = self.pid, time.monotonic()
        if pid is None:
            return 0.0
        try:
            os.kill(pid, with_signal)
        except ProcessLookupError:
            pass
        while is_alive(pid, self.process):
            if time.monotonic() - began > timeout:
                os.kill(pid, signal.SIGKILL)
                raise TimeoutError(f"{self.kind} (process {pid}) did not end in {timeout:.0f} s; killed")
            time.sleep(0.001)
        self._forget()
        return time.monotonic() - began

    def _forget(self):
        self.process = None
        try:
            os.remove(os.path.join(self.folder, "pid"))
        except FileNotFoundError:
            pass

    def remove(self):
        """Deletes the folder of a stopped broker."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def rss_kib(self):
        """Memory in RAM, KiB."""
        return status_kib(self.pid, "VmRSS")

    def rss_peak_kib(self):
        """The most memory in RAM that the process ever had, KiB."""
        return status_kib(self.pid, "VmHWM")

    def cpu_seconds(self):
        """User and system time that the process has used, seconds."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.pid is not None:
            self.stop()


def status_kib(pid, field):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    raise ValueError(f"no {field} in the status of process {pid}")


def is_alive(pid, process=None):
    if process is not None:
        return process.poll() is None
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def log_configuration(name):
    return os.path.join(places.COMPAT, "kafka", f"log4j2-{name}.properties")


def port_is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def answers_metadata(address):
    try:
        with wire.Connection(address, timeout=5.0) as connection:
            brokers, _ = wire.metadata(connection)
            return brokers >= 1
    except (OSError, ValueError, wire.Closed):
        return False


# Locks of the ports that this program has, whether its broker is up or not.
_ports = []


def free_port():
    """A port that no other run of these scripts has until this program ends, also while its broker is down. The next one is
    free too: the real Kafka's controller takes it."""
    for port in range(25092, 25992, 2):
        lock = open(os.path.join(tempfile.gettempdir(), f"ottla-compat-{port}.lock"), "a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        if not port_is_open(port) and not port_is_open(port + 1):
            _ports.append(lock)
            return port
        lock.close()
    raise StartFailed("no free port between 25092 and 25992")


def add_arguments(parser):
    """The options with which every script here names its broker."""
    parser.add_argument("--kind", choices=KINDS, default="ottla", help="which broker to start (default: ottla)")
    parser.add_argument("--broker", metavar="HOST:PORT", help="use this running broker instead of starting one")
    parser.add_argument("--port", type=int, help="port of the broker to start (default: the first free from 25092)")
    parser.add_argument("--keep", action="store_true", help="keep the broker's folder")


class Session:
    """The broker that a script's options name: a running one, or one started in a fresh folder and removed at the end."""

    def __init__(self, arguments, name, settings=None):
        self.keep, self.broker, self.folder = arguments.keep, None, None
        if arguments.broker:
            self.address = arguments.broker
            return
        self.folder = os.path.join(places.CACHE, "run", f"{name}-{arguments.kind}-{os.getpid()}")
        self.broker = Broker(arguments.kind, self.folder, arguments.port or free_port(), settings)
        self.address = self.broker.address

    def __enter__(self):
        if self.broker:
            self.broker.start()
        return self

    def __exit__(self, *_):
        if not self.broker:
            return
        if self.broker.pid is not None:
            try:
                self.broker.stop()
            except TimeoutError as late:
                print(late, file=sys.stderr)
        if self.keep:
            print(f"the broker's files are in {self.folder}")
        else:
            self.broker.remove()
