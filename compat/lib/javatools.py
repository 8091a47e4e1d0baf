"""Kafka's own command line tools, run one after another in one JVM (lib/java/ToolDriver.java)."""
import json
import subprocess

import clients
import places


def jvm(heap="-Xmx512m"):
    """The command line of a JVM for tools, up to the main class."""
    return [
        places.java(), heap, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8",
        "-Duser.timezone=UTC", "-Duser.language=en",
        f"-Dlog4j2.configurationFile={places.COMPAT}/kafka/log4j2-tools.properties",
        "-cp", f"{clients.java_classes()}:{places.kafka_libs()}/*",
    ]


def alone(main, *arguments, timeout=60):
    """Runs a tool in a JVM of its own, for those that end the JVM by themselves; its outcome as from `Tools.run`."""
    line = [*jvm(), main, *map(str, arguments)]
    try:
        done = subprocess.run(line, capture_output=True, text=True, encoding="utf-8", timeout=timeout, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as late:
        said = [(part or b"").decode() for part in (late.stdout, late.stderr)]
        return {"exit": 0, "stdout": said[0], "stderr": said[1], "timed_out": True}
    return {"exit": done.returncode, "stdout": done.stdout, "stderr": done.stderr, "timed_out": False}


class Tools:
    def __init__(self, heap="-Xmx512m"):
        self.process = subprocess.Popen(
            [*jvm(heap), "ToolDriver"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def run(self, job):
        """Runs one job ({"main", "args", …}); its outcome ({"exit", "stdout", "stderr", "timed_out"})."""
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the tools' JVM ended with {self.process.wait()} in {job['main']}")
        return json.loads(line)

    def call(self, main, *arguments, **more):
        return self.run({"main": main, "args": [str(a) for a in arguments], **more})

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
