import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What Kafka's Java client sees of transactions, one line for each thing seen: the same lines come from every broker that
 * does as the real one does.
 *
 * TransactionClient BROKER scenarios          every scenario in every version of the transaction protocol
 * TransactionClient BROKER transform IN OUT GROUP ID COUNT
 *                                             consume-transform-produce, exactly once, until COUNT records are through;
 *                                             may be killed and started again, and so may the broker
 * TransactionClient BROKER read TOPIC PARTITIONS
 *                                             what is committed, one line for each record: partition, value
 */
public final class TransactionClient {
    private static final Duration POLL = Duration.ofMillis(200);
    private final String broker;
    private final Admin admin;
    private String version = "";
    private int topics = 0;

    private TransactionClient(String broker) {
        this.broker = broker;
        this.admin = Admin.create(Map.of("bootstrap.servers", broker));
    }

    public static void main(String[] arguments) throws Exception {
        TransactionClient client = new TransactionClient(arguments[0]);
        if (arguments[1].equals("transform")) {
            client.transform(arguments[2], arguments[3], arguments[4], arguments[5], Long.parseLong(arguments[6]));
        } else if (arguments[1].equals("read")) {
            client.print(arguments[2], Integer.parseInt(arguments[3]));
        } else {
            client.scenarios();
        }
        client.admin.close();
    }

    private interface Scenario {
        void run(String name) throws Exception;
    }

    private void scenarios() throws Exception {
        for (int level : new int[] {2, 1, 0}) {
            version = "tv" + level;
            setVersion(level);
            run("commit", this::commit);
            run("abort", this::abort);
            run("open", this::open);
            run("interleaved", this::interleaved);
            run("fencing", this::fencing);
            run("offsets", this::offsets);
            run("timeout", this::timeout);
            run("empty", this::empty);
            run("many", this::many);
            run("large", this::large);
            run("refused", this::refused);
            run("admin", this::admin);
        }
    }

    private void run(String name, Scenario scenario) {
        try {
            scenario.run(name);
        } catch (Throwable problem) {
            say(name, "ended by", of(problem));
        }
        System.out.flush();
    }

    private void say(String scenario, String what, Object seen) {
        System.out.println(version + " " + scenario + ": " + what + ": " + seen);
    }

    private static String of(Throwable problem) {
        Throwable cause = problem instanceof ExecutionException && problem.getCause() != null ? problem.getCause() : problem;
        return cause.getClass().getSimpleName();
    }

    private interface Action {
        Object run() throws Exception;
    }

    /** What an action gives, or the name of its exception. */
    private static Object attempt(Action action) {
        try {
            Object result = action.run();
            return result == null ? "done" : result;
        } catch (Throwable problem) {
            return of(problem);
        }
    }

    private void setVersion(int level) throws Exception {
        FeatureUpdate.UpgradeType type = level == 2 ? FeatureUpdate.UpgradeType.UPGRADE : FeatureUpdate.UpgradeType.SAFE_DOWNGRADE;
        short current = admin.describeFeatures().featureMetadata().get().finalizedFeatures().get("transaction.version").maxVersionLevel();
        if (current == level) {
            return;
        }
        try {
            admin.updateFeatures(Map.of("transaction.version", new FeatureUpdate((short) level, type)), new UpdateFeaturesOptions()).all().get();
            System.out.println("transaction.version " + current + " -> " + level);
        } catch (ExecutionException refused) {
            System.out.println("transaction.version " + current + " -> " + level + ": " + of(refused));
        }
        // Brokers learn of it a moment after the controller.
        Thread.sleep(500);
    }

    private String topic(String name, int partitions) throws Exception {
        String topic = version + "-" + name + "-" + topics++;
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
        return topic;
    }

    private KafkaProducer<String, String> producer(String id, String... more) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", broker);
        config.put("transactional.id", version + "-" + id);
        config.put("transaction.timeout.ms", 60_000);
        config.put("linger.ms", 0);
        for (int at = 0; at < more.length; at += 2) {
            config.put(more[at], more[at + 1]);
        }
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer(String isolation, String group, String... more) {
        Map<String, Object> config = new HashMap<>();
        for (int at = 0; at < more.length; at += 2) {
            config.put(more[at], more[at + 1]);
        }
        config.put("bootstrap.servers", broker);
        config.put("isolation.level", isolation);
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", false);
        config.put("fetch.max.wait.ms", 50);
        if (group != null) {
            config.put("group.id", group);
        }
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    private static List<TopicPartition> partitions(String topic, int count) {
        List<TopicPartition> all = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            all.add(new TopicPartition(topic, index));
        }
        return all;
    }

    /** The values of each partition in order, and where it ends for this reader. */
    private String read(String topic, int count, String isolation) {
        try (KafkaConsumer<String, String> consumer = consumer(isolation, null)) {
            List<TopicPartition> all = partitions(topic, count);
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            Map<Integer, List<String>> values = new TreeMap<>();
            long deadline = System.currentTimeMillis() + 20_000;
            while (all.stream().anyMatch(it -> consumer.position(it) < ends.get(it))) {
                if (System.currentTimeMillis() > deadline) {
                    return "never reached the end " + ends.values();
                }
                for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
                    values.computeIfAbsent(record.partition(), it -> new ArrayList<>()).add(record.value());
                }
            }
            Map<Integer, Long> places = new TreeMap<>();
            ends.forEach((partition, end) -> places.put(partition.partition(), end));
            return values + " of " + places;
        }
    }

    private void see(String scenario, String topic, int partitions) {
        say(scenario, "committed", read(topic, partitions, "read_committed"));
        say(scenario, "uncommitted", read(topic, partitions, "read_uncommitted"));
    }

    private static void send(KafkaProducer<String, String> producer, String topic, int partition, String... values) throws Exception {
        for (String value : values) {
            producer.send(new ProducerRecord<>(topic, partition, null, value)).get();
        }
    }

    private void commit(String name) throws Exception {
        String topic = topic(name, 2);
        try (KafkaProducer<String, String> producer = producer(name)) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, topic, 0, "a", "b");
            send(producer, topic, 1, "c");
            producer.commitTransaction();
            producer.beginTransaction();
            send(producer, topic, 0, "d");
            producer.commitTransaction();
        }
        see(name, topic, 2);
    }

    private void abort(String name) throws Exception {
        String topic = topic(name, 2);
        try (KafkaProducer<String, String> producer = producer(name)) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, topic, 0, "a");
            send(producer, topic, 1, "b");
            producer.abortTransaction();
            producer.beginTransaction();
            send(producer, topic, 0, "c");
            producer.commitTransaction();
            producer.beginTransaction();
            send(producer, topic, 0, "d");
            producer.abortTransaction();
        }
        see(name, topic, 2);
    }

    private void open(String name) throws Exception {
        String topic = topic(name, 1);
        try (KafkaProducer<String, String> producer = producer(name)) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, topic, 0, "a", "b");
            see(name, topic, 1);
            producer.commitTransaction();
            see(name, topic, 1);
        }
    }

    private void interleaved(String name) throws Exception {
        String topic = topic(name, 1);
        try (KafkaProducer<String, String> one = producer(name + "-1"); KafkaProducer<String, String> two = producer(name + "-2")) {
            one.initTransactions();
            two.initTransactions();
            one.beginTransaction();
            two.beginTransaction();
            send(one, topic, 0, "a1");
            send(two, topic, 0, "b1");
            send(one, topic, 0, "a2");
            two.commitTransaction();
            see(name, topic, 1);
            one.abortTransaction();
            two.beginTransaction();
            send(two, topic, 0, "b2");
            two.commitTransaction();
            see(name, topic, 1);
        }
    }

    private void fencing(String name) throws Exception {
        String topic = topic(name, 1);
        try (KafkaProducer<String, String> first = producer(name); KafkaProducer<String, String> second = producer(name)) {
            first.initTransactions();
            first.beginTransaction();
            send(first, topic, 0, "a");
            second.initTransactions();
            say(name, "send of the first", attempt(() -> {
                send(first, topic, 0, "b");
                return null;
            }));
            say(name, "commit of the first", attempt(() -> {
                first.commitTransaction();
                return null;
            }));
            second.beginTransaction();
            send(second, topic, 0, "c");
            second.commitTransaction();
        }
        see(name, topic, 1);
        try (KafkaProducer<String, String> first = producer(name); KafkaProducer<String, String> second = producer(name)) {
            first.initTransactions();
            first.beginTransaction();
            send(first, topic, 0, "d");
            second.initTransactions();
            say(name, "commit of the fenced", attempt(() -> {
                first.commitTransaction();
                return null;
            }));
        }
        see(name, topic, 1);
    }

    @SuppressWarnings("removal")
    private void offsets(String name) throws Exception {
        String from = topic(name, 1);
        String to = topic(name, 1);
        String group = version + "-" + name;
        try (KafkaProducer<String, String> source = producer(name + "-source")) {
            source.initTransactions();
            source.beginTransaction();
            send(source, from, 0, "a", "b", "c", "d");
            source.commitTransaction();
        }
        TopicPartition partition = new TopicPartition(from, 0);
        try (KafkaProducer<String, String> producer = producer(name); KafkaConsumer<String, String> consumer = consumer("read_committed", group)) {
            producer.initTransactions();
            consumer.subscribe(List.of(from));
            for (String end : List.of("commit", "abort", "commit")) {
                List<ConsumerRecord<String, String>> records = new ArrayList<>();
                while (records.size() < 2) {
                    consumer.poll(POLL).forEach(record -> {
                        if (records.size() < 2) {
                            records.add(record);
                        }
                    });
                }
                long next = records.get(1).offset() + 1;
                consumer.seek(partition, next);
                producer.beginTransaction();
                for (ConsumerRecord<String, String> record : records) {
                    send(producer, to, 0, record.value().toUpperCase());
                }
                producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(next)), consumer.groupMetadata());
                if (end.equals("commit")) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                    consumer.seek(partition, consumer.committed(Collections.singleton(partition)).get(partition).offset());
                }
                OffsetAndMetadata committed = consumer.committed(Collections.singleton(partition)).get(partition);
                say(name, end, "offset " + (committed == null ? "none" : committed.offset()));
            }
            ConsumerGroupMetadata stranger = new ConsumerGroupMetadata(group, 77, "nobody", Optional.empty());
            producer.beginTransaction();
            say(name, "as a stranger", attempt(() -> {
                producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(1)), stranger);
                producer.commitTransaction();
                return null;
            }));
            attempt(() -> {
                producer.abortTransaction();
                return null;
            });
            say(name, "after the stranger", consumer.committed(Collections.singleton(partition)).get(partition).offset());
        }
        see(name, to, 1);
    }

    private void timeout(String name) throws Exception {
        String topic = topic(name, 1);
        try (KafkaProducer<String, String> producer = producer(name, "transaction.timeout.ms", "1000")) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, topic, 0, "a");
            long deadline = System.currentTimeMillis() + 20_000;
            while (read(topic, 1, "read_committed").endsWith("{0=0}") && System.currentTimeMillis() < deadline) {
                Thread.sleep(200);
            }
            say(name, "send", attempt(() -> {
                send(producer, topic, 0, "b");
                return null;
            }));
            say(name, "commit", attempt(() -> {
                producer.commitTransaction();
                return null;
            }));
            say(name, "abort", attempt(() -> {
                producer.abortTransaction();
                return null;
            }));
            say(name, "again", attempt(() -> {
                producer.beginTransaction();
                send(producer, topic, 0, "c");
                producer.commitTransaction();
                return null;
            }));
        }
        see(name, topic, 1);
    }

    private void empty(String name) throws Exception {
        String topic = topic(name, 1);
        try (KafkaProducer<String, String> producer = producer(name)) {
            producer.initTransactions();
            for (int turn = 0; turn < 3; turn++) {
                producer.beginTransaction();
                producer.commitTransaction();
                producer.beginTransaction();
                producer.abortTransaction();
            }
            producer.beginTransaction();
            send(producer, topic, 0, "a");
            producer.commitTransaction();
        }
        see(name, topic, 1);
    }

    private void many(String name) throws Exception {
        String topic = topic(name, 3);
        try (KafkaProducer<String, String> producer = producer(name)) {
            producer.initTransactions();
            for (int turn = 0; turn < 60; turn++) {
                producer.beginTransaction();
                for (int index = 0; index < 3; index++) {
                    producer.send(new ProducerRecord<>(topic, index, null, Integer.toString(turn)));
                }
                producer.flush();
                if (turn % 3 == 2) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
        see(name, topic, 3);
    }

    private void large(String name) throws Exception {
        String topic = topic(name, 3);
        try (KafkaProducer<String, String> producer = producer(name, "batch.size", "1000")) {
            producer.initTransactions();
            for (boolean commits : new boolean[] {true, false, true}) {
                producer.beginTransaction();
                for (int number = 0; number < 6000; number++) {
                    producer.send(new ProducerRecord<>(topic, number % 3, null, Integer.toString(number)));
                }
                producer.flush();
                if (commits) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
        }
        String seen = read(topic, 3, "read_committed");
        say(name, "committed", seen.length() + " characters, hash " + seen.hashCode() + seen.substring(seen.lastIndexOf(" of ")));
    }

    private void refused(String name) throws Exception {
        String topic = topic(name, 1);
        try (KafkaProducer<String, String> producer = producer(name, "transaction.timeout.ms", "900001")) {
            say(name, "timeout above the broker's", attempt(() -> {
                producer.initTransactions();
                return null;
            }));
        }
        try (KafkaProducer<String, String> producer = producer(name, "max.block.ms", "3000")) {
            producer.initTransactions();
            producer.beginTransaction();
            say(name, "unknown topic", attempt(() -> {
                send(producer, topic, 7, "a");
                return null;
            }));
            say(name, "too large", attempt(() -> {
                producer.send(new ProducerRecord<>(topic, 0, null, "x".repeat(900_000))).get();
                return null;
            }));
            attempt(() -> {
                producer.abortTransaction();
                return null;
            });
            producer.beginTransaction();
            send(producer, topic, 0, "a");
            producer.commitTransaction();
        }
        String seen = read(topic, 1, "read_committed");
        say(name, "committed", seen);
    }

    private void admin(String name) throws Exception {
        String topic = topic(name, 2);
        String id = version + "-" + name;
        try (KafkaProducer<String, String> producer = producer(name)) {
            producer.initTransactions();
            say(name, "at first", describe(id));
            producer.beginTransaction();
            send(producer, topic, 0, "a", "b");
            send(producer, topic, 1, "c");
            say(name, "open", describe(id));
            say(name, "listed", listed(id));
            say(name, "producers", producers(topic));
            producer.commitTransaction();
            say(name, "committed", describe(id));
            say(name, "producers", producers(topic));
            producer.beginTransaction();
            send(producer, topic, 0, "d");
            ProducerState state = admin.describeProducers(List.of(new TopicPartition(topic, 0))).partitionResult(new TopicPartition(topic, 0)).get().activeProducers().get(0);
            AbortTransactionSpec hanging = new AbortTransactionSpec(
                new TopicPartition(topic, 0), state.producerId(), (short) state.producerEpoch(), state.coordinatorEpoch().orElse(0));
            say(name, "abort by hand", attempt(() -> {
                admin.abortTransaction(hanging).all().get();
                return null;
            }));
            say(name, "seen", read(topic, 2, "read_committed"));
            say(name, "fence", attempt(() -> {
                admin.fenceProducers(List.of(id)).all().get();
                return null;
            }));
            say(name, "commit of the fenced", attempt(() -> {
                producer.commitTransaction();
                return null;
            }));
        }
        say(name, "unknown id", attempt(() -> admin.describeTransactions(List.of("nobody")).description("nobody").get()));
        see(name, topic, 2);
    }

    /** State, timeout and partitions; what differs from run to run is left out. */
    private String describe(String id) throws Exception {
        long deadline = System.currentTimeMillis() + 5_000;
        while (true) {
            TransactionDescription it = admin.describeTransactions(List.of(id)).description(id).get();
            String state = it.state().toString();
            if (!state.startsWith("Prepar") || System.currentTimeMillis() > deadline) {
                boolean started = it.transactionStartTimeMs().isPresent();
                List<String> partitions = new ArrayList<>();
                it.topicPartitions().forEach(partition -> partitions.add(partition.toString()));
                Collections.sort(partitions);
                return state + " epoch " + it.producerEpoch() + " timeout " + it.transactionTimeoutMs() + " started " + started + " " + partitions;
            }
            Thread.sleep(50);
        }
    }

    private String listed(String id) throws Exception {
        List<String> all = new ArrayList<>();
        for (ListTransactionsOptions options : Arrays.asList(
                new ListTransactionsOptions().filterOnTransactionalIdPattern(id.replace("admin", "a.*n")),
                new ListTransactionsOptions().filterOnTransactionalIdPattern(id).filterOnDuration(3_600_000),
                new ListTransactionsOptions().filterOnTransactionalIdPattern("tv").filterOnDuration(-1))) {
            Collection<TransactionListing> found = admin.listTransactions(options).all().get();
            found.forEach(it -> all.add(it.transactionalId() + " " + it.state()));
            all.add("|");
        }
        return all.toString();
    }

    private String producers(String topic) throws Exception {
        List<String> all = new ArrayList<>();
        for (TopicPartition partition : partitions(topic, 2)) {
            for (ProducerState it : admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers()) {
                all.add("epoch " + it.producerEpoch() + " sequence " + it.lastSequence() + " coordinator " + it.coordinatorEpoch().orElse(-1)
                    + " since " + it.currentTransactionStartOffset().orElse(-1));
            }
        }
        return all.toString();
    }

    private void print(String topic, int count) {
        try (KafkaConsumer<String, String> consumer = consumer("read_committed", null)) {
            List<TopicPartition> all = partitions(topic, count);
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            StringBuilder lines = new StringBuilder();
            while (all.stream().anyMatch(it -> consumer.position(it) < ends.get(it))) {
                consumer.poll(POLL).forEach(record -> lines.append(record.partition()).append(' ').append(record.value()).append('\n'));
            }
            System.out.print(lines);
        }
    }

    /** Doubles numbers from one topic to another until `count` have been taken, with the offsets in the transactions. */
    private void transform(String from, String to, String group, String id, long count) throws Exception {
        long transactions = 0;
        while (true) {
            try (KafkaProducer<String, String> producer = producer(id, "transaction.timeout.ms", "10000", "max.block.ms", "60000",
                        "retry.backoff.ms", "20", "reconnect.backoff.ms", "10", "reconnect.backoff.max.ms", "100");
                    KafkaConsumer<String, String> consumer = consumer("read_committed", group, "max.poll.records", "40",
                        "reconnect.backoff.ms", "10", "reconnect.backoff.max.ms", "100", "session.timeout.ms", "6000", "heartbeat.interval.ms", "500")) {
                producer.initTransactions();
                consumer.subscribe(List.of(from));
                while (true) {
                    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
                    List<ConsumerRecord<String, String>> records = new ArrayList<>();
                    consumer.poll(POLL).forEach(records::add);
                    if (records.isEmpty()) {
                        long done = 0;
                        for (OffsetAndMetadata it : consumer.committed(consumer.assignment()).values()) {
                            done += it == null ? 0 : it.offset();
                        }
                        if (!consumer.assignment().isEmpty() && done >= count) {
                            System.out.println("transactions " + transactions);
                            return;
                        }
                        continue;
                    }
                    producer.beginTransaction();
                    for (ConsumerRecord<String, String> record : records) {
                        String doubled = Long.toString(2 * Long.parseLong(record.value()));
                        producer.send(new ProducerRecord<>(to, record.partition(), record.key(), doubled));
                        next.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
                    }
                    producer.sendOffsetsToTransaction(next, consumer.groupMetadata());
                    producer.commitTransaction();
                    transactions++;
                }
            } catch (Exception problem) {
                // A new producer fences the old one and begins where the last transaction ended.
                System.err.println("begins anew: " + problem);
            }
        }
    }
}
