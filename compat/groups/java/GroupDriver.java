import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Consumers of the Java client, driven line by line: every line of standard input is a job as JSON, every line of standard
 * output its outcome. Each consumer polls on a thread of its own, and notes what its rebalance listener is told.
 *
 * start {name, group, protocol, topics | pattern | regex, instance, assignor, strategy}
 * close {name, leave: default | remain | leave}
 * settled {names, count, ms}   until these consumers have `count` partitions together, and nothing has changed for a second
 * state {names}                what each has, has been told, and has read
 * produce {topic, count}       one record after the other, over all partitions
 * describe {group}             the group as Admin sees it
 * failure {name, ms}           until the consumer's thread has ended; by which exception
 */
public final class GroupDriver {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Member> MEMBERS = new TreeMap<>();
    private static String broker;

    public static void main(String[] args) throws Exception {
        broker = args[0];
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            ObjectNode outcome;
            try {
                outcome = run(JSON.readTree(line));
            } catch (Exception error) {
                outcome = JSON.createObjectNode().put("error", String.valueOf(error));
            }
            System.out.println(JSON.writeValueAsString(outcome));
            System.out.flush();
        }
        System.exit(0);
    }

    private static ObjectNode run(JsonNode job) throws Exception {
        String name = job.path("name").asText();
        switch (job.get("op").asText()) {
            case "start" -> {
                Member member = new Member(job);
                MEMBERS.put(name, member);
                member.thread.start();
            }
            case "close" -> MEMBERS.get(name).close(job.path("leave").asText("default"));
            case "settled" -> {
                return settled(job);
            }
            case "state" -> {
                return state(names(job));
            }
            case "produce" -> produce(job.get("topic").asText(), job.get("count").asInt());
            case "describe" -> {
                return describe(job.get("group").asText());
            }
            case "failure" -> {
                Member member = MEMBERS.get(name);
                member.thread.join(job.get("ms").asLong());
                return JSON.createObjectNode().put("failure", member.failure);
            }
            default -> throw new IllegalArgumentException(job.toString());
        }
        return JSON.createObjectNode();
    }

    private static List<String> names(JsonNode job) {
        List<String> names = new ArrayList<>();
        job.get("names").forEach(name -> names.add(name.asText()));
        return names;
    }

    private static ObjectNode settled(JsonNode job) throws Exception {
        List<String> names = names(job);
        int wanted = job.get("count").asInt();
        long end = System.nanoTime() + job.get("ms").asLong() * 1_000_000;
        long since = System.nanoTime();
        String last = "";
        while (System.nanoTime() < end) {
            Set<String> union = new TreeSet<>();
            int sum = 0;
            StringBuilder all = new StringBuilder();
            for (String name : names) {
                Set<String> has = MEMBERS.get(name).assignment();
                union.addAll(has);
                sum += has.size();
                all.append(name).append(has);
            }
            if (!all.toString().equals(last)) {
                last = all.toString();
                since = System.nanoTime();
            }
            boolean balanced = !job.path("shared").asBoolean(false)
                || names.stream().allMatch(name -> !MEMBERS.get(name).assignment().isEmpty());
            if (union.size() == wanted && sum == wanted && balanced && System.nanoTime() - since > 1_000_000_000L) {
                return JSON.createObjectNode().put("settled", true);
            }
            Thread.sleep(20);
        }
        return JSON.createObjectNode().put("settled", false).put("last", last);
    }

    private static ObjectNode state(List<String> names) {
        ObjectNode outcome = JSON.createObjectNode();
        for (String name : names) {
            Member member = MEMBERS.get(name);
            ObjectNode one = outcome.putObject(name);
            member.assignment().forEach(one.putArray("has")::add);
            synchronized (member.events) {
                member.events.forEach(one.putArray("events")::add);
            }
            one.put("read", member.read).put("failure", member.failure).put("epoch", member.epoch);
        }
        return outcome;
    }

    private static void produce(String topic, int count) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", broker);
        settings.put("linger.ms", "5");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            int partitions = producer.partitionsFor(topic).size();
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, i % partitions, null, "record " + i));
            }
        }
    }

    private static ObjectNode describe(String group) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker))) {
            ConsumerGroupDescription it = admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get();
            ObjectNode outcome = JSON.createObjectNode();
            outcome.put("state", it.groupState().toString()).put("type", it.type().toString());
            outcome.put("assignor", it.partitionAssignor()).put("members", it.members().size());
            outcome.put("epochs", it.groupEpoch().isPresent() && it.groupEpoch().equals(it.targetAssignmentEpoch()));
            int classic = 0;
            int settled = 0;
            int owned = 0;
            for (MemberDescription member : it.members()) {
                classic += member.upgraded().map(upgraded -> upgraded ? 0 : 1).orElse(1);
                settled += member.targetAssignment().map(target -> target.equals(member.assignment())).orElse(true) ? 1 : 0;
                owned += member.assignment().topicPartitions().size();
            }
            outcome.put("classic_members", classic).put("settled_members", settled).put("partitions", owned);
            ArrayNode instances = outcome.putArray("instances");
            it.members().stream().flatMap(m -> m.groupInstanceId().stream()).sorted().forEach(instances::add);
            return outcome;
        }
    }

    /** One consumer. */
    private static final class Member implements ConsumerRebalanceListener {
        final Thread thread;
        final List<String> events = new ArrayList<>();
        volatile long read;
        volatile int epoch;
        volatile String failure;
        private final JsonNode job;
        private volatile Set<String> has = new TreeSet<>();
        private volatile String leave;

        Member(JsonNode job) {
            this.job = job;
            this.thread = new Thread(this::run, job.get("name").asText());
        }

        Set<String> assignment() {
            return has;
        }

        void close(String how) throws InterruptedException {
            leave = how;
            thread.join(60_000);
        }

        private void run() {
            Properties settings = new Properties();
            settings.put("bootstrap.servers", broker);
            settings.put("group.id", job.get("group").asText());
            settings.put("client.id", job.get("name").asText());
            settings.put("group.protocol", job.get("protocol").asText());
            settings.put("auto.offset.reset", "earliest");
            settings.put("metadata.max.age.ms", "1000");
            optional(settings, "instance", "group.instance.id");
            optional(settings, "assignor", "group.remote.assignor");
            optional(settings, "strategy", "partition.assignment.strategy");
            if (job.get("protocol").asText().equals("classic")) {
                settings.put("heartbeat.interval.ms", "500");
            }
            try {
                var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
                try {
                    subscribe(consumer);
                    while (leave == null) {
                        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                            read++;
                        }
                        has = show(consumer.assignment());
                        epoch = consumer.groupMetadata().generationId();
                    }
                } finally {
                    var how = switch (leave == null ? "default" : leave) {
                        case "remain" -> CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP;
                        case "leave" -> CloseOptions.GroupMembershipOperation.LEAVE_GROUP;
                        default -> CloseOptions.GroupMembershipOperation.DEFAULT;
                    };
                    consumer.close(CloseOptions.groupMembershipOperation(how).withTimeout(Duration.ofSeconds(20)));
                }
            } catch (Exception error) {
                failure = error.getClass().getSimpleName();
            }
            has = new TreeSet<>();
        }

        private void optional(Properties settings, String field, String setting) {
            if (job.hasNonNull(field)) {
                settings.put(setting, job.get(field).asText());
            }
        }

        private void subscribe(KafkaConsumer<String, String> consumer) {
            if (job.hasNonNull("regex")) {
                consumer.subscribe(new SubscriptionPattern(job.get("regex").asText()), this);
            } else if (job.hasNonNull("pattern")) {
                consumer.subscribe(Pattern.compile(job.get("pattern").asText()), this);
            } else {
                List<String> topics = new ArrayList<>();
                job.get("topics").forEach(topic -> topics.add(topic.asText()));
                consumer.subscribe(topics, this);
            }
        }

        private void note(String what, Collection<TopicPartition> partitions) {
            synchronized (events) {
                events.add(what + " " + partitions.size());
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            note("assigned", partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            note("revoked", partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            note("lost", partitions);
        }

        private static Set<String> show(Collection<TopicPartition> partitions) {
            Set<String> shown = new TreeSet<>();
            partitions.forEach(partition -> shown.add(partition.toString()));
            return shown;
        }
    }
}
