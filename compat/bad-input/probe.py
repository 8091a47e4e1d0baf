"""What a case can do to a broker, and how the outcome is put into words that are the same on every run."""
import os
import re
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire

# An answer later than this counts as none. Long enough for a busy machine.
SILENCE_SECONDS = 3.0

CASES = []


class Case:
    def __init__(self, name, run, also, rule, memory_mib, heavy):
        self.name, self.run, self.also, self.rule = name, run, also, rule
        self.memory_mib, self.heavy = memory_mib, heavy


def case(name, also=(), rule=None, memory_mib=16, heavy=False):
    """Adds a case: a function of `Target` that gives the outcome as text.

    `also`: outcomes that are as good as the real Kafka's. `rule`: the outcomes that are right where the real Kafka is no
    judge (it is harmed by the input); the case is then never sent to it. `memory_mib`: how much the broker may grow while
    the case runs. `heavy`: left out of quick runs.
    """

    def add(run):
        CASES.append(Case(name, run, tuple(also), rule, memory_mib, heavy))
        return run

    return add


class Target:
    def __init__(self, address):
        self.address, self.topics = address, 0
        self.prefix = f"bad-{os.getpid()}-{int(time.time())}"

    def connect(self, timeout=SILENCE_SECONDS):
        return wire.Connection(self.address, timeout)

    def exchange(self, data, wait=SILENCE_SECONDS):
        """Sends bytes on a new connection: the answer's bytes, or "closed", or "no answer"."""
        with self.connect(wait) as connection:
            return received(connection, lambda: connection.send(data))

    def ask(self, key, version, body, flexible=False, wait=SILENCE_SECONDS):
        """Sends a request on a new connection: a `Reader` after the header of the answer, or "closed", or "no answer"."""
        answer = self.exchange(wire.request(key, version, body, 7, flexible=flexible), wait)
        if isinstance(answer, str):
            return answer
        reader = wire.Reader(answer)
        if reader.i32() != 7:
            return "an answer with another correlation id"
        if flexible and key != wire.API_VERSIONS:
            reader.uvarint()
        return reader

    def topic(self, partitions=1, **configs):
        """A new topic with a leader everywhere."""
        self.topics += 1
        name = f"{self.prefix}-{self.topics}"
        configs = {key.replace("_", "."): value for key, value in configs.items()}
        with self.connect(30) as connection:
            error, message = wire.create_topic(connection, name, partitions, configs)
        if error:
            raise RuntimeError(f"{name} was not created: error {error} {message}")
        self.wait_for_logs(name, partitions)
        return name

    def wait_for_logs(self, topic, partitions=1):
        """Waits until the broker serves every partition: it is in the metadata a little before it is there."""
        deadline = time.monotonic() + 30
        with self.connect() as connection:
            for partition in range(partitions):
                while wire.list_offset(connection, topic, partition, wire.LATEST)[0] != wire.NONE:
                    if time.monotonic() > deadline:
                        raise TimeoutError(f"{topic}-{partition} is not served after 30 s")
                    time.sleep(0.01)

    def end_offset(self, topic, partition=0):
        with self.connect() as connection:
            return wire.list_offset(connection, topic, partition, wire.LATEST)[1]

    def produced(self, topic, data, version=7, acks=-1, wait=20.0):
        """The outcome of one Produce, and what it did to the log."""
        before = self.end_offset(topic)
        body = wire.produce_body(topic, 0, data, acks)
        outcome = self.ask(wire.PRODUCE, version, body, wait=wait)
        if not isinstance(outcome, str):
            error, offset = wire.read_produced(outcome, version)
            outcome = f"error {error}, base offset {offset}"
        return f"{outcome}, {self.end_offset(topic) - before} appended"

    def masked(self, text):
        """The text without the names that differ from run to run."""
        return re.sub(re.escape(self.prefix) + r"(-\d+)*", "<topic>", text)

    def serves(self):
        """Whether a new client is served at once."""
        with self.connect(10) as connection:
            return wire.metadata(connection)[0] >= 1


def received(connection, send):
    try:
        send()
        return connection.receive()
    except wire.Closed:
        return "closed"
    except (TimeoutError, socket.timeout):
        return "no answer"


def worded(answer, words):
    """`words(reader)` for an answer; what happened instead as it is."""
    return answer if isinstance(answer, str) else words(answer)


def i16(value):
    return struct.pack(">h", value)


def i32(value):
    return struct.pack(">i", value)


def i64(value):
    return struct.pack(">q", value)
