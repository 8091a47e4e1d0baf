"""Kafka's own command line tools, run one after another in one JVM (lib/java/ToolDriver.java)."""
import json
import subprocess

import clients
import places


class Tools:
    def __init__(self, heap="-Xmx512m"):
        self.process = subprocess.Popen(
            [places.java(), heap, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8",
             "-Duser.timezone=UTC", "-Duser.language=en",
             f"-Dlog4j2.configurationFile={places.COMPAT}/kafka/log4j2-tools.properties",
             "-cp", f"{clients.java_classes()}:{places.kafka_libs()}/*", "ToolDriver"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
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
