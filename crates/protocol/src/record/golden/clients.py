import struct, socket, sys, time
from confluent_kafka import Producer, version, libversion
import kafka
from kafka.record.default_records import DefaultRecordBatchBuilder

def records():
    for i in range(100):
        yield (1_700_000_000_000 + i, b"key-%d" % (i % 7),
               (f"record {i} of a golden batch, " + "lorem ipsum " * (i % 40 * 4)).encode(),
               [("n", b"%d" % i)] if i % 3 == 0 else [])

def emit(name, data):
    print("= " + name)
    h = data.hex()
    for i in range(0, len(h), 120): print(h[i:i+120])

def s(x): return struct.pack(">h", len(x)) + x.encode()

def fetch(port, topic):
    body = struct.pack(">iiiib", -1, 1000, 1, 50_000_000, 0) + struct.pack(">i", 1) + s(topic) + struct.pack(">i", 1) + struct.pack(">iqi", 0, 0, 50_000_000)
    req = struct.pack(">hhi", 1, 4, 7) + s("golden") + body
    c = socket.create_connection(("127.0.0.1", port)); c.sendall(struct.pack(">i", len(req)) + req)
    def rd(n):
        b = b""
        while len(b) < n: b += c.recv(n - len(b))
        return b
    r = rd(struct.unpack(">i", rd(4))[0])
    p = 4 + 4 + 4 + 2 + len(topic) + 4 + 4
    err, hw, lso, ab, size = struct.unpack_from(">hqqii", r, p)
    assert err == 0, err
    p += 2 + 8 + 8 + 4 + 4
    return r[p:p+size]

print(f"# The records of codecs.hex as other clients write them: librdkafka {libversion()[0]} (from its mock broker) and kafka-python {kafka.__version__}; streams by python-lz4.")
for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
    p = Producer({"bootstrap.servers": "x", "test.mock.num.brokers": 1, "compression.type": codec, "linger.ms": 1000, "enable.idempotence": False, "log_level": 0})
    t = "golden-" + codec
    md = p.list_topics(t, timeout=10)
    port = list(md.brokers.values())[0].port
    for ts, k, v, h in records(): p.produce(t, v, k, timestamp=ts, headers=h, partition=0)
    p.flush(10)
    data = fetch(port, t)
    assert struct.unpack_from(">i", data, 8)[0] + 12 == len(data), "one batch"
    if codec == "none":
        import lz4.frame
        for size in [4, 7]:
            emit(f"stream: lz4 linked blocks, size code {size}", lz4.frame.compress(data[61:], block_linked=True, block_size=size, content_checksum=True, store_size=False))
        continue
    emit("librdkafka " + codec, data)
for codec, n in [("gzip", 1), ("snappy", 2), ("lz4", 3), ("zstd", 4)]:
    b = DefaultRecordBatchBuilder(2, n, False, -1, -1, -1, 10_000_000)
    for i, (ts, k, v, h) in enumerate(records()): b.append(i, ts, k, v, h)
    emit("kafka-python " + codec, bytes(b.build()))
