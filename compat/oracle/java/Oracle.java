import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import java.util.jar.JarFile;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.RefreshRetriableException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Kafka's own message classes as the judge of ours.
 *
 * <pre>
 * Oracle write SEED SAMPLES OUT JAR...   random values of every class in every version, encoded
 * Oracle check IN JAR...                 decodes and encodes what it reads, and compares
 * Oracle tables OUT                      the API table and the error table, one row a line, fields between tabs
 * </pre>
 *
 * Records of a file: name (writeUTF), version (i16), size (i32), bytes.
 */
public final class Oracle {
    private static final String[] CHARACTERS = {"a", "b", "z", "0", "-", ".", "_", " ", "é", "ß", "漢", "😀"};

    private final Random random;

    private Oracle(long seed) {
        random = new Random(seed);
    }

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "write" -> write(Long.parseLong(args[1]), Integer.parseInt(args[2]), Path.of(args[3]), rest(args, 4));
            case "tables" -> tables(Path.of(args[1]));
            case "check" -> check(Path.of(args[1]), rest(args, 2));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static List<String> rest(String[] args, int from) {
        return Arrays.asList(args).subList(from, args.length);
    }

    private static void tables(Path out) throws IOException {
        List<String> lines = new ArrayList<>();
        for (ApiKeys api : ApiKeys.values()) {
            if (!api.hasValidVersion()) continue;
            boolean broker = api.inScope(ApiMessageType.ListenerType.BROKER);
            boolean controller = api.inScope(ApiMessageType.ListenerType.CONTROLLER);
            lines.add(String.join("\t", "api", "" + api.id, api.name, "" + api.oldestVersion(),
                "" + api.latestVersion(true), "" + api.latestVersion(false), "" + broker, "" + controller,
                "" + api.forwardable, "" + api.clusterAction));
        }
        for (Errors error : Errors.values()) {
            Exception e = error.exception();
            boolean refresh = e instanceof InvalidMetadataException || e instanceof RefreshRetriableException;
            String retry = refresh ? "AfterRefresh" : e instanceof RetriableException ? "Later" : "Never";
            String message = error == Errors.NONE ? "no error" : error.message();
            lines.add(String.join("\t", "error", "" + error.code(), error.name(), retry, message));
        }
        Files.write(out, lines);
    }

    /** Every generated top-level message class of the jars that has a version, by Kafka's name. */
    private static TreeMap<String, Class<?>> messages(List<String> jars) throws Exception {
        TreeMap<String, Class<?>> found = new TreeMap<>();
        for (String jar : jars) {
            List<String> entries;
            try (JarFile file = new JarFile(jar)) {
                entries = file.stream().map(entry -> entry.getName()).toList();
            }
            for (String entry : entries) {
                boolean generated = entry.contains("/common/message/") || entry.contains("/generated/")
                    || entry.contains("/common/metadata/");
                if (!generated || !entry.endsWith(".class") || entry.contains("$")
                        || entry.endsWith("JsonConverter.class")) continue;
                String name = entry.substring(0, entry.length() - ".class".length()).replace('/', '.');
                Class<?> type = Class.forName(name, false, Oracle.class.getClassLoader());
                if (type.isInterface() || !Message.class.isAssignableFrom(type)) continue;
                Message message = (Message) type.getConstructor().newInstance();
                if (message.lowestSupportedVersion() <= message.highestSupportedVersion()) {
                    found.put(type.getSimpleName().replaceFirst("(Request|Response|Header)Data$", "$1"), type);
                }
            }
        }
        return found;
    }

    private static void write(long seed, int samples, Path out, List<String> jars) throws Exception {
        Oracle oracle = new Oracle(seed);
        long count = 0;
        int versions = 0;
        TreeMap<String, Class<?>> messages = messages(jars);
        try (DataOutputStream stream = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(out)))) {
            for (var entry : messages.entrySet()) {
                Message any = (Message) entry.getValue().getConstructor().newInstance();
                for (short v = any.lowestSupportedVersion(); v <= any.highestSupportedVersion(); v++) {
                    versions++;
                    for (int i = 0; i < samples; i++) {
                        byte[] bytes = encode((Message) oracle.struct(entry.getValue(), v), v);
                        stream.writeUTF(entry.getKey());
                        stream.writeShort(v);
                        stream.writeInt(bytes.length);
                        stream.write(bytes);
                        count++;
                    }
                }
            }
        }
        System.out.printf("%d messages, %d versions, %d samples written%n", messages.size(), versions, count);
    }

    private static byte[] encode(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        int size = message.size(cache, version);
        ByteBuffer buffer = ByteBuffer.allocate(size);
        message.write(new ByteBufferAccessor(buffer), cache, version);
        if (buffer.hasRemaining()) throw new IllegalStateException("size " + size + " was too large");
        return buffer.array();
    }

    private static void check(Path in, List<String> jars) throws Exception {
        TreeMap<String, Class<?>> messages = messages(jars);
        long agreed = 0;
        long differed = 0;
        TreeMap<String, Long> unknown = new TreeMap<>();
        try (DataInputStream stream = new DataInputStream(new BufferedInputStream(Files.newInputStream(in)))) {
            while (true) {
                String name;
                try {
                    name = stream.readUTF();
                } catch (EOFException end) {
                    break;
                }
                short version = stream.readShort();
                byte[] bytes = new byte[stream.readInt()];
                stream.readFully(bytes);
                Class<?> type = messages.get(name);
                Message message = type == null ? null : (Message) type.getConstructor().newInstance();
                if (message == null || version > message.highestSupportedVersion()
                        || version < message.lowestSupportedVersion()) {
                    unknown.merge(name + " " + version, 1L, Long::sum);
                    continue;
                }
                String difference = difference(message, version, bytes);
                if (difference == null) {
                    agreed++;
                } else if (differed++ < 20) {
                    System.out.println("DIFFERS " + name + " " + version + ": " + difference);
                }
            }
        }
        System.out.printf("%d samples agree, %d differ, %d messages x versions unknown to these jars: %s%n",
            agreed, differed, unknown.size(), unknown.keySet());
        if (differed > 0) System.exit(1);
    }

    private static String difference(Message message, short version, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            message.read(new ByteBufferAccessor(buffer), version);
            if (buffer.hasRemaining()) return buffer.remaining() + " bytes left";
            byte[] again = encode(message, version);
            if (Arrays.equals(bytes, again)) return null;
            return hex(bytes) + " became " + hex(again) + " by " + message;
        } catch (RuntimeException e) {
            return hex(bytes) + ": " + e;
        }
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) text.append(String.format("%02x", b));
        return text.length() > 400 ? text.substring(0, 400) + "..." : text.toString();
    }

    /** A random value of a generated class, with only the fields that the version has. */
    private Object struct(Class<?> type, short version) throws Exception {
        Constructor<?> constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        Object value = constructor.newInstance();
        Schema[] schemas = (Schema[]) type.getDeclaredField("SCHEMAS").get(null);
        for (BoundField bound : schemas[version].fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                for (Field field : tagged.fields().values()) {
                    if (random.nextBoolean()) set(value, field, version);
                }
            } else {
                set(value, bound.def, version);
            }
        }
        return value;
    }

    private void set(Object value, Field field, short version) throws Exception {
        String wanted = "set" + field.name.replace("_", "");
        for (Method method : value.getClass().getMethods()) {
            if (!method.getName().toLowerCase(Locale.ROOT).equals(wanted)) continue;
            boolean isNull = field.type.isNullable() && random.nextInt(3) == 0;
            Type parameter = method.getGenericParameterTypes()[0];
            method.invoke(value, isNull ? null : value(parameter, field.type, version));
            return;
        }
        throw new IllegalStateException(value.getClass() + " has no setter for " + field.name);
    }

    private Object value(Type parameter, org.apache.kafka.common.protocol.types.Type type, short version)
            throws Exception {
        if (parameter instanceof ParameterizedType list) {
            return fill(new ArrayList<>(), list.getActualTypeArguments()[0], type, version);
        }
        Class<?> wanted = (Class<?>) parameter;
        if (Collection.class.isAssignableFrom(wanted)) {
            Type element = ((ParameterizedType) wanted.getGenericSuperclass()).getActualTypeArguments()[0];
            @SuppressWarnings("unchecked")
            Collection<Object> collection = (Collection<Object>) wanted.getConstructor().newInstance();
            return fill(collection, element, type, version);
        }
        if (Message.class.isAssignableFrom(wanted)) return struct(wanted, version);
        String name = wanted.getSimpleName();
        return switch (name) {
            case "boolean", "Boolean" -> random.nextBoolean();
            case "byte", "Byte" -> (byte) number();
            case "short", "Short" -> (short) number();
            case "int", "Integer" -> type.toString().equals("UINT16") ? (int) number() & 0xffff : (int) number();
            case "long", "Long" -> type.toString().equals("UINT32") ? number() & 0xffffffffL : number();
            case "double" -> random.nextGaussian() * 1e9;
            case "String" -> text();
            case "Uuid" -> random.nextInt(4) == 0 ? Uuid.ZERO_UUID : new Uuid(random.nextLong(), random.nextLong());
            case "byte[]" -> bytes();
            case "ByteBuffer" -> ByteBuffer.wrap(bytes());
            case "BaseRecords" -> MemoryRecords.readableRecords(ByteBuffer.wrap(bytes()));
            default -> throw new IllegalStateException("no random " + name);
        };
    }

    private Collection<Object> fill(
        Collection<Object> collection,
        Type element,
        org.apache.kafka.common.protocol.types.Type type,
        short version
    ) throws Exception {
        boolean isStruct = element instanceof Class<?> c && Message.class.isAssignableFrom(c);
        int size = random.nextInt(isStruct ? 200 : 40) == 0 ? 130 : random.nextInt(isStruct ? 3 : 5);
        for (int i = 0; i < size; i++) {
            collection.add(value(element, type.arrayElementType().orElseThrow(), version));
        }
        return collection;
    }

    private long number() {
        return switch (random.nextInt(10)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Long.MAX_VALUE;
            case 3 -> Long.MIN_VALUE;
            case 4 -> Integer.MAX_VALUE;
            case 5 -> Integer.MIN_VALUE;
            case 6 -> random.nextInt(200);
            default -> random.nextLong();
        };
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        int size = random.nextInt(40) == 0 ? 130 : random.nextInt(12);
        for (int i = 0; i < size; i++) text.append(CHARACTERS[random.nextInt(CHARACTERS.length)]);
        return text.toString();
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(40) == 0 ? 130 : random.nextInt(20)];
        random.nextBytes(bytes);
        return bytes;
    }
}
