"""Frames, headers, unknown APIs and versions, forged counts: what anybody can send before logging in."""
import struct
import time

import wire
from probe import case, i16, i32, received, worded

COUNT_MAX = 2**31 - 1


def header(key, version, client=b"\0\x06compat", correlation=7):
    return struct.pack(">hhi", key, version, correlation) + client


def raw(name, data, **options):
    case(name, **options)(lambda t: outcome(t.exchange(data)))


def outcome(answer):
    return answer if isinstance(answer, str) else "an answer"


for length in (-1, -(2**31), COUNT_MAX, 104857601):
    raw(f"frame length {length}", i32(length) + b"x" * 64)
for size in range(0, 10):
    raw(f"frame of {size} bytes", wire.framed(header(18, 0)[:size]))
raw("a web request", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
raw("a TLS greeting", bytes.fromhex("16030100c8010000c40303") + bytes(200))
raw("half a length, then silence", b"\0\0")
raw("half a request, then silence", wire.request(3, 1, i32(0))[:12])
raw("client id longer than the frame", wire.framed(header(3, 1, client=i16(30000) + b"abc")))
# The real Kafka takes any negative length or count for null here, and replaces broken UTF-8.
raw("client id of length -2", wire.framed(header(3, 1, client=i16(-2)) + i32(0)), also=("closed",))
raw("client id of broken UTF-8", wire.framed(header(3, 1, client=i16(3) + b"\xff\xfe\xff") + i32(0)), also=("closed",))

for key, version in [(-1, 0), (93, 0), (1000, 0), (32767, 0)]:
    raw(f"unknown API {key} v{version}", wire.request(key, version, i32(0)))
for key in (4, 5, 6, 7):
    raw(f"removed API {key} v0", wire.request(key, 0, i32(0)))
for key in (52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 73, 82):
    raw(f"controller's API {key} v0 on a broker's port", wire.request(key, 0, bytes(40), flexible=True))
for key, version in [(3, 14), (3, 99), (3, -1), (0, 0), (0, 2), (0, 14), (1, 3), (1, 19), (2, 0), (8, 1), (19, 1), (23, 1), (32, 0)]:
    raw(f"API {key} in version {version}", wire.request(key, version, bytes(32)))


def api_versions(answer):
    """An ApiVersions answer of version 0: error and keys."""
    reader = wire.Reader(answer)
    reader.i32()
    error = reader.i16()
    keys = reader.array(lambda r: (r.i16(), r.i16(), r.i16()))
    rest = len(reader.data) - reader.at
    shown = keys if len(keys) < 4 else "many keys"
    return f"error {error}, {shown}, {rest} bytes more"


# Kafka 4.4 serves version 5 of ApiVersions too.
NEWER = ("error 35, [(18, 0, 5)], 0 bytes more",)
for version in (6, 9999, 32767, -1):
    case(f"ApiVersions v{version}", also=NEWER)(
        lambda t, v=version: worded(t.exchange(wire.request(18, v, b"\x07compat\x021\0", flexible=True)), api_versions)
    )


@case("ApiVersions v9999, then v3 on the same connection", also=(NEWER[0] + "; then error 0",))
def _(t):
    with t.connect() as connection:
        first = received(connection, lambda: connection.send(wire.request(18, 9999, b"", flexible=True)))
        second = received(connection, lambda: connection.send(wire.request(18, 3, b"\x07compat\x021\0", flexible=True)))
    return f"{worded(first, api_versions)}; then {worded(second, lambda a: f'error {wire.Reader(a[4:]).i16()}')}"


for what, body in [
    ("a bad software name", b"\x05a b!\x021\0"),
    ("an empty software name", b"\x01\x021\0"),
    ("a null software name", b"\0\x021\0"),
    ("a software name longer than the frame", b"\xff\xff\x03abc"),
]:
    case(f"ApiVersions v3 with {what}")(
        lambda t, b=body: worded(t.exchange(wire.request(18, 3, b, flexible=True)), lambda a: f"error {wire.Reader(a[4:]).i16()}")
    )
case("ApiVersions v0 with bytes behind its end")(
    lambda t: worded(t.exchange(wire.request(18, 0, b"x" * 1000)), lambda a: f"error {wire.Reader(a[4:]).i16()}")
)


def tags(count, content=b""):
    return wire.uvarint(count) + content


def tagged_header(content):
    return wire.framed(header(18, 3) + content)


raw("header with 2147483647 tagged fields, none there", tagged_header(tags(COUNT_MAX)))
raw("header with a tagged field count that does not end", tagged_header(b"\xff" * 64))
raw("header with a tagged field of 2147483647 bytes", tagged_header(tags(1, wire.uvarint(0) + wire.uvarint(COUNT_MAX))))
raw("body with 2147483647 tagged fields, none there", tagged_header(b"\0\x07compat\x021" + tags(COUNT_MAX)))
# Twenty million objects for 40 MB received: the real 4.3.1 runs out of memory here, so it is no judge.
case(
    "header with 20000000 empty tagged fields",
    rule=("closed", "an answer"),
    memory_mib=40 * 2 + 16,
    heavy=True,
)(lambda t: outcome(t.exchange(tagged_header(tags(20_000_000, b"\x7f\0" * 20_000_000) + b"\x07compat\x021\0"), 30)))

for count in (COUNT_MAX, -2, -(2**31)):
    raw(f"Metadata of {count} topics", wire.request(3, 1, i32(count)), also=("closed",))
    raw(f"Produce of {count} topics", wire.request(0, 7, wire.string(None) + struct.pack(">hi", 1, 1000) + i32(count)))
    raw(f"Fetch of {count} topics", wire.request(1, 4, struct.pack(">iiiib", -1, 0, 0, 1000, 0) + i32(count)))
    raw(f"CreateTopics of {count} topics", wire.request(19, 2, i32(count)))
    raw(f"ListOffsets of {count} topics", wire.request(2, 1, i32(-1) + i32(count)))
    raw(f"DescribeConfigs of {count} resources", wire.request(32, 1, i32(count)))
raw("Metadata v9 of 4294967294 topics", wire.request(3, 9, b"\xff\xff\xff\xff\x0f" + bytes(8), flexible=True), also=("closed",))
raw("Metadata v9 with a count that does not end", wire.request(3, 9, b"\x80" * 5000, flexible=True))
raw("Metadata v9 with a count of 70 bits", wire.request(3, 9, b"\xff" * 9 + b"\x7f" + bytes(8), flexible=True))
raw("Metadata v1 with a topic name longer than the frame", wire.request(3, 1, i32(1) + i16(32000) + b"abc"))
raw("Metadata v1 with a topic name of length -2", wire.request(3, 1, i32(1) + i16(-2)))
raw("Metadata v1 with a null topic name", wire.request(3, 1, i32(1) + i16(-1)))


@case("Metadata v1 with 100000 empty topic names", also=("closed",), memory_mib=64)
def _(t):
    return outcome(t.exchange(wire.request(3, 1, i32(100_000) + i16(0) * 100_000), 20))


def same_topic_often(t, count, wait):
    topics = (wire.string("a") + i32(0)) * count
    body = wire.string(None) + struct.pack(">hi", 1, 1000) + i32(count) + topics
    return outcome(t.exchange(wire.request(0, 7, body), wait))


case("Produce with a topic 500 times, no partitions")(lambda t: same_topic_often(t, 500, 10))
# The real Kafka spends time with the square of the count here, and blocks all else: it is no judge.
case("Produce with a topic 100000 times, no partitions", rule=("an answer", "closed"), memory_mib=64)(
    lambda t: same_topic_often(t, 100_000, 5)
)


@case("a request one byte at a time")
def _(t):
    with t.connect() as connection:
        for byte in wire.request(18, 0, b""):
            connection.send(bytes([byte]))
            time.sleep(0.02)
        return worded(received(connection, lambda: None), api_versions)


@case("a second client while 20 send one byte each 50 ms")
def _(t):
    slow = [t.connect() for _ in range(20)]
    request, worst = wire.request(18, 0, b""), 0.0
    for at in range(10):
        for connection in slow:
            connection.send(request[at : at + 1])
        began = time.monotonic()
        if not t.serves():
            return "not served"
        worst = max(worst, time.monotonic() - began)
        time.sleep(0.05)
    for connection in slow:
        connection.close()
    return "served" if worst < 1 else f"served after {worst:.1f} s"


def idle_connections(t, count):
    idle = [t.connect(10) for _ in range(count)]
    began = time.monotonic()
    served = t.serves()
    seconds = time.monotonic() - began
    for connection in idle:
        connection.close()
    return "served" if served and seconds < 1 else f"served: {served}, after {seconds:.1f} s"


case("a client beside 500 idle connections", memory_mib=64)(lambda t: idle_connections(t, 500))
case("a client beside 10000 idle connections", memory_mib=512, heavy=True)(lambda t: idle_connections(t, 10_000))


@case("1000 requests sent before any answer is read", memory_mib=64)
def _(t):
    with t.connect(20) as connection:
        connection.send(b"".join(wire.request(18, 0, b"", correlation) for correlation in range(1000)))
        answers = [struct.unpack(">i", connection.receive()[:4])[0] for _ in range(1000)]
    return "1000 answers in order" if answers == list(range(1000)) else "answers missing or out of order"


@case("20000 requests and no answer read, then the connection is dropped", memory_mib=96)
def _(t):
    with t.connect(1) as connection:
        request = wire.request(3, 1, i32(-1)) * 100
        try:
            for _ in range(200):
                connection.send(request)
        except TimeoutError:
            pass
    return "served" if t.serves() else "not served"


@case("the connection is dropped in the middle of a request, 200 times")
def _(t):
    for cut in range(200):
        with t.connect() as connection:
            connection.send(wire.request(3, 1, i32(1) + wire.string("x" * 200))[: 1 + cut])
    return "served" if t.serves() else "not served"


@case("SaslHandshake without SASL")
def _(t):
    return worded(t.ask(17, 1, wire.string("PLAIN")), lambda r: f"error {r.i16()}")


@case("SaslAuthenticate without SASL")
def _(t):
    return worded(t.ask(36, 0, i32(4) + b"\0a\0b"), lambda r: f"error {r.i16()}")


