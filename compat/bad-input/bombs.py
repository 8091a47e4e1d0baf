"""Small batches that unpack to very much, built by hand for each codec, and compressed frames that lie about sizes.

As good as the real Kafka's answer is a refusal at a cap: the batch is too large (10), corrupt (2) or invalid (87).
"""
import struct
import zlib

import wire
from probe import case

MIB = 1 << 20
REFUSED = ("error 10, base offset -1, 0 appended", "error 87, base offset -1, 0 appended", "error 2, base offset -1, 0 appended")


def big_record(size):
    """The start of a valid record whose value is `size` zeros; its end (no headers) is one more zero."""
    body = b"\0" + wire.varint(0) + wire.varint(0) + wire.varint(-1) + wire.varint(size)
    return wire.varint(len(body) + size + 1) + body


def gzip_zeros(head, size):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    out = [packer.compress(head)]
    for _ in range(size // MIB):
        out.append(packer.compress(bytes(MIB)))
    out.append(packer.compress(bytes(size % MIB)))
    return b"".join(out) + packer.flush()


def zstd_zeros(head, size):
    """A frame of one raw block and many blocks of one repeated byte (4 bytes for 128 KiB each)."""
    out = bytearray(struct.pack("<IBB", 0xFD2FB528, 0, 0x38))
    out += struct.pack("<I", len(head) << 3)[:3] + head
    while size:
        block = min(size, 128 << 10)
        size -= block
        out += struct.pack("<I", block << 3 | 1 << 1 | (size == 0))[:3] + b"\0"
    return bytes(out)


def lz4_descriptor(flags, block, content_size=b""):
    descriptor = bytes([flags, block]) + content_size
    return struct.pack("<I", 0x184D2204) + descriptor + bytes([xxh32(descriptor) >> 8 & 0xFF])


def lz4_zeros(head, size):
    """Independent blocks of 4 MiB: some literals, then one long match."""
    out = bytearray(lz4_descriptor(0x60, 0x70))
    pending = head
    while size or pending:
        literals = pending or b"\0"
        length = min(size, 4 * MIB - len(literals) - 16)
        # The last five bytes of a block are literals.
        match = max(length - (0 if pending else 1) - 5, 4)
        tail = 5
        block = bytearray([min(len(literals), 15) << 4 | 15])
        if len(literals) >= 15:
            block += b"\xff" * ((len(literals) - 15) // 255) + bytes([(len(literals) - 15) % 255])
        block += literals + struct.pack("<H", 1)
        block += b"\xff" * ((match - 19) // 255) + bytes([(match - 19) % 255])
        block += bytes([tail << 4]) + bytes(tail)
        out += struct.pack("<I", len(block)) + block
        size -= min(size, match + tail + (0 if pending else 1))
        pending = b""
    return bytes(out + bytes(4))


def snappy_zeros(head, size):
    """One raw block: literals, then copies of 64 bytes (3 bytes each)."""
    literals = head + b"\0"
    copies, rest = divmod(size - 1, 64)
    out = wire.uvarint(len(head) + size) + bytes([(len(literals) - 1) << 2]) + literals
    out += bytes([63 << 2 | 2]) + b"\1\0"
    return out + (bytes([63 << 2 | 2]) + b"\1\0") * (copies - 1) + (bytes([(rest - 1) << 2 | 2]) + b"\1\0" if rest else b"")


def xxh32(data):
    """xxHash32 with seed 0 of fewer than 16 bytes: the check byte of an lz4 frame."""
    mask, at = 0xFFFFFFFF, 0
    value = (0x165667B1 + len(data)) & mask
    rotated = lambda x, bits: (x << bits | x >> (32 - bits)) & mask
    while at + 4 <= len(data):
        value = rotated((value + struct.unpack_from("<I", data, at)[0] * 0xC2B2AE3D) & mask, 17) * 0x27D4EB2F & mask
        at += 4
    for byte in data[at:]:
        value = rotated((value + byte * 0x165667B1) & mask, 11) * 0x9E3779B1 & mask
    value = (value ^ value >> 15) * 0x85EBCA77 & mask
    value = (value ^ value >> 13) * 0xC2B2AE3D & mask
    return value ^ value >> 16


BUILDERS = {"gzip": (1, gzip_zeros), "snappy": (2, snappy_zeros), "lz4": (3, lz4_zeros), "zstd": (4, zstd_zeros)}


def bomb(codec, size, heavy=False):
    number, build = BUILDERS[codec]

    # The value and the empty headers behind it are zeros alike.
    @case(f"bomb: one {codec} record of {size >> 20} MiB of zeros", also=REFUSED, memory_mib=64, heavy=heavy)
    def _(t):
        data = wire.batch_of(build(big_record(size), size + 1), 1, attributes=number)
        return t.produced(t.topic(), data, wait=60)

    if heavy:
        return

    @case(f"bomb: {size >> 20} MiB of zeros that are no records, {codec}", also=REFUSED, memory_mib=64)
    def _(t):
        return t.produced(t.topic(), wire.batch_of(build(b"\0", size), 1, attributes=number), wait=60)


bomb("gzip", 500 * MIB)
bomb("snappy", 20 * MIB)
bomb("lz4", 200 * MIB)
bomb("zstd", 500 * MIB)
bomb("zstd", 2000 * MIB, heavy=True)


@case("bomb: 50000 zstd records of 100 KiB of zeros", also=REFUSED, memory_mib=64, heavy=True)
def _(t):
    # 5 GB from 0.9 MB: one raw block with a record's head, one repeated block with its value, again and again.
    out, count, value = bytearray(struct.pack("<IBB", 0xFD2FB528, 0, 0x38)), 50_000, 100 << 10
    for index in range(count):
        body = b"\0" + wire.varint(0) + wire.varint(index) + wire.varint(-1) + wire.varint(value)
        head = wire.varint(len(body) + value + 1) + body
        out += struct.pack("<I", len(head) << 3)[:3] + head
        out += struct.pack("<I", (value + 1) << 3 | 1 << 1 | (index == count - 1))[:3] + b"\0"
    return t.produced(t.topic(), wire.batch_of(bytes(out), count, attributes=4), wait=60)


def lie(name, codec, content):
    @case(f"bomb: {name}", also=REFUSED, memory_mib=64)
    def _(t):
        return t.produced(t.topic(), wire.batch_of(content, 1, attributes=codec), wait=30)


RECORD = wire.record(0, b"value")
LITERAL = bytes([(len(RECORD) - 1) << 2]) + RECORD
XERIAL = b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1)
lie("snappy that claims 4 GiB", 2, wire.uvarint(2**32 - 1) + LITERAL)
lie("snappy that claims 1 GiB", 2, wire.uvarint(1 << 30) + LITERAL)
lie("snappy that claims less than there is", 2, wire.uvarint(3) + LITERAL)
lie("snappy with a chunk of 2147483647 bytes", 2, XERIAL + struct.pack(">i", 2**31 - 1) + LITERAL)
lie("snappy with a chunk of -1 bytes", 2, XERIAL + struct.pack(">i", -1) + LITERAL)
lie("snappy with a chunk that claims 1 GiB", 2, XERIAL + struct.pack(">i", len(LITERAL) + 5) + wire.uvarint(1 << 30) + LITERAL)
lie("snappy with a copy before the start", 2, wire.uvarint(100) + bytes([63 << 2 | 2]) + b"\xff\0" + LITERAL)
lie("snappy in chunks, right", 2, XERIAL + struct.pack(">i", len(LITERAL) + 1) + wire.uvarint(len(RECORD)) + LITERAL)
lie("snappy in one block, right", 2, wire.uvarint(len(RECORD)) + LITERAL)
STORED = struct.pack("<I", len(RECORD) | 0x80000000) + RECORD
lie("lz4, right", 3, lz4_descriptor(0x60, 0x40) + STORED + bytes(4))
lie("lz4 without its end mark", 3, lz4_descriptor(0x60, 0x40) + STORED)
lie("lz4 with a content size of 2^62", 3, lz4_descriptor(0x68, 0x40, struct.pack("<Q", 1 << 62)) + STORED + bytes(4))
lie("lz4 with a block of 1 GiB", 3, lz4_descriptor(0x60, 0x70) + struct.pack("<I", 1 << 30) + RECORD)
lie("lz4 with blocks of an unknown size", 3, lz4_descriptor(0x60, 0x00) + STORED + bytes(4))
lie("lz4 with a wrong check byte", 3, lz4_descriptor(0x60, 0x40)[:-1] + b"\x99" + STORED + bytes(4))
lie("lz4 with dependent blocks", 3, lz4_descriptor(0x40, 0x40) + STORED + bytes(4))
lie("lz4 with a wrong content checksum", 3, lz4_descriptor(0x64, 0x40) + STORED + bytes(4) + b"\1\2\3\4")
lie("lz4 with a match before the start", 3, lz4_descriptor(0x60, 0x40) + struct.pack("<I", 12) + b"\x1fa\xff\x7f\x10\x50aaaaa\0" + bytes(4))
RAW = struct.pack("<I", len(RECORD) << 3 | 1)[:3] + RECORD
lie("zstd, right", 4, struct.pack("<IBB", 0xFD2FB528, 0, 0x38) + RAW)
lie("zstd with a content size of 2^62", 4, struct.pack("<IBBQ", 0xFD2FB528, 0xC0, 0x38, 1 << 62) + RAW)
lie("zstd with a window of 2 GiB", 4, struct.pack("<IBB", 0xFD2FB528, 0, 0xA8) + RAW)
lie("zstd with the largest window", 4, struct.pack("<IBB", 0xFD2FB528, 0, 0xFF) + RAW)
lie("zstd with a reserved block type", 4, struct.pack("<IBB", 0xFD2FB528, 0, 0x38) + struct.pack("<I", 7)[:3])
lie("zstd that needs a dictionary", 4, struct.pack("<IBBB", 0xFD2FB528, 1, 0x38, 9) + RAW)
lie("zstd of a skippable frame alone", 4, struct.pack("<II", 0x184D2A50, 4) + b"skip")
