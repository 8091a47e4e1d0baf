"""Topic names, partitions and configs that a broker must refuse; fetches and lookups out of range."""
import struct
import time

import wire
from probe import case, i16, i32, i64, worded


def first_error(reader):
    """The error of the only topic or resource of an answer that starts with throttle time and one name."""
    reader.i32(), reader.i32(), reader.string()
    return f"error {reader.i16()}"


def created(t, name, partitions=1, replication=1, configs=(), assignment=(), validate_only=0, twice=False):
    settings = wire.array([wire.string(key) + wire.string(value) for key, value in configs])
    replicas = wire.array([i32(index) + wire.array([i32(id) for id in ids]) for index, ids in assignment])
    topic = wire.string(name) + i32(partitions) + i16(replication) + replicas + settings
    body = wire.array([topic] * (2 if twice else 1)) + i32(30000) + bytes([validate_only])
    return worded(t.ask(19, 2, body, wait=30), first_error)


for shown, name in {
    "empty": "", "a dot": ".", "two dots": "..", "../x": "../x", "a/b": "a/b", "a space": "a b", "umlaut": "ü",
    "250 letters": "x" * 250, "a null byte": "a\0b", "a colon": "a:b", "a newline": "a\nb", "32000 letters": "x" * 32000,
}.items():
    case(f"create topic: {shown}")(lambda t, name=name: created(t, name))
case("create topic: null name")(lambda t: created(t, None))
case("create topic: 249 letters")(lambda t: created(t, (t.prefix + "x" * 249)[:249]))
case("create topic: a name of broken UTF-8", also=("closed",))(lambda t: created(t, b"\xff\xfe"))


@case("create topic: a.b beside a_b")
def _(t):
    return f"{created(t, t.prefix + '-c.c')}, {created(t, t.prefix + '-c_c')}"


@case("create topic: one that exists")
def _(t):
    return created(t, t.topic())


case("create topic: twice in a request")(lambda t: created(t, t.prefix + "-twice", twice=True))
for partitions in (0, -2, -(2**31), 2_000_000, 2**31 - 1):
    case(f"create topic: {partitions} partitions", memory_mib=64)(lambda t, n=partitions: created(t, f"{t.prefix}-p{n}", partitions=n))
for replication in (0, -2, 2, 32767):
    case(f"create topic: replication factor {replication}")(lambda t, n=replication: created(t, f"{t.prefix}-r{n}", replication=n))
for shown, assignment in {
    "to an unknown broker": [(0, [77])], "with a gap": [(0, [1]), (2, [1])], "without brokers": [(0, [])],
    "to a broker twice": [(0, [1, 1])], "of a partition twice": [(0, [1]), (0, [1])], "of partition -1": [(-1, [1])],
    "to broker -1": [(0, [-1])],
}.items():
    case(f"create topic: assigned {shown}")(
        lambda t, a=assignment: created(t, f"{t.prefix}-a{len(a)}{a[0][0]}", partitions=-1, replication=-1, assignment=a)
    )
case("create topic: assigned and counted")(lambda t: created(t, t.prefix + "-both", partitions=1, assignment=[(0, [1])]))

BAD_CONFIGS = [
    ("no.such.config", "1"), ("", "1"), ("retention.ms", "abc"), ("retention.ms", "-2"), ("retention.ms", ""),
    ("retention.ms", None), ("retention.ms", "99999999999999999999"), ("cleanup.policy", "shred"), ("cleanup.policy", ""),
    ("cleanup.policy", "delete,shred"), ("cleanup.policy", "delete,delete"), ("segment.bytes", "1"), ("segment.bytes", "-1"),
    ("compression.type", "bzip2"), ("compression.type", ""), ("min.insync.replicas", "0"), ("min.insync.replicas", "x"),
    ("message.timestamp.type", "Never"), ("max.message.bytes", "-1"), ("max.message.bytes", "2147483648"),
    ("min.cleanable.dirty.ratio", "1.5"), ("min.cleanable.dirty.ratio", "NaN"), ("preallocate", "maybe"),
    ("unclean.leader.election.enable", "yes"), ("message.format.version", "2.0"), ("index.interval.bytes", "-1"),
    ("segment.ms", "0"), ("retention.bytes", "x" * 32767), ("leader.replication.throttled.replicas", "nonsense"),
    ("local.retention.ms", "-3"), ("remote.storage.enable", "true"), ("delete.retention.ms", "1e3"), ("flush.messages", "0"),
    ("compression.gzip.level", "77"), ("compression.zstd.level", "-999999"), ("file.delete.delay.ms", " 60000 "),
]
for index, (key, value) in enumerate(BAD_CONFIGS):
    shown = f"{value[:20]}…" if value and len(value) > 30 else repr(value)
    case(f"create topic: {key!r}={shown}")(
        lambda t, i=index, k=key, v=value: created(t, f"{t.prefix}-config{i}", configs=[(k, v)])
    )
case("create topic: a config twice")(
    lambda t: created(t, t.prefix + "-dup", configs=[("retention.ms", "1000"), ("retention.ms", "2000")])
)
case("create topic: a bad config, only validated")(
    lambda t: created(t, t.prefix + "-val", configs=[("retention.ms", "abc")], validate_only=1)
)


@case("create topic: only validated, then not there")
def _(t):
    outcome = created(t, t.prefix + "-validated", validate_only=1)
    answer = t.ask(3, 4, wire.array([wire.string(t.prefix + "-validated")]) + b"\0")

    def words(reader):
        reader.i32(), reader.array(lambda r: (r.i32(), r.string(), r.i32(), r.string())), reader.string(), reader.i32()
        reader.i32()
        return f"error {reader.i16()}"

    return f"{outcome}, then {worded(answer, words)}"


@case("create topic: no topics")
def _(t):
    return worded(t.ask(19, 2, i32(0) + i32(1000) + b"\0"), lambda r: (r.i32(), f"{r.i32()} topics")[1])


def altered(t, operation, key, value, kind=2, name=None, times=1):
    """IncrementalAlterConfigs, version 0."""
    name = t.topic() if name is None else name
    entry = wire.string(key) + bytes([operation & 0xFF]) + wire.string(value)
    body = wire.array([bytes([kind]) + wire.string(name) + wire.array([entry] * times)]) + b"\0"

    def words(reader):
        reader.i32(), reader.i32()
        return f"error {reader.i16()}"

    return worded(t.ask(44, 0, body, wait=20), words)


for shown, operation, key, value in [
    ("a good value", 0, "retention.ms", "1000"), ("a bad value", 0, "retention.ms", "abc"), ("a null value", 0, "retention.ms", None),
    ("an unknown config", 0, "no.such.config", "1"), ("an unknown operation", 9, "retention.ms", "1"),
    ("a negative operation", -1, "retention.ms", "1"), ("append to no list", 2, "retention.ms", "1"),
    ("append to a list", 2, "cleanup.policy", "compact"), ("append a bad item", 2, "cleanup.policy", "shred"),
    ("subtract from no list", 3, "retention.ms", "1"), ("delete an unset config", 1, "retention.ms", None),
    ("delete an unknown config", 1, "no.such.config", None), ("a value of 32767 digits", 0, "retention.ms", "1" * 32767),
]:
    case(f"alter topic config: {shown}")(lambda t, o=operation, k=key, v=value: altered(t, o, k, v))
case("alter topic config: a config twice")(lambda t: altered(t, 0, "retention.ms", "1", times=2))
case("alter topic config: unknown topic")(lambda t: altered(t, 0, "retention.ms", "1", name=t.prefix + "-none"))
case("alter topic config: topic ../x")(lambda t: altered(t, 0, "retention.ms", "1", name="../x"))
case("alter topic config: empty topic")(lambda t: altered(t, 0, "retention.ms", "1", name=""))
case("alter broker config: a read-only one")(lambda t: altered(t, 0, "log.dirs", "/x", kind=4, name="1"))
case("alter broker config: a bad value")(lambda t: altered(t, 0, "log.retention.ms", "abc", kind=4, name="1"))
case("alter broker config: no number as a name")(lambda t: altered(t, 0, "log.retention.ms", "1000", kind=4, name="abc"))
case("alter broker config: another broker")(lambda t: altered(t, 0, "log.retention.ms", "1000", kind=4, name="77"))
for kind in (0, 1, 99, -1):
    case(f"alter config: resource type {kind}")(lambda t, k=kind: altered(t, 0, "retention.ms", "1", kind=k & 0xFF, name="x"))


def described(t, kind, name):
    def words(reader):
        reader.i32(), reader.i32()
        error = reader.i16()
        reader.string(), reader.i8(), reader.string()
        return f"error {error}, {'some' if reader.i32() > 0 else 'no'} configs"

    body = wire.array([bytes([kind & 0xFF]) + wire.string(name) + i32(-1)]) + b"\0"
    return worded(t.ask(32, 1, body), words)


case("describe configs: unknown topic")(lambda t: described(t, 2, t.prefix + "-none"))
case("describe configs: topic ../x")(lambda t: described(t, 2, "../x"))
case("describe configs: another broker")(lambda t: described(t, 4, "77"))
case("describe configs: no number as a broker")(lambda t: described(t, 4, "abc"))
case("describe configs: this broker")(lambda t: described(t, 4, "1"))
case("describe configs: every broker's default")(lambda t: described(t, 4, ""))
for kind in (0, 99):
    case(f"describe configs: resource type {kind}")(lambda t, k=kind: described(t, k, "x"))


def deleted(t, name):
    def words(reader):
        reader.i32(), reader.i32(), reader.string()
        return f"error {reader.i16()}"

    return worded(t.ask(20, 1, wire.array([wire.string(name)]) + i32(30000), wait=20), words)


case("delete topic: unknown")(lambda t: deleted(t, t.prefix + "-none"))
case("delete topic: empty")(lambda t: deleted(t, ""))
case("delete topic: ../x")(lambda t: deleted(t, "../x"))
case("delete topic: null")(lambda t: deleted(t, None))


def partitions_made(t, count, assignment=-1, name=None):
    name = t.topic(partitions=2) if name is None else name
    body = wire.array([wire.string(name) + i32(count) + i32(assignment)]) + i32(30000) + b"\0"
    return worded(t.ask(37, 0, body, wait=20), first_error)


for count in (3, 2, 1, 0, -1):
    case(f"create partitions: {count} instead of 2")(lambda t, n=count: partitions_made(t, n))
for count in (100_000, 2**31 - 1):
    # The real Kafka answers -1, having made 10,000 of them all the same.
    case(f"create partitions: {count} instead of 2", rule=("error 37", "error 42", "error 44"), memory_mib=64)(
        lambda t, n=count: partitions_made(t, n)
    )
case("create partitions: unknown topic")(lambda t: partitions_made(t, 5, name=t.prefix + "-none"))
case("create partitions: an empty assignment")(lambda t: partitions_made(t, 3, assignment=0))


def records_deleted(t, offset, partition=0, name=None):
    if name is None:
        name = t.topic()
        with t.connect() as connection:
            wire.produce(connection, name, 0, wire.batch([b"a", b"b", b"c"]))
    body = wire.array([wire.string(name) + wire.array([i32(partition) + i64(offset)])]) + i32(10000)

    def words(reader):
        reader.i32(), reader.i32(), reader.string(), reader.i32(), reader.i32()
        low = reader.i64()
        return f"error {reader.i16()}, low watermark {low}"

    return worded(t.ask(21, 0, body, wait=15), words)


for offset in (2, 0, 3, 4, -1, -2, -5, 2**63 - 1):
    case(f"delete records: before {offset} of 3")(lambda t, o=offset: records_deleted(t, o))
case("delete records: unknown topic")(lambda t: records_deleted(t, 1, name=t.prefix + "-none"))
case("delete records: partition 7")(lambda t: records_deleted(t, 1, partition=7, name=t.topic()))
case("delete records: compacted topic")(lambda t: records_deleted(t, 0, name=t.topic(cleanup_policy="compact")))


def offsets_listed(t, timestamp, version=1, partitions=(0,), name=None):
    name = t.topic() if name is None else name
    entries = wire.array([i32(p) + (i32(-1) if version >= 4 else b"") + i64(timestamp) for p in partitions])
    body = i32(-1) + (b"\0" if version >= 2 else b"") + wire.array([wire.string(name) + entries])

    def words(reader):
        if version >= 2:
            reader.i32()
        reader.i32(), reader.string()
        rows = [(reader.i32(), reader.i16(), reader.i64(), reader.i64()) for _ in range(reader.i32())]
        return f"{[(p, f'error {e}', o) for p, e, _, o in rows]}"

    return worded(t.ask(2, version, body), words)


for timestamp in (-1, -2, -3, -4, -7, -99, -(2**63), 2**63 - 1, 0):
    case(f"list offsets: timestamp {timestamp}")(lambda t, s=timestamp: offsets_listed(t, s))
case("list offsets: partition 9")(lambda t: offsets_listed(t, -1, partitions=(9,)))
case("list offsets: a partition twice")(lambda t: offsets_listed(t, -1, version=5, partitions=(0, 0)))
case("list offsets: unknown topic")(lambda t: offsets_listed(t, -1, name=t.prefix + "-none"))
case("list offsets: empty topic name")(lambda t: offsets_listed(t, -1, name=""))


def fetched(t, offset, partition=0, max_bytes=1 << 20, name=None, response_max=1 << 20, min_bytes=1, wait=100, replica=-1):
    if name is None:
        name = t.topic()
        with t.connect() as connection:
            wire.produce(connection, name, 0, wire.batch([b"a", b"b", b"c"]))
    body = struct.pack(">iiiib", replica, wait, min_bytes, response_max, 0)
    body += wire.array([wire.string(name) + wire.array([struct.pack(">iqi", partition, offset, max_bytes)])])

    def words(reader):
        reader.i32()
        if reader.i32() == 0:
            return "no topics"
        reader.string(), reader.i32(), reader.i32()
        error, high, stable, aborted = reader.i16(), reader.i64(), reader.i64(), reader.i32()
        data = reader.bytes()
        return f"error {error}, high watermark {high}, stable {stable}, aborted {aborted}, records {'null' if data is None else len(data)}"

    return worded(t.ask(1, 4, body, wait=5), words)


for offset in (0, 2, 3, 4, -1, -5, 2**63 - 1):
    case(f"fetch: offset {offset} of 3")(lambda t, o=offset: fetched(t, o))
case("fetch: an empty partition")(lambda t: fetched(t, 0, name=t.topic()))
case("fetch: partition 9")(lambda t: fetched(t, 0, partition=9, name=t.topic()))
case("fetch: partition -1")(lambda t: fetched(t, 0, partition=-1, name=t.topic()))
case("fetch: unknown topic")(lambda t: fetched(t, 0, name=t.prefix + "-none"))
case("fetch: topic ../x")(lambda t: fetched(t, 0, name="../x"))
for limit in (0, 1, -1, 2**31 - 1):
    case(f"fetch: partition limit {limit}")(lambda t, n=limit: fetched(t, 0, max_bytes=n))
    case(f"fetch: answer limit {limit}")(lambda t, n=limit: fetched(t, 0, response_max=n))
case("fetch: more bytes wanted than there are")(lambda t: fetched(t, 0, min_bytes=2**31 - 1))
case("fetch: negative bytes wanted")(lambda t: fetched(t, 3, min_bytes=-5))
case("fetch: negative wait")(lambda t: fetched(t, 3, wait=-5))
case("fetch: as replica 77")(lambda t: fetched(t, 0, replica=77))
case("fetch: as replica -7")(lambda t: fetched(t, 0, replica=-7))


@case("fetch: v12 answer of an empty partition, byte for byte")
def _(t):
    name = t.topic()
    body = struct.pack(">iiiibii", -1, 50, 1, 1000, 0, 0, -1)
    partition = struct.pack(">iiqiqi", 0, -1, 0, -1, -1, 1000) + b"\0"
    body += b"\x02" + wire.compact_string(name) + b"\x02" + partition + b"\0" + b"\x01" + b"\x01" + b"\0"
    return worded(t.ask(1, 12, body, flexible=True), lambda r: r.data[r.at :].replace(wire.compact_string(name), b"<topic>").hex())


def session(t, session_id, epoch):
    name = t.topic()
    body = struct.pack(">iiiibii", -1, 50, 1, 1000, 0, session_id, epoch)
    body += wire.array([wire.string(name) + wire.array([struct.pack(">iqqi", 0, 0, -1, 1000)])]) + i32(0)

    def words(reader):
        reader.i32()
        error, given = reader.i16(), reader.i32()
        return f"error {error}, session {'given' if given else 'none'}, {reader.i32()} topics"

    return worded(t.ask(1, 7, body), words)


for session_id, epoch in [(0, 0), (0, -1), (12345, 1), (12345, 0), (12345, -1), (-5, 3), (0, 7)]:
    case(f"fetch session: id {session_id}, epoch {epoch}")(lambda t, i=session_id, e=epoch: session(t, i, e))


@case("fetch session: the epoch is skipped")
def _(t):
    name, seen = t.topic(), []
    topics = wire.array([wire.string(name) + wire.array([struct.pack(">iqqi", 0, 0, -1, 1000)])])
    with t.connect() as connection:
        session_id = 0
        for epoch, wanted in [(0, topics), (1, i32(0)), (2, i32(0)), (4, i32(0)), (3, i32(0)), (2, i32(0)), (-1, topics), (4, i32(0))]:
            reader = connection.call(1, 7, struct.pack(">iiiibii", -1, 50, 1, 1000, 0, session_id, epoch) + wanted + i32(0))
            reader.i32()
            error, given = reader.i16(), reader.i32()
            session_id = session_id or given
            seen.append((epoch, f"error {error}", "session" if given else "none", reader.i32()))
    return f"{seen}"


def epoch_end(t, partition, current, wanted):
    body = i32(-1) + wire.array([wire.string(t.topic()) + wire.array([i32(partition) + i32(current) + i32(wanted)])])

    def words(reader):
        reader.i32(), reader.i32(), reader.string(), reader.i32()
        return f"error {reader.i16()}, partition {reader.i32()}, epoch {reader.i32()}, end {reader.i64()}"

    return worded(t.ask(23, 3, body), words)


for partition, current, wanted in [(0, -1, 0), (0, -1, 5), (0, -1, -1), (0, -1, -9), (0, 7, 0), (9, -1, 0), (0, 0, 0)]:
    case(f"leader epoch end: partition {partition}, current {current}, wanted {wanted}")(
        lambda t, p=partition, c=current, w=wanted: epoch_end(t, p, c, w)
    )


def metadata_error(t, name, version=4, create=0):
    answer = t.ask(3, version, wire.array([wire.string(name)]) + bytes([create]))

    def words(reader):
        reader.i32(), reader.array(lambda r: (r.i32(), r.string(), r.i32(), r.string())), reader.string(), reader.i32()
        reader.i32()
        return f"error {reader.i16()}"

    return worded(answer, words)


for shown, name in {"unknown": "bad-unknown-topic", "../x": "../x", "empty": "", "250 letters": "x" * 250, "a space": "a b"}.items():
    case(f"metadata: {shown}")(lambda t, name=name: metadata_error(t, name))
    case(f"metadata: {shown}, may be created")(lambda t, name=name: metadata_error(t, name + (t.prefix if name == "bad-unknown-topic" else ""), create=1))


@case("metadata v12: an unknown topic id")
def _(t):
    body = b"\x02" + bytes(range(16)) + b"\0" + b"\0" + b"\0\0" + b"\0"

    def words(reader):
        reader.i32()
        for _ in range(reader.uvarint() - 1):
            reader.i32(), reader.take(reader.uvarint() - 1), reader.i32(), reader.take(max(reader.uvarint() - 1, 0)), reader.uvarint()
        reader.take(max(reader.uvarint() - 1, 0)), reader.i32(), reader.uvarint()
        return f"error {reader.i16()}"

    return worded(t.ask(3, 12, body, flexible=True), words)


def coordinator(t, kind, key):
    def words(reader):
        reader.i32()
        return f"error {reader.i16()}"

    return worded(t.ask(10, 1, wire.string(key) + bytes([kind & 0xFF])), words)


for kind, key in [(9, "group"), (-1, "group"), (2, "group"), (0, "")]:
    case(f"find coordinator: type {kind}, key {key!r}")(lambda t, k=kind, n=key: coordinator(t, k, n))


def group_ready(t):
    """Waits until the coordinator of groups answers."""
    for _ in range(100):
        if coordinator(t, 0, "bad-group") == "error 0":
            return
        time.sleep(0.1)


def group_error(t, key, body):
    group_ready(t)
    for _ in range(50):
        outcome = worded(t.ask(key, 0 if key != 8 else 2, body), lambda r: r.data[r.at :].hex())
        # The coordinator's log is still being loaded.
        if not outcome.startswith(("000e", "000f")):
            return outcome
        time.sleep(0.1)
    return outcome


MEMBER = wire.string("bad-group") + i32(5) + wire.string("nobody")
case("heartbeat of an unknown member")(lambda t: group_error(t, 12, MEMBER))
case("leave of an unknown member")(lambda t: group_error(t, 13, wire.string("bad-group") + wire.string("nobody")))
case("sync of an unknown member")(lambda t: group_error(t, 14, MEMBER + i32(0)))
case("heartbeat with an empty group")(lambda t: group_error(t, 12, wire.string("") + i32(5) + wire.string("nobody")))
for shown, session_ms in {"too short": 1, "too long": 2**31 - 1, "negative": -5}.items():
    case(f"join with a session {shown}")(
        lambda t, s=session_ms: group_error(t, 11, wire.string("bad-group") + i32(s) + wire.string("") + wire.string("consumer") + wire.array([wire.string("range") + i32(0)]))
    )
case("join an empty group id")(
    lambda t: group_error(t, 11, wire.string("") + i32(10000) + wire.string("") + wire.string("consumer") + wire.array([wire.string("range") + i32(0)]))
)
case("join without protocols")(
    lambda t: group_error(t, 11, wire.string("bad-group") + i32(10000) + wire.string("") + wire.string("consumer") + i32(0))
)


@case("delete and create again: nothing of the old topic shows")
def _(t):
    name = f"{t.prefix}-again"
    for turn in range(10):
        with t.connect(30) as connection:
            if wire.create_topic(connection, name)[0]:
                return f"not created in turn {turn}"
            t.wait_for_logs(name)
            error, _, data = wire.fetch(connection, name, 0, 0, wait_ms=10)
            if error or data:
                return f"error {error} and {len(data or b'')} old bytes in turn {turn}"
            error, offset = wire.produce(connection, name, 0, wire.batch([b"turn %d" % turn]))
            if (error, offset) != (0, 0):
                return f"error {error}, offset {offset} in turn {turn}"
            if wire.delete_topic(connection, name):
                return f"not deleted in turn {turn}"
            for _ in range(200):
                if metadata_error(t, name) == "error 3":
                    break
                time.sleep(0.02)
    return "clean"
