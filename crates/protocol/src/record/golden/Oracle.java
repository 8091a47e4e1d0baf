import java.io.*;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.util.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.compress.*;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.utils.*;
import org.apache.kafka.storage.internals.log.*;
import org.apache.kafka.server.record.BrokerCompressionType;

public class Oracle {
    static byte[] unhex(String s) { return HexFormat.of().parseHex(s); }

    static LogValidator.MetricsRecorder recorder = new LogValidator.MetricsRecorder() {
        public void recordInvalidMagic() {} public void recordInvalidOffset() {} public void recordInvalidSequence() {}
        public void recordInvalidChecksums() {} public void recordNoKeyCompactedTopic() {}
    };

    public static void main(String[] args) throws Exception {
        try (BufferedReader in = Files.newBufferedReader(Path.of(args[0])); PrintStream out = new PrintStream(new BufferedOutputStream(Files.newOutputStream(Path.of(args[1]))))) {
            String line;
            while ((line = in.readLine()) != null) out.println(run(line.split(" ", -1)));
        }
    }

    static String run(String[] f) {
        short version = Short.parseShort(f[0]);
        String target = f[1];
        TimestampType type = f[2].equals("1") ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
        long before = Long.parseLong(f[3]), after = Long.parseLong(f[4]);
        boolean compact = f[5].equals("1");
        int max = Integer.parseInt(f[6]);
        AppendOrigin origin = f[7].equals("client") ? AppendOrigin.CLIENT : AppendOrigin.COORDINATOR;
        long now = Long.parseLong(f[8]);
        ByteBuffer buffer = ByteBuffer.wrap(unhex(f[9]));
        Time time = (Time) Proxy.newProxyInstance(Oracle.class.getClassLoader(), new Class<?>[] { Time.class }, (p, m, a) -> now);
        TopicPartition tp = new TopicPartition("t", 0);
        try {
            MemoryRecords records = MemoryRecords.readableRecords(buffer);
            if (origin == AppendOrigin.CLIENT) ProduceRequest.validateRecords(version, records);
            int valid = 0;
            CompressionType source = CompressionType.NONE;
            for (MutableRecordBatch batch : records.batches()) {
                if (batch.magic() >= 2 && origin == AppendOrigin.CLIENT && batch.baseOffset() != 0) throw new InvalidRecordException("base offset");
                batch.lastOffset(); batch.partitionLeaderEpoch();
                if (batch.sizeInBytes() > max) throw new RecordTooLargeException("size");
                if (!batch.isValid()) throw new CorruptRecordException("crc");
                valid += batch.sizeInBytes();
                CompressionType c = CompressionType.forId(batch.compressionType().id);
                if (c != CompressionType.NONE) source = c;
            }
            ByteBuffer trimmed = buffer.duplicate();
            trimmed.limit(valid);
            Optional<Compression> fixed = target.equals("producer") ? Optional.empty() : Optional.of(Compression.of(target).build());
            LogValidator v = new LogValidator(MemoryRecords.readableRecords(trimmed.slice()), tp, time, source,
                BrokerCompressionType.targetCompression(fixed, source), compact, (byte) 2, type, before, after, 7, origin);
            LogValidator.ValidationResult r = v.validateMessagesAndAssignOffsets(PrimitiveRef.ofLong(1000), recorder, BufferSupplier.NO_CACHING);
            if (r.messageSizeMaybeChanged())
                for (MutableRecordBatch batch : r.validatedRecords().batches())
                    if (batch.sizeInBytes() > max) throw new RecordTooLargeException("size after");
            ByteBuffer o = r.validatedRecords().buffer();
            byte[] bytes = new byte[o.remaining()];
            o.get(bytes);
            return "ok " + r.maxTimestampMs() + " " + r.messageSizeMaybeChanged() + " " + HexFormat.of().formatHex(bytes);
        } catch (RecordValidationException e) {
            StringBuilder b = new StringBuilder();
            for (var re : e.recordErrors()) { if (b.length() > 0) b.append(','); b.append(re.batchIndex); }
            return "error " + Errors.forException(e.invalidException()).code() + " records " + b;
        } catch (Throwable e) {
            return "error " + Errors.forException(e).code() + " " + e.getClass().getSimpleName() + " " + String.valueOf(e.getMessage()).replace('\n', ' ');
        }
    }
}
