// Writes the golden files of record/golden with the classes of Apache Kafka 4.3.1 (kafka-clients, lz4-java, snappy-java,
// zstd-jni): java -cp "$KAFKA_HOME/libs/*" Golden.java OUT_DIR
// The inputs are repeated in the Rust tests that read the files.
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.compress.*;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

public class Golden {
    static PrintStream out;

    static void file(Path dir, String name, String comment) throws Exception {
        out = new PrintStream(Files.newOutputStream(dir.resolve(name)), false, "UTF-8");
        out.println("# Written by Golden.java with Apache Kafka 4.3.1. " + comment);
    }

    static void emit(String name, ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        emit(name, bytes);
    }

    static void emit(String name, byte[] bytes) {
        out.println("= " + name);
        StringBuilder line = new StringBuilder();
        for (byte b : bytes) {
            line.append(String.format("%02x", b));
            if (line.length() == 120) { out.println(line); line.setLength(0); }
        }
        if (line.length() > 0) out.println(line);
    }

    static byte[] b(String text) { return text == null ? null : text.getBytes(StandardCharsets.UTF_8); }

    static MemoryRecordsBuilder builder(byte magic, Compression compression, TimestampType type, long baseOffset, long appendTime,
            long pid, int epoch, int sequence, boolean tx, boolean control, int leaderEpoch, long horizon) {
        return new MemoryRecordsBuilder(new ByteBufferOutputStream(1024), magic, compression, type, baseOffset, appendTime, pid,
                (short) epoch, sequence, tx, control, leaderEpoch, Integer.MAX_VALUE, horizon);
    }

    static MemoryRecordsBuilder plain(Compression compression) {
        return builder((byte) 2, compression, TimestampType.CREATE_TIME, 0, -1, -1, -1, -1, false, false, -1, -1);
    }

    static void uncompressed() {
        MemoryRecordsBuilder a = plain(Compression.NONE);
        a.append(1_000_000L, b("key"), b("value"));
        emit("one record", a.build().buffer());

        a = plain(Compression.NONE);
        a.append(1_700_000_000_000L, (byte[]) null, (byte[]) null);
        a.append(1_700_000_000_500L, b(""), b(""));
        a.append(1_699_999_999_000L, null, b("x".repeat(200)), new Header[] {
            new RecordHeader("h1", b("v1")), new RecordHeader("", (byte[]) null), new RecordHeader("h\u00e9", b("")) });
        a.append(-1L, b("k".repeat(64)), null);
        emit("nulls and headers", a.build().buffer());

        a = builder((byte) 2, Compression.NONE, TimestampType.LOG_APPEND_TIME, 1234567890123L, 55_555L, -1, -1, -1, false, false, 42, -1);
        a.append(10L, b("a"), b("1"));
        a.append(20L, b("b"), b("2"));
        emit("log append time", a.build().buffer());

        a = builder((byte) 2, Compression.NONE, TimestampType.CREATE_TIME, 7, -1, 4_000_000_001L, 3, 2147483646, true, false, 5, -1);
        for (int i = 0; i < 5; i++) a.append(100L + i, b("k" + i), b("v" + i));
        emit("transactional", a.build().buffer());

        a = builder((byte) 2, Compression.NONE, TimestampType.CREATE_TIME, 100, -1, -1, -1, -1, false, false, 9, 5_000L);
        a.appendWithOffset(103, 200L, b("kept"), null);
        a.appendWithOffset(300, 100L, b("kept too"), b("v"));
        a.overrideLastOffset(500);
        emit("compacted", a.build().buffer());

        ByteBuffer empty = ByteBuffer.allocate(61);
        DefaultRecordBatch.writeEmptyHeader(empty, (byte) 2, 77, (short) 8, 900, 40, 49, 6, TimestampType.CREATE_TIME, 123_456L, true, false);
        empty.flip();
        emit("emptied", empty);
    }

    static void control() {
        emit("abort", MemoryRecords.withEndTransactionMarker(0, 1_000L, -1, 11, (short) 2,
                new EndTransactionMarker(ControlRecordType.ABORT, 5)).buffer());
        emit("commit", MemoryRecords.withEndTransactionMarker(0, 2_000L, -1, 12, (short) 3,
                new EndTransactionMarker(ControlRecordType.COMMIT, 6)).buffer());
        LeaderChangeMessage leader = new LeaderChangeMessage().setLeaderId(3).setVoters(List.of(
                new LeaderChangeMessage.Voter().setVoterId(1), new LeaderChangeMessage.Voter().setVoterId(3)));
        emit("leader change", MemoryRecords.withLeaderChangeMessage(8, 3_000L, 4, ByteBuffer.allocate(256), leader).buffer());
    }

    // Text that compresses, and has more than one block of snappy.
    static void fill(MemoryRecordsBuilder a, int records) {
        for (int i = 0; i < records; i++)
            a.append(1_700_000_000_000L + i, b("key-" + i % 7), b("record " + i + " of a golden batch, " + "lorem ipsum ".repeat(i % 40 * 4)),
                i % 3 == 0 ? new Header[] { new RecordHeader("n", b("" + i)) } : new Header[0]);
    }

    static void codecs() throws Exception {
        MemoryRecordsBuilder a = plain(Compression.gzip().build());
        fill(a, 100); emit("gzip", a.build().buffer());
        a = plain(Compression.gzip().level(1).build()); fill(a, 100); emit("gzip level 1", a.build().buffer());
        a = plain(Compression.gzip().level(9).build()); fill(a, 100); emit("gzip level 9", a.build().buffer());
        a = plain(Compression.snappy().build()); fill(a, 100); emit("snappy", a.build().buffer());
        a = plain(Compression.lz4().build()); fill(a, 100); emit("lz4", a.build().buffer());
        a = plain(Compression.lz4().level(1).build()); fill(a, 100); emit("lz4 level 1", a.build().buffer());
        a = plain(Compression.lz4().level(17).build()); fill(a, 100); emit("lz4 level 17", a.build().buffer());
        a = plain(Compression.zstd().build()); fill(a, 100); emit("zstd", a.build().buffer());
        a = plain(Compression.zstd().level(-5).build()); fill(a, 100); emit("zstd level -5", a.build().buffer());
        a = plain(Compression.zstd().level(19).build()); fill(a, 100); emit("zstd level 19", a.build().buffer());
        a = plain(Compression.zstd().level(22).build()); fill(a, 100); emit("zstd level 22", a.build().buffer());
    }

    // Streams of a text that is the same in all: the records of fill().
    static void streams() throws Exception {
        MemoryRecordsBuilder a = plain(Compression.NONE);
        fill(a, 100);
        ByteBuffer buffer = a.build().buffer();
        byte[] text = new byte[buffer.remaining() - 61];
        buffer.position(61);
        buffer.get(text);
        emit("snappy raw", org.xerial.snappy.Snappy.compress(text));
        ByteArrayOutputStream o = new ByteArrayOutputStream();
        try (OutputStream s = new org.xerial.snappy.SnappyOutputStream(o, 4096)) { s.write(text); }
        emit("snappy small blocks", o.toByteArray());
        o = new ByteArrayOutputStream();
        int half = text.length / 2;
        try (OutputStream s = new org.xerial.snappy.SnappyOutputStream(o)) { s.write(text, 0, half); }
        try (OutputStream s = new org.xerial.snappy.SnappyOutputStream(o)) { s.write(text, half, text.length - half); }
        emit("snappy joined", o.toByteArray());
        for (int size = 4; size <= 7; size++) {
            o = new ByteArrayOutputStream();
            try (OutputStream s = new Lz4BlockOutputStream(o, size, 9, true, false)) { s.write(text); }
            emit("lz4 block checksums, size code " + size, o.toByteArray());
        }
        o = new ByteArrayOutputStream();
        try (OutputStream s = new net.jpountz.lz4.LZ4FrameOutputStream(o, net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE.SIZE_1MB, text.length,
                net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE, net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits.CONTENT_CHECKSUM,
                net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits.CONTENT_SIZE)) { s.write(text); }
        emit("lz4 content checksum and size", o.toByteArray());
        o = new ByteArrayOutputStream();
        try (OutputStream s = new java.util.zip.GZIPOutputStream(o)) { s.write(text, 0, half); }
        try (OutputStream s = new java.util.zip.GZIPOutputStream(o)) { s.write(text, half, text.length - half); }
        emit("gzip members", o.toByteArray());
        o = new ByteArrayOutputStream();
        o.write(com.github.luben.zstd.Zstd.compress(java.util.Arrays.copyOfRange(text, 0, half)));
        o.write(new byte[] { 0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3 });
        o.write(com.github.luben.zstd.Zstd.compress(java.util.Arrays.copyOfRange(text, half, text.length)));
        emit("zstd frames, one skippable", o.toByteArray());
    }

    static void legacy() throws Exception {
        for (byte magic = 0; magic <= 1; magic++) {
            for (Compression c : List.of(Compression.NONE, Compression.gzip().build(), Compression.snappy().build(), Compression.lz4().build())) {
                for (TimestampType type : List.of(TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME)) {
                    if (magic == 0 && type == TimestampType.LOG_APPEND_TIME) continue;
                    MemoryRecordsBuilder a = builder(magic, c, type, 50, 9_000L, -1, -1, -1, false, false, -1, -1);
                    a.append(1_000L, b("a"), b("first"));
                    a.append(3_000L, null, b("second"));
                    a.append(2_000L, b("c"), null);
                    emit("magic " + magic + " " + c.type().name + " " + type.name, a.build().buffer());
                }
            }
        }
    }

    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[0]);
        file(dir, "uncompressed.hex", "Batches without compression, which must be reproduced byte for byte."); uncompressed(); out.close();
        file(dir, "control.hex", "Control batches."); control(); out.close();
        file(dir, "codecs.hex", "One batch of 100 records in every codec."); codecs(); out.close();
        file(dir, "streams.hex", "The records of that batch in framings that other clients write."); streams(); out.close();
        file(dir, "legacy.hex", "Message sets of magic 0 and 1."); legacy(); out.close();
    }
}
