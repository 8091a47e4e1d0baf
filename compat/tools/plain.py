"""Makes a tool's output comparable: what differs from run to run or by the machine becomes a word."""
import json
import re

MASKS = [
    # The tools catch the exit that ends their job (see ToolDriver) and report it.
    (re.compile(r"^exit\nToolDriver\$ExitRequested: exit$", re.M), ""),
    (re.compile(r"^\[\d{4}-\d\d-\d\d [^]]*\] (WARN|INFO) .*$", re.M), ""),
    (re.compile(r"^\[\d{4}-\d\d-\d\d [^]]*\] ERROR ", re.M), "ERROR "),
    (re.compile(r"\s\([a-z][\w.]+\.[A-Z]\w+\)$", re.M), ""),
    (re.compile(r"^\s+at [\w.$/<>]+\(.*\)$", re.M), ""),
    (re.compile(r"^\s+\.\.\. \d+ more$", re.M), ""),
    (re.compile(r"(console-consumer|perf-consumer|test-group)-\d+"), r"<\1>"),
    (re.compile(r"\b(consumer|producer|adminclient)-[\w.-]*?\d+(-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?"), r"<\1>"),
    (re.compile(r"TopicId: [\w-]{22}"), "TopicId: <id>"),
    (re.compile(r"\bA{22}\b"), "<id>"),
    (re.compile(r"(?<![\w.$-])(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{22}(?![\w-])"), "<id>"),
    (re.compile(r"\b1[789]\d{11}\b"), "<time>"),
    (re.compile(r"\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d[:.,]\d+Z?"), "<time>"),
    (re.compile(r"\b\d+ ms ago"), "<some time> ago"),
    (re.compile(r"TimeoutException: (Timed out waiting|Call\().*"), "TimeoutException: <too late>"),
    (re.compile(r"(__consumer_offsets:\d+):\d+"), r"\1:<n>"),
    (re.compile(r"^(LeaderEpoch|HighWatermark|MaxFollowerLagTimeMs):(\s+)\d+", re.M), r"\1:\2<n>"),
    (re.compile(r"^(\d+ +\t<id>\t)\d+ +\t", re.M), r"\1<n>\t"),
    (re.compile(r"\bEpoch: \d+$", re.M), "Epoch: <n>"),
]
# A config that only Ottla has.
OURS = re.compile(r"^  ack\.durability=.*\n?", re.M)
TOPIC_CONFIGS = re.compile(r"(?<=\tConfigs: ).*$", re.M)
NUMBER = re.compile(r"\d+(\.\d+)?")


def comparable(outcome, view, replacements):
    """Exit code, standard output (through the view of that name) and standard error, in words that can be compared."""
    parts = [f"exit {outcome['exit']}" + (" (time is up)" if outcome["timed_out"] else "")]
    for stream in ("stdout", "stderr"):
        said = outcome[stream]
        for old, new in replacements:
            said = said.replace(old, new)
        if stream == "stdout":
            said = "\n".join(VIEWS[view](said.splitlines()))
        for pattern, new in MASKS:
            said = pattern.sub(new, said)
        said = TOPIC_CONFIGS.sub(in_order, OURS.sub("", said))
        kept = [line.rstrip() for line in said.splitlines() if line.strip()]
        if view == "sorted":
            kept.sort()
        parts += [f"{stream}:", *kept] if kept else []
    return "\n".join(parts) + "\n"


def in_order(configs):
    """The configs of a topic come in the order of a hash table."""
    return ",".join(sorted(re.split(r",(?=[a-z.]+=)", configs[0])))


def perf(lines):
    """Counts of records stay, measured numbers go, lines about windows of time go."""
    kept = []
    for line in lines:
        if "records/sec" in line and "99th" not in line:
            continue
        counted = re.match(r"\d+ records sent", line)
        start = counted.end() if counted else 0
        line = line[:start] + NUMBER.sub("<n>", line[start:])
        # How many lines of the same form there are depends on speed.
        if not kept or kept[-1] != line:
            kept.append(line)
    return kept


def events(lines):
    """What a verifiable client said, without the times, the order and the grouping that depend on time."""
    kept, counts, committed = [], {}, {}
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            kept.append(line)
            continue
        for field in ("timestamp", "avg_throughput", "target_throughput", "timeElapsed"):
            event.pop(field, None)
        name = event.get("name")
        if name == "records_consumed":
            for part in event["partitions"]:
                key = f"{name} {part['topic']}-{part['partition']}"
                counts[key] = counts.get(key, 0) + part["count"]
        elif name == "offsets_committed":
            for part in event["offsets"]:
                committed[f"{part['topic']}-{part['partition']}"] = part["offset"]
        else:
            kept.append(json.dumps(event, sort_keys=True))
    kept += [f"{name}: {count}" for name, count in counts.items()]
    kept += [f"committed at last {partition}: {offset}" for partition, offset in committed.items()]
    return sorted(kept)


def apis(lines):
    """One line for each API: its first version, and the last one that the tool and the broker share."""
    found = re.findall(r"^\s*(\w+)\((\d+)\): (\d+)(?: to (\d+))?(?: \[usable: (\d+)\])?", "\n".join(lines), re.M)
    return sorted(f"{name}({key}): from {low}, usable {usable}" for name, key, low, _, usable in found)


def log_dirs(lines):
    """The partitions in order, without Kafka's own topics and without the sizes of files."""
    kept = []
    for line in lines:
        if line.startswith("{"):
            answer = json.loads(line)
            for broker in answer["brokers"]:
                for folder in broker["logDirs"]:
                    mine = [p for p in folder["partitions"] if not p["partition"].startswith("__")]
                    folder["partitions"] = sorted(mine, key=lambda p: p["partition"])
                    for partition in mine:
                        partition["size"] = "some" if partition["size"] else "none"
                    for field in ("totalBytes", "usableBytes"):
                        if field in folder:
                            folder[field] = "<n>"
            line = json.dumps(answer, indent=1)
        kept += line.splitlines()
    return kept


VIEWS = {"text": list, "sorted": list, "perf": perf, "events": events, "apis": apis, "log-dirs": log_dirs}
