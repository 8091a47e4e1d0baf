"""Numbered records: a producer that never gives up writes them, and a reader knows whether one is missing or doubled.

Run as a program this is the producer: idempotent, acks=all, up to five requests in flight, straight on the wire. Its
producer id, sequences and unanswered batches outlive every death of the broker. Each acknowledgement is one line in a
file, written as soon as it is known: "partition base_offset first_number count".

  numbered.py HOST:PORT TOPIC PARTITION NAME ACK_FILE      ends on SIGTERM, when all that it sent is acknowledged
"""
import collections
import os
import random
import signal
import sys
import time

import wire

IN_FLIGHT_MAX = 5
RECORDS_MAX = 20
# Bursts of requests in flight, with pauses: the reader must keep up with the producers.
RECORDS_PER_SECOND = 2000
# Errors that pass when the broker has come up; anything else on the oldest batch is the end.
RETRIABLE = {3, 5, 6, 7, 14, 15, 19, 20, 56}
PATIENCE_SECONDS = 120.0


def value(name, number):
    return b"%s %d %s" % (name.encode(), number, b"x" * (number * 7919 % 200))


def parsed(data):
    """(name, number) of a record, which must be exactly what its producer wrote."""
    name, number, _ = data.split(b" ", 2)
    name, number = name.decode(), int(number)
    if data != value(name, number):
        raise ValueError(f"record {number} of {name} is not what was written")
    return name, number


class Producer:
    def __init__(self, address, topic, partition, name, acks):
        self.address, self.topic, self.partition, self.name, self.acks = address, topic, partition, name, acks
        self.connection, self.waiting, self.in_flight = None, collections.deque(), 0
        self.number = self.sequence = 0
        self.stopping, self.last_progress = False, time.monotonic()
        self.random = random.Random(name)

    def stop(self, *_):
        self.stopping = True

    def run(self):
        self.producer_id, self.epoch = self.until_done(self.new_producer_id)
        while not (self.stopping and not self.waiting):
            if time.monotonic() - self.last_progress > PATIENCE_SECONDS:
                sys.exit(f"{self.name}: nothing acknowledged for {PATIENCE_SECONDS:.0f} s")
            try:
                self.step()
            except (OSError, wire.Closed):
                self.connection, self.in_flight = None, 0
                time.sleep(0.003)

    def until_done(self, action):
        while True:
            try:
                self.connect()
                outcome = action()
                if outcome:
                    return outcome
            except (OSError, wire.Closed):
                self.connection = None
            if self.stopping:
                sys.exit(0)
            time.sleep(0.02)

    def new_producer_id(self):
        error, producer_id, epoch = wire.init_producer_id(self.connection)
        return None if error else (producer_id, epoch)

    def connect(self):
        if self.connection is None:
            self.connection = wire.Connection(self.address, timeout=5)

    def step(self):
        if self.connection is None:
            self.connect()
            self.send_again()
        while not self.stopping and len(self.waiting) < IN_FLIGHT_MAX:
            self.waiting.append(self.next_batch())
            self.send(self.waiting[-1])
        while self.in_flight:
            self.answer()
        time.sleep(IN_FLIGHT_MAX * RECORDS_MAX / 2 / RECORDS_PER_SECOND * self.random.uniform(0.5, 1.5))

    def next_batch(self):
        count = self.random.randint(1, RECORDS_MAX)
        data = wire.batch(
            [value(self.name, self.number + i) for i in range(count)],
            producer_id=self.producer_id, producer_epoch=self.epoch, base_sequence=self.sequence,
        )
        batch = (self.number, count, wire.produce_body(self.topic, self.partition, data, acks=-1))
        self.number += count
        self.sequence = (self.sequence + count) % (1 << 31)
        return batch

    def send(self, batch):
        self.connection.send(wire.request(wire.PRODUCE, 7, batch[2]))
        self.in_flight += 1

    def send_again(self):
        self.in_flight = 0
        for batch in self.waiting:
            self.send(batch)

    def read(self):
        reader = wire.Reader(self.connection.receive())
        reader.i32()
        self.in_flight -= 1
        return wire.read_produced(reader)

    def answer(self):
        error, base_offset = self.read()
        if error == wire.NONE:
            number, count, _ = self.waiting.popleft()
            os.write(self.acks, b"%d %d %d %d\n" % (self.partition, base_offset, number, count))
            self.last_progress = time.monotonic()
            return
        if error not in RETRIABLE:
            sys.exit(f"{self.name}: error {error} for records from {self.waiting[0][0]}")
        # What is in flight behind a failed batch fails with it; all go again, oldest first.
        while self.in_flight:
            self.read()
        time.sleep(0.01)
        self.send_again()


class Reader:
    """Reads partitions further and further, and checks everything that it can check."""

    def __init__(self, address, topic, partitions):
        self.address, self.topic = address, topic
        self.offsets = dict.fromkeys(range(partitions), 0)
        self.numbers = {}
        self.found = {partition: [] for partition in range(partitions)}
        self.problems = []

    def problem(self, text):
        self.problems.append(text)

    def read(self, partition, again=False):
        """Reads to where the high watermark is now. `again`: from offset 0, comparing with what was there before."""
        seen = self.found[partition]
        at = 0 if again else self.offsets[partition]
        end = None
        with wire.Connection(self.address, timeout=30) as connection:
            while True:
                error, high_watermark, data = wire.fetch(connection, self.topic, partition, at, 4 << 20, wait_ms=0)
                if error in RETRIABLE:
                    time.sleep(0.01)
                    continue
                if error != wire.NONE:
                    return self.problem(f"partition {partition}: error {error} at offset {at}")
                end = high_watermark if end is None else end
                if at >= end:
                    break
                before = at
                for header, records in wire.batches(data or b""):
                    at = self.batch(partition, header, records, at, seen, again)
                if at == before:
                    return self.problem(f"partition {partition}: nothing at offset {at} below {end}")
        if at < len(seen):
            self.problem(f"partition {partition}: the log ends at {at}, but {len(seen)} records were read before")
        self.offsets[partition] = max(at, self.offsets[partition])

    def batch(self, partition, header, records, at, seen, again):
        if not header["crc_ok"]:
            self.problem(f"partition {partition}: wrong CRC at offset {header['base_offset']}")
            return at
        for offset, _, data in wire.records(header, records):
            if offset < at:
                continue
            if offset != at:
                self.problem(f"partition {partition}: offset {offset} follows {at - 1}")
            at = offset + 1
            try:
                name, number = parsed(data)
            except ValueError as error:
                self.problem(f"partition {partition}, offset {offset}: {error}")
                name, number = "unreadable", offset
            if again and offset < len(seen):
                if seen[offset] != (name, number):
                    self.problem(f"partition {partition}: offset {offset} was {seen[offset]} and is {(name, number)}")
                continue
            due = self.numbers.get(name, 0)
            if number != due:
                self.problem(f"partition {partition}, offset {offset}: {name} {number} where {due} is due")
            self.numbers[name] = number + 1
            seen.append((name, number))
        return at

    def acknowledged(self, name, lines):
        """Checks that the acknowledged records stand where they were acknowledged; how many they are."""
        total = 0
        for line in lines:
            partition, base_offset, number, count = map(int, line.split())
            there = self.found[partition][base_offset : base_offset + count]
            if there != [(name, number + i) for i in range(count)]:
                self.problem(f"lost: {name} {number} to {number + count - 1}, acknowledged at {partition}:{base_offset}")
            total += count
        return total


def main():
    address, topic, partition, name, path = sys.argv[1:]
    acks = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    producer = Producer(address, topic, int(partition), name, acks)
    signal.signal(signal.SIGTERM, producer.stop)
    producer.run()


if __name__ == "__main__":
    main()
