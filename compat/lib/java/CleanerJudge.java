package org.apache.kafka.storage.internals.log;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.FileLogInputStream;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.checkpoint.OffsetCheckpointFile;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * The real Kafka's cleaner, and the real Kafka's eyes, on logs in a folder. It stands in Kafka's package for the sake of
 * what chooses the dirty section, which is not public.
 *
 * Every line of standard input is a command; its answer ends with a line of its own, "." if all went well:
 *   clean DIR COUNT NOW        compacts the logs DIR/log0-0 to DIR/log(COUNT-1)-0, with DIR/logN.settings
 *   foreign DIR NOW            compacts every replica folder in DIR
 *   dump DIR NAME FILE         writes what is in the log DIR/NAME to FILE
 *   recover DIR NAME POINT FILE  opens the log as after a crash, with this recovery point, and does the same
 *   produce SERVER TOPIC SEED  fills a topic by producers of every kind
 */
public final class CleanerJudge {
    private static final KafkaScheduler SCHEDULER = new KafkaScheduler(1);

    private CleanerJudge() {
    }

    public static void main(String[] arguments) throws Exception {
        SCHEDULER.startup();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            try {
                switch (words[0]) {
                    case "clean" -> {
                        List<String> names = new ArrayList<>();
                        for (int seed = 0; seed < Integer.parseInt(words[2]); seed++) {
                            names.add("log" + seed + "-0");
                        }
                        clean(new File(words[1]), names, Long.parseLong(words[3]));
                    }
                    case "foreign" -> {
                        String[] names = new File(words[1]).list((dir, name) -> name.matches(".+-\\d+") && !name.startsWith("__cluster"));
                        clean(new File(words[1]), List.of(names), Long.parseLong(words[2]));
                    }
                    case "dump" -> dump(new File(words[1], words[2]), Long.MAX_VALUE, true, words[3]);
                    case "recover" -> dump(new File(words[1], words[2]), Long.parseLong(words[3]), false, words[4]);
                    case "produce" -> produce(words[1], words[2], Long.parseLong(words[3]));
                    default -> throw new IllegalArgumentException(words[0]);
                }
                System.out.println(".");
            } catch (Exception failed) {
                failed.printStackTrace();
                System.out.println("failed: " + failed);
                System.out.println("!");
            }
            System.out.flush();
        }
        System.exit(0);
    }

    private static Properties settings(File folder, String name) throws Exception {
        Properties properties = new Properties();
        File file = new File(folder, name.substring(0, name.lastIndexOf('-')) + ".settings");
        if (file.exists()) {
            try (FileInputStream stream = new FileInputStream(file)) {
                properties.load(stream);
            }
        } else {
            properties.put("internal.segment.bytes", "1048576");
            properties.put("delete.retention.ms", "1000");
        }
        properties.put("cleanup.policy", "compact");
        properties.put("file.delete.delay.ms", "0");
        return properties;
    }

    private static UnifiedLog open(File dir, Properties properties, long recoveryPoint, boolean isClean) throws Exception {
        Properties known = new Properties();
        properties.forEach((key, value) -> {
            if (!key.equals("dedupe.buffer.size")) {
                known.put(key, value);
            }
        });
        UnifiedLog log = UnifiedLog.create(dir, new LogConfig(known), 0L, recoveryPoint, SCHEDULER, new BrokerTopicStats(), Time.SYSTEM,
            900_000, new ProducerStateManagerConfig(86_400_000, false), 600_000, new LogDirFailureChannel(10), isClean, Optional.empty());
        log.updateHighWatermark(log.logEndOffset());
        return log;
    }

    private static void clean(File folder, List<String> names, long now) throws Exception {
        OffsetCheckpointFile checkpoint =
            new OffsetCheckpointFile(new File(folder, LogCleanerManager.OFFSET_CHECKPOINT_FILE), new LogDirFailureChannel(10));
        Map<TopicPartition, Long> offsets = new HashMap<>(checkpoint.read());
        for (String name : names) {
            Properties properties = settings(folder, name);
            UnifiedLog log = open(new File(folder, name), properties, Long.MAX_VALUE, true);
            Long last = offsets.get(log.topicPartition());
            LogCleanerManager.OffsetsToClean range = LogCleanerManager.cleanableOffsets(log, Optional.ofNullable(last), now);
            LogToClean toClean = new LogToClean(log, range.firstDirtyOffset(), range.firstUncleanableDirtyOffset(), false);
            if (toClean.cleanableBytes() == 0) {
                System.out.println(name + ": nothing is dirty");
            } else {
                int memory = Integer.parseInt(properties.getProperty("dedupe.buffer.size", "1048576"));
                Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(memory), 65536, 1 << 20, 0.9,
                    new Throttler(Double.MAX_VALUE, 300, "cleaner-io", "bytes", Time.SYSTEM), Time.SYSTEM, partition -> { });
                Map.Entry<Long, CleanerStats> done = cleaner.doClean(toClean, now);
                System.out.println(name + ": dirty from " + toClean.firstDirtyOffset() + " to " + uncleanable(toClean)
                    + ", clean to " + done.getKey() + ", " + done.getValue().messagesWritten + " records");
                offsets.put(log.topicPartition(), done.getKey());
            }
            log.close();
        }
        checkpoint.write(offsets);
    }

    private static long uncleanable(LogToClean toClean) throws Exception {
        java.lang.reflect.Field field = LogToClean.class.getDeclaredField("firstUncleanableOffset");
        field.setAccessible(true);
        return field.getLong(toClean);
    }

    /** What is in a log: batches with their headers, records, aborted transactions, producers, and files that should not be there. */
    private static void dump(File dir, long recoveryPoint, boolean isClean, String file) throws Exception {
        UnifiedLog log = open(dir, settings(dir.getParentFile(), dir.getName()), recoveryPoint, isClean);
        StringBuilder text = new StringBuilder();
        StringBuilder aborted = new StringBuilder();
        int segments = 0;
        for (LogSegment segment : log.logSegments()) {
            segments++;
            for (FileLogInputStream.FileChannelRecordBatch batch : segment.log().batches()) {
                batch.ensureValid();
                text.append("batch ").append(batch.baseOffset()).append("..").append(batch.lastOffset())
                    .append(" magic ").append(batch.magic()).append(" epoch ").append(batch.partitionLeaderEpoch())
                    .append(" producer ").append(batch.producerId()).append('/').append(batch.producerEpoch()).append('/').append(batch.baseSequence())
                    .append(batch.isTransactional() ? " transactional" : "").append(batch.isControlBatch() ? " control" : "")
                    .append(' ').append(batch.compressionType().name).append(' ').append(batch.timestampType())
                    .append(" max ").append(batch.maxTimestamp()).append(" horizon ").append(batch.deleteHorizonMs())
                    .append(" count ").append(batch.countOrNull()).append('\n');
                for (Record record : batch) {
                    text.append("  ").append(record.offset()).append(" @").append(record.timestamp())
                        .append(' ').append(show(record.key())).append('=').append(show(record.value()));
                    for (Header header : record.headers()) {
                        text.append(' ').append(header.key()).append(':')
                            .append(header.value() == null ? "-" : new String(header.value(), StandardCharsets.UTF_8));
                    }
                    text.append('\n');
                }
            }
            for (AbortedTxn transaction : segment.txnIndex().allAbortedTxns()) {
                aborted.append("aborted ").append(transaction.producerId()).append(' ').append(transaction.firstOffset()).append("..")
                    .append(transaction.lastOffset()).append(' ').append(transaction.lastStableOffset()).append('\n');
            }
            segment.sanityCheck(false);
        }
        text.append(aborted);
        log.lastRecordsOfActiveProducers().entrySet().stream().sorted(Map.Entry.comparingByKey())
            .forEach(entry -> text.append("producer ").append(entry.getKey()).append(' ').append(entry.getValue()).append('\n'));
        text.append("end ").append(log.logEndOffset()).append('\n');
        String strange = java.util.Arrays.stream(dir.list())
            .filter(name -> name.endsWith(".cleaned") || name.endsWith(".swap")).sorted().collect(Collectors.joining(" "));
        text.append("left behind: ").append(strange).append('\n');
        log.close();
        Files.writeString(Path.of(file), text);
        System.out.println(segments + " segments");
    }

    private static String show(ByteBuffer bytes) {
        return bytes == null ? "-" : StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString().replace("\n", "\\n");
    }

    private static KafkaProducer<String, String> producer(String server, String codec, String transactionalId, boolean isIdempotent) {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, server);
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, codec);
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, String.valueOf(isIdempotent));
        properties.put(ProducerConfig.LINGER_MS_CONFIG, "2");
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, "2000");
        if (transactionalId != null) {
            properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        }
        return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
    }

    /** Every codec by plain and idempotent producers, tombstones, and transactions of which every third is aborted. */
    private static void produce(String server, String topic, long seed) {
        java.util.Random random = new java.util.Random(seed);
        int count = 0;
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            for (boolean isIdempotent : List.of(false, true)) {
                try (KafkaProducer<String, String> producer = producer(server, codec, null, isIdempotent)) {
                    for (int i = 0; i < 2000; i++) {
                        producer.send(record(topic, random, count++));
                    }
                }
            }
            try (KafkaProducer<String, String> producer = producer(server, codec, topic + "-" + codec, true)) {
                producer.initTransactions();
                for (int transaction = 0; transaction < 20; transaction++) {
                    producer.beginTransaction();
                    for (int i = 0; i < 50; i++) {
                        producer.send(record(topic, random, count++));
                    }
                    producer.flush();
                    if (transaction % 3 == 0) {
                        producer.abortTransaction();
                    } else {
                        producer.commitTransaction();
                    }
                }
            }
        }
        System.out.println(count + " records");
    }

    private static ProducerRecord<String, String> record(String topic, java.util.Random random, int count) {
        String value = random.nextInt(6) == 0 ? null : ("value " + count + " ").repeat(1 + random.nextInt(20));
        ProducerRecord<String, String> record = new ProducerRecord<>(topic, 0, "key " + random.nextInt(700), value);
        if (random.nextInt(4) == 0) {
            record.headers().add("count", String.valueOf(count).getBytes(StandardCharsets.UTF_8));
        }
        return record;
    }
}
