import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs the main methods of Kafka's command line tools one after another in one JVM, since starting a JVM for each takes
 * longer than the tool itself.
 *
 * Every line of standard input is a job: {"main": class, "args": [...], "stdin": text, "stdin_file": path,
 * "stdout_file": path, "timeout_ms": n}. Every line of standard output is the outcome of the job before it: {"exit": n,
 * "stdout": text, "stderr": text, "timed_out": bool}. An exit that a tool asks for ends its job, not the JVM.
 */
public final class ToolDriver {
    /** Thrown where a tool would have ended the JVM. */
    private static final class ExitRequested extends Error {
        ExitRequested() {
            super("exit", null, false, false);
        }
    }

    /** One place that standard output or error can be pointed at anew; tools may keep the stream they saw first. */
    private static final class Switch extends OutputStream {
        volatile OutputStream target = OutputStream.nullOutputStream();

        @Override
        public void write(int b) throws IOException {
            target.write(b);
        }

        @Override
        public void write(byte[] b, int from, int count) throws IOException {
            target.write(b, from, count);
        }

        @Override
        public void flush() throws IOException {
            target.flush();
        }
    }

    private static final class InputSwitch extends InputStream {
        volatile InputStream target = InputStream.nullInputStream();

        @Override
        public int read() throws IOException {
            return target.read();
        }

        @Override
        public int read(byte[] b, int from, int count) throws IOException {
            return target.read(b, from, count);
        }

        @Override
        public int available() throws IOException {
            return target.available();
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Switch OUT = new Switch();
    private static final Switch ERR = new Switch();
    private static final InputSwitch IN = new InputSwitch();
    private static final List<Runnable> HOOKS = new CopyOnWriteArrayList<>();
    private static volatile Integer exitCode;

    public static void main(String[] unused) throws Exception {
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream outcomes = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, "UTF-8");
        System.setOut(new PrintStream(OUT, true, "UTF-8"));
        System.setErr(new PrintStream(ERR, true, "UTF-8"));
        System.setIn(IN);
        Exit.Procedure exit = (code, message) -> {
            if (exitCode == null) {
                exitCode = code;
            }
            throw new ExitRequested();
        };
        Exit.setExitProcedure(exit);
        Exit.setHaltProcedure(exit);
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(hook));
        for (String line = jobs.readLine(); line != null; line = jobs.readLine()) {
            outcomes.println(JSON.writeValueAsString(run(JSON.readTree(line))));
        }
        Runtime.getRuntime().halt(0);
    }

    private static ObjectNode run(JsonNode job) throws Exception {
        ByteArrayOutputStream standardOutput = new ByteArrayOutputStream();
        ByteArrayOutputStream standardError = new ByteArrayOutputStream();
        OutputStream output = job.hasNonNull("stdout_file")
            ? new BufferedOutputStream(new FileOutputStream(job.get("stdout_file").asText()), 1 << 16)
            : standardOutput;
        IN.target = job.hasNonNull("stdin_file")
            ? new BufferedInputStream(new FileInputStream(job.get("stdin_file").asText()), 1 << 16)
            : new ByteArrayInputStream(job.path("stdin").asText("").getBytes(StandardCharsets.UTF_8));
        OUT.target = output;
        ERR.target = standardError;
        exitCode = null;
        List<String> arguments = new ArrayList<>();
        job.get("args").forEach(argument -> arguments.add(argument.asText()));
        Thread thread = new Thread(() -> call(job.get("main").asText(), arguments.toArray(new String[0])), "job");
        thread.start();
        thread.join(job.path("timeout_ms").asLong(60_000));
        boolean timedOut = thread.isAlive();
        runHooks();
        if (timedOut) {
            thread.join(5_000);
            thread.interrupt();
            thread.join(5_000);
        }
        System.out.flush();
        System.err.flush();
        OUT.target = OutputStream.nullOutputStream();
        ERR.target = OutputStream.nullOutputStream();
        output.close();
        IN.target.close();
        ObjectNode outcome = JSON.createObjectNode();
        outcome.put("exit", exitCode == null ? 0 : exitCode);
        outcome.put("stdout", standardOutput.toString(StandardCharsets.UTF_8));
        outcome.put("stderr", standardError.toString(StandardCharsets.UTF_8));
        outcome.put("timed_out", timedOut);
        return outcome;
    }

    /** What the tools wanted done at the end of the JVM: they stop their loops and close their clients here. */
    private static void runHooks() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (Runnable hook : HOOKS) {
            Thread thread = new Thread(hook, "hook");
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        HOOKS.clear();
        for (Thread thread : threads) {
            thread.join(3_000);
        }
    }

    private static void call(String main, String[] arguments) {
        try {
            Class.forName(main).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException failed) {
            if (!(failed.getCause() instanceof ExitRequested)) {
                failed.getCause().printStackTrace();
                exitCode = exitCode == null ? Integer.valueOf(1) : exitCode;
            }
        } catch (ReflectiveOperationException failed) {
            failed.printStackTrace();
            exitCode = 127;
        }
    }
}
