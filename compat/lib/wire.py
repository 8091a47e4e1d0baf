"""Kafka's wire protocol, just enough of it and nothing hidden: requests can be built wrong on purpose.

Only fixed-width ("non-flexible") versions are spoken, except where a caller builds the bytes itself.
"""
import gzip
import socket
import struct
import time

CLIENT_ID = "compat"
NONE = 0
EARLIEST, LATEST = -2, -1

PRODUCE, FETCH, LIST_OFFSETS, METADATA = 0, 1, 2, 3
API_VERSIONS, CREATE_TOPICS, DELETE_TOPICS, DELETE_RECORDS, INIT_PRODUCER_ID = 18, 19, 20, 21, 22


def _crc32c_table():
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x82F63B78 if crc & 1 else crc >> 1
        table.append(crc)
    return table


_TABLE = _crc32c_table()


def crc32c(data):
    """CRC-32C (Castagnoli), the checksum of record batches."""
    crc, table = 0xFFFFFFFF, _TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def uvarint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def varint(value):
    """Zigzag, as in records."""
    return uvarint((value << 1) ^ (value >> 63))


def string(text):
    if text is None:
        return struct.pack(">h", -1)
    raw = text.encode() if isinstance(text, str) else text
    return struct.pack(">h", len(raw)) + raw


def compact_string(text):
    raw = text.encode() if isinstance(text, str) else text
    return uvarint(len(raw) + 1) + raw


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def request(key, version, body, correlation=1, client_id=CLIENT_ID, flexible=False):
    """A whole request with its length: header version 1, or 2 (with empty tags) when `flexible`."""
    head = struct.pack(">hhi", key, version, correlation) + string(client_id)
    return framed(head + (b"\0" if flexible else b"") + body)


def framed(payload):
    return struct.pack(">i", len(payload)) + payload


def record(index, value, key=None, timestamp_delta=0, headers=(), attributes=0):
    body = struct.pack(">b", attributes) + varint(timestamp_delta) + varint(index)
    body += varint(-1) if key is None else varint(len(key)) + key
    body += varint(-1) if value is None else varint(len(value)) + value
    body += varint(len(headers))
    for name, content in headers:
        body += varint(len(name)) + name + (varint(-1) if content is None else varint(len(content)) + content)
    return varint(len(body)) + body


def batch(values, **fields):
    """A record batch of these values; see `batch_of` for the fields."""
    return batch_of(b"".join(record(i, v) for i, v in enumerate(values)), len(values), **fields)


def batch_of(
    records,
    count,
    base_offset=0,
    leader_epoch=-1,
    magic=2,
    attributes=0,
    last_offset_delta=None,
    timestamp=None,
    max_timestamp=None,
    producer_id=-1,
    producer_epoch=-1,
    base_sequence=-1,
    crc=None,
    length=None,
):
    """A record batch around the given bytes of records; any field can be given a wrong value."""
    now = int(time.time() * 1000) if timestamp is None else timestamp
    tail = struct.pack(
        ">hiqqqhii",
        attributes,
        count - 1 if last_offset_delta is None else last_offset_delta,
        now,
        now if max_timestamp is None else max_timestamp,
        producer_id,
        producer_epoch,
        base_sequence,
        count,
    )
    tail += records
    checksum = crc32c(tail) if crc is None else crc
    size = 9 + len(tail) if length is None else length
    return struct.pack(">qiibI", base_offset, size, leader_epoch, magic, checksum) + tail


def batches(data):
    """(header, records bytes) of every whole batch in fetched bytes; a cut last one is left out."""
    at = 0
    while at + 61 <= len(data):
        base_offset, length, epoch, magic, crc = struct.unpack_from(">qiibI", data, at)
        end = at + 12 + length
        if end > len(data):
            return
        names = ("attributes last_offset_delta base_timestamp max_timestamp producer_id producer_epoch "
                 "base_sequence count").split()
        header = dict(zip(names, struct.unpack_from(">hiqqqhii", data, at + 21)))
        header.update(base_offset=base_offset, magic=magic, leader_epoch=epoch)
        header["crc_ok"] = crc32c(data[at + 21 : end]) == crc
        yield header, data[at + 61 : end]
        at = end


def records(header, data):
    """(offset, key, value) of every record of one batch; only uncompressed and gzip ones are understood."""
    codec = header["attributes"] & 7
    if codec == 1:
        data = gzip.decompress(data)
    elif codec:
        raise ValueError(f"codec {codec} is not understood here")
    reader = Reader(data)
    for _ in range(header["count"]):
        reader.varint()
        reader.i8()
        reader.varint()
        offset = header["base_offset"] + reader.varint()
        key, value = reader.varbytes(), reader.varbytes()
        for _ in range(reader.varint()):
            reader.varbytes(), reader.varbytes()
        yield offset, key, value


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count < 0 or self.at + count > len(self.data):
            raise ValueError(f"answer ends early: {count} bytes wanted at {self.at} of {len(self.data)}")
        self.at += count
        return self.data[self.at - count : self.at]

    def _number(self, form, size):
        return struct.unpack(form, self.take(size))[0]

    def i8(self):
        return self._number(">b", 1)

    def i16(self):
        return self._number(">h", 2)

    def i32(self):
        return self._number(">i", 4)

    def i64(self):
        return self._number(">q", 8)

    def uvarint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def varint(self):
        value = self.uvarint()
        return (value >> 1) ^ -(value & 1)

    def varbytes(self):
        length = self.varint()
        return None if length < 0 else self.take(length)

    def string(self):
        length = self.i16()
        return None if length < 0 else self.take(length).decode()

    def bytes(self):
        length = self.i32()
        return None if length < 0 else self.take(length)

    def array(self, item):
        return [item(self) for _ in range(self.i32())]


class Closed(Exception):
    """The broker closed the connection."""


class Connection:
    def __init__(self, address, timeout=10.0):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.correlation = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed() from error

    def _exactly(self, count):
        out = bytearray()
        while len(out) < count:
            try:
                part = self.socket.recv(min(count - len(out), 1 << 20))
            except ConnectionResetError as error:
                raise Closed() from error
            if not part:
                raise Closed()
            out += part
        return bytes(out)

    def receive(self):
        """The next answer, from its correlation id on."""
        return self._exactly(struct.unpack(">i", self._exactly(4))[0])

    def call(self, key, version, body, flexible=False):
        """Sends a request; the answer's body comes back as a `Reader`."""
        self.correlation += 1
        self.send(request(key, version, body, self.correlation, flexible=flexible))
        reader = Reader(self.receive())
        correlation = reader.i32()
        if correlation != self.correlation:
            raise ValueError(f"answer {correlation} to request {self.correlation}")
        if flexible and key != API_VERSIONS:
            reader.uvarint()
        return reader


def produce_body(topic, partition, data, acks=-1, timeout_ms=30000):
    """Produce, versions 3 to 8."""
    part = struct.pack(">i", partition)
    part += struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data
    return string(None) + struct.pack(">hi", acks, timeout_ms) + array([string(topic) + array([part])])


def read_produced(reader, version=7):
    """(error, base offset) of the only partition in a Produce answer."""
    reader.i32(), reader.string(), reader.i32(), reader.i32()
    error, base_offset = reader.i16(), reader.i64()
    return error, base_offset


def produce(connection, topic, partition, data, acks=-1, version=7):
    return read_produced(connection.call(PRODUCE, version, produce_body(topic, partition, data, acks)), version)


def fetch(connection, topic, partition, offset, max_bytes=1 << 20, wait_ms=500, min_bytes=1):
    """(error, high watermark, record bytes or None) of a Fetch, version 4."""
    body = struct.pack(">iiiib", -1, wait_ms, min_bytes, max_bytes, 0)
    body += array([string(topic) + array([struct.pack(">iqi", partition, offset, max_bytes)])])
    reader = connection.call(FETCH, 4, body)
    reader.i32()
    if reader.i32() == 0:
        return None, None, None
    reader.string(), reader.i32(), reader.i32()
    error, high_watermark = reader.i16(), reader.i64()
    reader.i64()
    for _ in range(max(0, reader.i32())):
        reader.i64(), reader.i64()
    return error, high_watermark, reader.bytes()


def list_offset(connection, topic, partition, timestamp):
    """(error, offset) of a ListOffsets, version 1."""
    body = struct.pack(">i", -1) + array([string(topic) + array([struct.pack(">iq", partition, timestamp)])])
    reader = connection.call(LIST_OFFSETS, 1, body)
    reader.i32(), reader.string(), reader.i32(), reader.i32()
    error = reader.i16()
    reader.i64()
    return error, reader.i64()


def create_topic(connection, topic, partitions=1, configs=(), replication=1):
    """(error, message) of a CreateTopics, version 2."""
    settings = array([string(name) + string(value) for name, value in dict(configs).items()])
    body = array([string(topic) + struct.pack(">ih", partitions, replication) + array([]) + settings])
    reader = connection.call(CREATE_TOPICS, 2, body + struct.pack(">ib", 30000, 0))
    reader.i32(), reader.i32(), reader.string()
    return reader.i16(), reader.string()


def delete_topic(connection, topic):
    reader = connection.call(DELETE_TOPICS, 1, array([string(topic)]) + struct.pack(">i", 30000))
    reader.i32(), reader.i32(), reader.string()
    return reader.i16()


def init_producer_id(connection):
    """(error, producer id, epoch) of an InitProducerId, version 0, without a transaction."""
    reader = connection.call(INIT_PRODUCER_ID, 0, string(None) + struct.pack(">i", 60000))
    reader.i32()
    return reader.i16(), reader.i64(), reader.i16()


def metadata(connection, topics=()):
    """(number of brokers, {topic: (error, [leader of each partition])}) of a Metadata, version 1."""
    reader = connection.call(METADATA, 1, array([string(topic) for topic in topics]))
    brokers = reader.array(lambda r: (r.i32(), r.string(), r.i32(), r.string()))
    reader.i32()
    found = {}
    for _ in range(reader.i32()):
        error, name = reader.i16(), reader.string()
        reader.i8()
        leaders = {}
        for _ in range(reader.i32()):
            reader.i16()
            partition, leader = reader.i32(), reader.i32()
            reader.array(Reader.i32), reader.array(Reader.i32)
            leaders[partition] = leader
        found[name] = (error, [leaders[p] for p in sorted(leaders)])
    return len(brokers), found


def wait_for_leaders(address, topic, timeout=30.0):
    """Waits until every partition of the topic has a leader."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        with Connection(address) as connection:
            error, leaders = metadata(connection, [topic])[1][topic]
        if error == NONE and leaders and min(leaders) >= 0:
            return
        time.sleep(0.02)
    raise TimeoutError(f"no leader for every partition of {topic} in {timeout:.0f} s")
