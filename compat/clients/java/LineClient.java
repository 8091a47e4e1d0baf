import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The lines of a file to partition 0 of a topic and back, with the Java client library. */
public final class LineClient {
    private static final Duration SILENCE_MAX = Duration.ofSeconds(30);

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 1; i < args.length; i++) {
            String name = args[i].substring(2);
            options.put(name, name.equals("idempotent") ? "true" : args[++i]);
        }
        switch (args.length == 0 ? "" : args[0]) {
            case "produce" -> produce(options);
            case "consume" -> consume(options);
            default -> throw new IllegalArgumentException("produce or consume");
        }
    }

    private static void produce(Map<String, String> options) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", options.get("broker"));
        settings.put("compression.type", options.getOrDefault("codec", "none"));
        settings.put("acks", options.getOrDefault("acks", "all"));
        settings.put("enable.idempotence", options.getOrDefault("idempotent", "false"));
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (InputStream in = new BufferedInputStream(new FileInputStream(options.get("file")), 1 << 16);
             var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (byte[] line = line(in); line != null && failure.get() == null; line = line(in)) {
                producer.send(new ProducerRecord<>(options.get("topic"), 0, null, line), (metadata, error) -> {
                    if (error != null) {
                        failure.compareAndSet(null, error);
                    }
                });
            }
        }
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    private static byte[] line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        int b = in.read();
        if (b < 0) {
            return null;
        }
        for (; b >= 0 && b != '\n'; b = in.read()) {
            line.write(b);
        }
        return line.toByteArray();
    }

    private static void consume(Map<String, String> options) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", options.get("broker"));
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "none");
        long count = Long.parseLong(options.get("count"));
        TopicPartition partition = new TopicPartition(options.get("topic"), 0);
        try (OutputStream out = new BufferedOutputStream(new FileOutputStream(options.get("out")), 1 << 16);
             var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);
            long next = 0;
            while (next < count) {
                var records = consumer.poll(SILENCE_MAX);
                if (records.isEmpty()) {
                    throw new IllegalStateException("no record for " + SILENCE_MAX + " at offset " + next);
                }
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    if (record.offset() != next) {
                        throw new IllegalStateException("offset " + record.offset() + " where " + next + " is due");
                    }
                    if (next++ < count) {
                        out.write(record.value());
                        out.write('\n');
                    }
                }
            }
        }
    }
}
