"""Record batches that a broker must not append, and those that it must."""
import gzip
import struct
import time
import zlib

import wire
from probe import case, i32, worded

THREE = [b"one", b"two", b"three"]
HOUR_MS = 3_600_000


def refused(name, make, version=7, acks=-1, topic=None, **options):
    """A case that produces `make()` to a fresh topic."""
    case(f"produce: {name}", **options)(
        lambda t: t.produced(t.topic(**(topic or {})), make(), version=version, acks=acks)
    )


def now_ms():
    return int(time.time() * 1000)


def legacy(magic):
    """One message of the old formats 0 and 1, in a message set."""
    body = struct.pack(">bb", magic, 0) + (struct.pack(">q", now_ms()) if magic else b"") + i32(-1) + i32(3) + b"old"
    message = struct.pack(">I", zlib.crc32(body)) + body
    return struct.pack(">qi", 0, len(message)) + message


def with_magic(magic):
    data = bytearray(wire.batch(THREE))
    data[16] = magic & 0xFF
    return bytes(data)


def records_of(*parts):
    return wire.batch_of(b"".join(parts), len(parts))


def record_with(body):
    """A record with any body behind its own, right length."""
    return wire.varint(len(body)) + body


def start(index):
    return b"\0" + wire.varint(0) + wire.varint(index)


refused("a good batch", lambda: wire.batch(THREE))
for acks in (2, -2, 32767):
    refused(f"acks {acks}", lambda: wire.batch(THREE), acks=acks)
refused("nothing as records", lambda: b"")
# The real Kafka fails inside and never answers.
refused("null as records", lambda: None, also=("error 87, base offset -1, 0 appended", "closed, 0 appended"))
refused("60 bytes as records", lambda: wire.batch(THREE)[:60])
refused("junk as records", lambda: b"\xa5" * 200)
refused("zeros as records", lambda: bytes(200))
refused("wrong CRC", lambda: wire.batch(THREE, crc=0x12345678))
refused("CRC 0", lambda: wire.batch(THREE, crc=0))
for magic in (0, 1):
    refused(f"message set of magic {magic}", lambda m=magic: legacy(m))
for magic in (0, 1, 3, 7, -1):
    refused(f"batch with magic {magic}", lambda m=magic: with_magic(m))
refused("two batches", lambda: wire.batch(THREE) + wire.batch(THREE))
refused("a batch and junk behind it", lambda: wire.batch(THREE) + b"junk" * 5)
refused("base offset 5", lambda: wire.batch(THREE, base_offset=5))
refused("base offset -1", lambda: wire.batch(THREE, base_offset=-1))
for codec in (5, 6, 7):
    refused(f"codec {codec}", lambda c=codec: wire.batch(THREE, attributes=c))
refused("control batch", lambda: wire.batch_of(wire.record(0, bytes(6), key=bytes(4)), 1, attributes=0x20))
refused("transactional batch without a transactional id", lambda: wire.batch(THREE, attributes=0x10))
refused("transactional control batch", lambda: wire.batch(THREE, attributes=0x30, producer_id=1, producer_epoch=0, base_sequence=0))
refused("unused attribute bits", lambda: wire.batch(THREE, attributes=0x7F80))
for delta in (-40, -1, 1, 40):
    def wrong_length(delta=delta):
        return wire.batch(THREE, length=len(wire.batch(THREE)) - 12 + delta)
    refused(f"batch length {delta:+} bytes", wrong_length)
for length in (-1, 0, 48, 2**31 - 1):
    refused(f"batch length {length}", lambda n=length: wire.batch(THREE, length=n))
refused("fewer records than the count says", lambda: wire.batch_of(wire.record(0, b"a") + wire.record(1, b"b"), 5))
refused("more records than the count says", lambda: wire.batch_of(b"".join(wire.record(i, b"a") for i in range(5)), 2))
for count in (0, -1, 2**31 - 1):
    refused(f"count {count}", lambda n=count: wire.batch_of(wire.record(0, b"a"), n, last_offset_delta=max(n - 1, 0)))
for delta in (-1, 0, 1, 5, 2**31 - 1):
    refused(f"last offset delta {delta} of three records", lambda d=delta: wire.batch(THREE, last_offset_delta=d))
refused("offset deltas 0 0 0", lambda: records_of(*(wire.record(0, b"a") for _ in range(3))))
refused("offset deltas 2 1 0", lambda: records_of(*(wire.record(2 - i, b"a") for i in range(3))))
refused("offset deltas 0 5 9", lambda: records_of(wire.record(0, b"a"), wire.record(5, b"a"), wire.record(9, b"a")))

refused("timestamp -1", lambda: wire.batch(THREE, timestamp=-1))
refused("timestamp -2", lambda: wire.batch(THREE, timestamp=-2))
refused("timestamp 0", lambda: wire.batch(THREE, timestamp=0))
refused("timestamp 9223372036854775807", lambda: wire.batch(THREE, timestamp=2**63 - 1))
refused("timestamp two hours ahead", lambda: wire.batch(THREE, timestamp=now_ms() + 2 * HOUR_MS))
refused("timestamp half an hour ahead", lambda: wire.batch(THREE, timestamp=now_ms() + HOUR_MS // 2))
refused("timestamp too old for the topic", lambda: wire.batch(THREE, timestamp=now_ms() - 100_000), topic={"message_timestamp_before_max_ms": "50000"})
refused("timestamp ahead on a LogAppendTime topic", lambda: wire.batch(THREE, timestamp=now_ms() + 9 * HOUR_MS), topic={"message_timestamp_type": "LogAppendTime"})
refused("max timestamp below the records'", lambda: wire.batch(THREE, max_timestamp=5))
refused("max timestamp above the records'", lambda: wire.batch(THREE, max_timestamp=2**62))
refused("LogAppendTime bit on a CreateTime topic", lambda: wire.batch(THREE, attributes=8))
refused("LogAppendTime bit and timestamp -1 on a CreateTime topic", lambda: wire.batch(THREE, attributes=8, timestamp=-1))
refused("LogAppendTime bit on a LogAppendTime topic", lambda: wire.batch(THREE, attributes=8), topic={"message_timestamp_type": "LogAppendTime"})

refused("null key on a compacted topic", lambda: wire.batch(THREE), topic={"cleanup_policy": "compact"})
refused("null value with a key on a compacted topic", lambda: wire.batch_of(wire.record(0, None, key=b"k"), 1), topic={"cleanup_policy": "compact"})
refused("record shorter than its length says", lambda: wire.batch_of(wire.varint(200) + start(0) + wire.varint(-1) + wire.varint(1) + b"a" + wire.varint(0), 1))
refused("record longer than its length says", lambda: wire.batch_of(wire.varint(3) + start(0) + wire.varint(-1) + wire.varint(1) + b"a" + wire.varint(0), 1))
refused("record of negative length", lambda: wire.batch_of(wire.varint(-5) + start(0), 1))
refused("value longer than the record", lambda: wire.batch_of(record_with(start(0) + wire.varint(-1) + wire.varint(1 << 30) + b"a" + wire.varint(0)), 1))
refused("key of length -7", lambda: wire.batch_of(record_with(start(0) + wire.varint(-7) + wire.varint(1) + b"a" + wire.varint(0)), 1))
refused("value of length -7", lambda: wire.batch_of(record_with(start(0) + wire.varint(-1) + wire.varint(-7) + wire.varint(0)), 1))
refused("2147483647 headers", lambda: wire.batch_of(record_with(start(0) + wire.varint(-1) + wire.varint(-1) + wire.varint(2**31 - 1)), 1))
refused("header count -1", lambda: wire.batch_of(record_with(start(0) + wire.varint(-1) + wire.varint(-1) + wire.varint(-1)), 1))
refused("header with a null key", lambda: wire.batch_of(record_with(start(0) + wire.varint(-1) + wire.varint(-1) + wire.varint(1) + wire.varint(-1) + wire.varint(-1)), 1))
refused("header longer than the record", lambda: wire.batch_of(record_with(start(0) + wire.varint(-1) + wire.varint(-1) + wire.varint(1) + wire.varint(999999) + b"h"), 1))
refused("varint of eleven bytes", lambda: wire.batch_of(b"\xff" * 10 + b"\x01" + bytes(20), 1))
refused("bytes between the records' ends and the batch's", lambda: wire.batch_of(wire.record(0, b"a") + b"left over", 1))
refused("record attributes set", lambda: wire.batch_of(wire.record(0, b"a", attributes=0x55), 1))
refused("a record with 1000 headers", lambda: wire.batch_of(wire.record(0, b"a", headers=[(b"h%d" % i, b"v") for i in range(1000)]), 1))
refused("an empty value and an empty key", lambda: wire.batch_of(wire.record(0, b"", key=b""), 1))

refused("batch over the topic's max.message.bytes", lambda: wire.batch([b"x" * 2000]), topic={"max_message_bytes": "1000"})
refused("batch of just max.message.bytes", lambda: wire.batch([b"x" * (1000 - 61 - 8)])[:1000], topic={"max_message_bytes": "1000"})
refused("batch over the broker's max.message.bytes", lambda: wire.batch([b"x" * 1_048_600]))
refused("batch over segment.bytes", lambda: wire.batch([b"x" * 1_100_000]), topic={"max_message_bytes": "2000000", "segment_bytes": "1048576"})

refused("producer id without a sequence", lambda: wire.batch(THREE, producer_id=4000, producer_epoch=0))
refused("producer id with sequence -2", lambda: wire.batch(THREE, producer_id=4000, producer_epoch=0, base_sequence=-2))
refused("producer id with epoch -1", lambda: wire.batch(THREE, producer_id=4000, producer_epoch=-1, base_sequence=0))
refused("sequence without a producer id", lambda: wire.batch(THREE, base_sequence=7))
refused("zstd in version 6", lambda: wire.batch(THREE, attributes=4), version=6)
refused("gzip bit on plain records", lambda: wire.batch(THREE, attributes=1))
for codec, name in ((1, "gzip"), (2, "snappy"), (3, "lz4"), (4, "zstd")):
    refused(f"junk as {name}", lambda c=codec: wire.batch_of(b"\xa5" * 100, 3, attributes=c))
    refused(f"nothing as {name}", lambda c=codec: wire.batch_of(b"", 3, attributes=c))
plain = b"".join(wire.record(i, v) for i, v in enumerate(THREE))
refused("gzip cut short", lambda: wire.batch_of(gzip.compress(plain)[:-9], 3, attributes=1))
refused("gzip with a wrong checksum", lambda: wire.batch_of(gzip.compress(plain)[:-8] + bytes(8), 3, attributes=1))
refused("gzip with junk behind it", lambda: wire.batch_of(gzip.compress(plain) + b"junk", 3, attributes=1))
refused("gzip in two members", lambda: wire.batch_of(gzip.compress(plain[:9]) + gzip.compress(plain[9:]), 3, attributes=1))
refused("gzip with fewer records than the count says", lambda: wire.batch_of(gzip.compress(plain), 9, attributes=1))
refused("gzip with more records than the count says", lambda: wire.batch_of(gzip.compress(plain), 2, attributes=1))
refused("gzip with offset deltas 0 0 0", lambda: wire.batch_of(gzip.compress(b"".join(wire.record(0, v) for v in THREE)), 3, attributes=1))


@case("produce: acks 0 and a wrong CRC")
def _(t):
    topic = t.topic()
    answer = t.exchange(wire.request(0, 7, wire.produce_body(topic, 0, wire.batch(THREE, crc=1), acks=0)))
    return f"{worded(answer, lambda _: 'an answer')}, {t.end_offset(topic)} appended"


@case("produce: acks 0 and a good batch")
def _(t):
    topic = t.topic()
    answer = t.exchange(wire.request(0, 7, wire.produce_body(topic, 0, wire.batch(THREE), acks=0)), 1.0)
    return f"{worded(answer, lambda _: 'an answer')}, {t.end_offset(topic)} appended"


def error_of(t, topic, partition):
    answer = t.ask(wire.PRODUCE, 7, wire.produce_body(topic, partition, wire.batch(THREE)))
    return worded(answer, lambda r: "error %d, base offset %d" % wire.read_produced(r))


case("produce: unknown topic")(lambda t: error_of(t, f"{t.prefix}-unknown", 0))
case("produce: partition 99")(lambda t: error_of(t, t.topic(), 99))
case("produce: partition -1")(lambda t: error_of(t, t.topic(), -1))
case("produce: topic ../x")(lambda t: error_of(t, "../x", 0))
case("produce: topic with an empty name")(lambda t: error_of(t, "", 0))


@case("produce: no topic at all")
def _(t):
    answer = t.ask(0, 7, wire.string(None) + struct.pack(">hi", -1, 1000) + i32(0))
    return worded(answer, lambda r: f"{r.i32()} topics")


@case("produce: the same partition twice in a request")
def _(t):
    topic = t.topic()
    part = i32(0) + i32(len(wire.batch(THREE))) + wire.batch(THREE)
    body = wire.string(None) + struct.pack(">hi", -1, 1000) + wire.array([wire.string(topic) + wire.array([part, part])])
    answer = t.ask(0, 7, body)

    def words(reader):
        reader.i32(), reader.string()
        parts = reader.array(lambda r: (r.i32(), r.i16(), r.i64(), r.i64(), r.i64()))
        return f"{len(parts)} answers, errors {[p[1] for p in parts]}"

    return f"{worded(answer, words)}, {t.end_offset(topic)} appended"


@case("produce: records longer than the request")
def _(t):
    topic = t.topic()
    body = wire.string(None) + struct.pack(">hi", -1, 1000) + i32(1) + wire.string(topic) + i32(1) + i32(0) + i32(1 << 30) + b"x"
    return f"{worded(t.ask(0, 7, body), lambda _: 'an answer')}, {t.end_offset(topic)} appended"


@case("produce: v8 says which record is wrong")
def _(t):
    topic = t.topic(cleanup_policy="compact")
    data = wire.batch_of(wire.record(0, b"v", key=b"k") + wire.record(1, b"v") + wire.record(2, b"v"), 3)
    answer = t.ask(0, 8, wire.produce_body(topic, 0, data))

    def words(reader):
        reader.i32(), reader.string(), reader.i32(), reader.i32()
        error = reader.i16()
        reader.i64(), reader.i64(), reader.i64()
        wrong = reader.array(lambda r: (r.i32(), r.string()))
        return t.masked(f"error {error}, records {wrong}, message {reader.string()!r}")

    return worded(answer, words)


@case("idempotence: repeated, skipped, old and new")
def _(t):
    topic, seen = t.topic(), []
    with t.connect(10) as connection:
        for _ in range(100):
            error, producer, epoch = wire.init_producer_id(connection)
            if error == 0:
                break
            time.sleep(0.1)

        def send(sequence, epoch=epoch, values=THREE):
            data = wire.batch(values, producer_id=producer, producer_epoch=epoch, base_sequence=sequence)
            seen.append(wire.produce(connection, topic, 0, data))

        for sequence in (0, 3, 6, 9, 12, 15):
            send(sequence)
        send(15), send(3)          # among the last five batches: the old offset again
        send(0)                    # older than that
        send(19)                   # one record is missing
        send(17)                   # overlaps
        send(18, epoch=epoch - 1)  # an older epoch
        send(5, epoch=epoch + 1)   # a new epoch starts at 0
        send(0, epoch=epoch + 1)
        send(18)                   # the epoch before
    return f"{seen}, {t.end_offset(topic)} appended"


@case("idempotence: the sequence wraps around")
def _(t):
    topic, seen = t.topic(), []
    with t.connect(10) as connection:
        for sequence in (2**31 - 2, 1, 4):
            data = wire.batch(THREE, producer_id=770077, producer_epoch=0, base_sequence=sequence)
            seen.append(wire.produce(connection, topic, 0, data))
    return f"{seen}"


@case("idempotence: an unknown producer starts in the middle")
def _(t):
    with t.connect(10) as connection:
        data = wire.batch(THREE, producer_id=880088, producer_epoch=3, base_sequence=500)
        return f"{wire.produce(connection, t.topic(), 0, data)}"


@case("write to __consumer_offsets")
def _(t):
    with t.connect(10) as connection:
        for _ in range(50):
            # Asking for a coordinator creates the topic.
            connection.call(10, 0, wire.string("group"))
            if wire.metadata(connection, ["__consumer_offsets"])[1]["__consumer_offsets"][0] == 0:
                break
            time.sleep(0.1)
    return error_of(t, "__consumer_offsets", 0)


