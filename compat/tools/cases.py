"""What Kafka's command line tools are asked to do, in this order, on one fresh broker.

A line of a table: name of the case | arguments. `--bootstrap-server` is added. {name} stands for a file of FILES.
"""
import shlex

TOOLS = {
    "topics": "org.apache.kafka.tools.TopicCommand",
    "configs": "kafka.admin.ConfigCommand",
    "produce": "org.apache.kafka.tools.ConsoleProducer",
    "consume": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "offsets": "org.apache.kafka.tools.GetOffsetShell",
    "delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "log-dirs": "org.apache.kafka.tools.LogDirsCommand",
    "groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "producer-perf": "org.apache.kafka.tools.ProducerPerformance",
    "consumer-perf": "org.apache.kafka.tools.ConsumerPerformance",
    "e2e-latency": "org.apache.kafka.tools.EndToEndLatency",
    "verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
    "verifiable-consumer": "org.apache.kafka.tools.VerifiableConsumer",
    "api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
    "cluster": "org.apache.kafka.tools.ClusterTool",
    "quorum": "org.apache.kafka.tools.MetadataQuorumCommand",
    "features": "org.apache.kafka.tools.FeatureCommand",
    "leader-election": "org.apache.kafka.tools.LeaderElectionCommand",
    "reassign": "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
    "all-groups": "org.apache.kafka.tools.GroupsCommand",
    "transactions": "org.apache.kafka.tools.TransactionsCommand",
    "acls": "org.apache.kafka.tools.AclCommand",
    "client-metrics": "org.apache.kafka.tools.ClientMetricsCommand",
}

# These finish their work in a shutdown hook of the JVM.
ALONE = {"verifiable-producer"}

FILES = {
    "delete_some": '{"partitions":[{"topic":"records","partition":0,"offset":2},{"topic":"records","partition":1,"offset":-1}],"version":1}',
    "delete_far": '{"partitions":[{"topic":"records","partition":0,"offset":999}],"version":1}',
    "delete_back": '{"partitions":[{"topic":"records","partition":0,"offset":1}],"version":1}',
    "delete_unknown": '{"partitions":[{"topic":"nowhere","partition":0,"offset":1}],"version":1}',
    "delete_partition": '{"partitions":[{"topic":"records","partition":77,"offset":1}],"version":1}',
    "delete_compacted": '{"partitions":[{"topic":"compacted","partition":0,"offset":0}],"version":1}',
    "delete_mixed": '{"partitions":[{"topic":"records","partition":0,"offset":3},{"topic":"nowhere","partition":0,"offset":1}],"version":1}',
    "delete_twice": '{"partitions":[{"topic":"records","partition":0,"offset":1},{"topic":"records","partition":0,"offset":2}],"version":1}',
    "delete_broken": '{"partitions":[{"topic"',
    "elect": '{"partitions":[{"topic":"first","partition":0}]}',
    "payload": "one\ntwo\nthree and some more\n",
    "impatient": "default.api.timeout.ms=4000\nrequest.timeout.ms=3000\n",
    "config_file": "retention.ms=123456\nsegment.bytes=2097152\n",
}

CREATE_AND_LIST = """
list nothing | --list
create | --create --topic first --partitions 3 --replication-factor 1
create again | --create --topic first --partitions 3
create again, if not there | --create --topic first --if-not-exists
create with the broker's defaults | --create --topic defaults
create with configs | --create --topic configured --config cleanup.policy=compact,delete --config segment.bytes=1048576 --config retention.ms=3600000
create compacted | --create --topic compacted --config cleanup.policy=compact
create with an assignment | --create --topic assigned --replica-assignment 1,1
create with a bad assignment | --create --topic assigned-badly --replica-assignment 1:1
create for an unknown broker | --create --topic elsewhere --replica-assignment 7
create with replication factor 3 | --create --topic replicated --replication-factor 3
create with replication factor 0 | --create --topic replicated --replication-factor 0
create with 0 partitions | --create --topic empty --partitions 0
create with -1 partitions | --create --topic empty --partitions -1
create with a bad name | --create --topic "bad name"
create two dots | --create --topic ..
create 250 letters | --create --topic {long}
create with a clash | --create --topic clash.a
create the clash | --create --topic clash_a
create with an unknown config | --create --topic odd --config no.such.config=1
create with a bad value | --create --topic odd --config retention.ms=soon
create with a value out of range | --create --topic odd --config segment.bytes=1
create with a bad policy | --create --topic odd --config cleanup.policy=shred
create with no topic | --create
create for the console | --create --topic console --partitions 1
create for records | --create --topic records --partitions 2
create an internal name | --create --topic __mine
list | --list
list without internal | --list --exclude-internal
list by pattern | --list --topic c.*
describe | --describe --topic first
describe configs | --describe --topic configured
describe by pattern | --describe --topic d.*|first
describe all | --describe
describe unknown | --describe --topic nowhere
describe unknown, if there | --describe --topic nowhere --if-exists
describe overrides | --describe --topics-with-overrides
describe under-replicated | --describe --under-replicated-partitions
describe unavailable | --describe --unavailable-partitions
describe at min isr | --describe --at-min-isr-partitions
describe under min isr | --describe --under-min-isr-partitions
describe in small pages | --describe --partition-size-limit-per-response 1
grow | --alter --topic first --partitions 5
grow to the same | --alter --topic first --partitions 5
shrink | --alter --topic first --partitions 2
grow to 0 | --alter --topic first --partitions 0
grow unknown | --alter --topic nowhere --partitions 2
grow unknown, if there | --alter --topic nowhere --partitions 2 --if-exists
grow with an assignment | --alter --topic defaults --partitions 2 --replica-assignment 1,1
describe grown | --describe --topic first
delete | --delete --topic defaults
delete again | --delete --topic defaults
delete, if there | --delete --topic defaults --if-exists
delete by pattern | --delete --topic clash.*
list at the end | --list
"""

CONFIGS = """
describe unset | --describe --entity-type topics --entity-name first
describe set | --describe --entity-type topics --entity-name configured
describe every one | --describe --entity-type topics --entity-name configured --all
describe all topics | --describe --entity-type topics
describe unknown | --describe --entity-type topics --entity-name nowhere
set | --alter --entity-type topics --entity-name first --add-config retention.ms=1000,max.message.bytes=2000
set a list | --alter --entity-type topics --entity-name first --add-config cleanup.policy=[compact,delete]
set by file | --alter --entity-type topics --entity-name first --add-config-file {config_file}
describe what was set | --describe --entity-type topics --entity-name first
set unknown | --alter --entity-type topics --entity-name first --add-config no.such.config=1
set badly | --alter --entity-type topics --entity-name first --add-config retention.ms=soon
set out of range | --alter --entity-type topics --entity-name first --add-config min.insync.replicas=0
set on unknown | --alter --entity-type topics --entity-name nowhere --add-config retention.ms=1000
set on a bad name | --alter --entity-type topics --entity-name "bad name" --add-config retention.ms=1000
unset | --alter --entity-type topics --entity-name first --delete-config retention.ms
unset again | --alter --entity-type topics --entity-name first --delete-config retention.ms
unset unknown | --alter --entity-type topics --entity-name first --delete-config no.such.config
describe what is left | --describe --entity-type topics --entity-name first
describe broker | --describe --entity-type brokers --entity-name 1
describe brokers' default | --describe --entity-type brokers --entity-default
set brokers' default | --alter --entity-type brokers --entity-default --add-config log.retention.ms=7200000
set broker | --alter --entity-type brokers --entity-name 1 --add-config message.max.bytes=2000000
set broker read-only | --alter --entity-type brokers --entity-name 1 --add-config log.dirs=/nowhere
set broker badly | --alter --entity-type brokers --entity-name 1 --add-config message.max.bytes=-5
set broker unknown | --alter --entity-type brokers --entity-name 1 --add-config no.such.config=1
describe broker after | --describe --entity-type brokers --entity-name 1
describe brokers' default after | --describe --entity-type brokers --entity-default
a topic sees the broker's values | --describe --entity-type topics --entity-name records --all
unset broker | --alter --entity-type brokers --entity-name 1 --delete-config message.max.bytes
unset brokers' default | --alter --entity-type brokers --entity-default --delete-config log.retention.ms
describe brokers | --describe --entity-type brokers
"""

PRODUCE = [
    ("plain", "--topic console", "one\ntwo\nthree\n"),
    ("with keys", "--topic console --reader-property parse.key=true --reader-property key.separator=:", "k1:four\nk2:five\n"),
    ("with headers", "--topic console --reader-property parse.headers=true --reader-property parse.key=true", "h1:a,h2:b\tk3\tsix\n\tk4\tseven\n"),
    ("with nulls", "--topic console --reader-property parse.key=true --reader-property null.marker=NULL", "k5\tNULL\nNULL\teight\n"),
    ("with umlauts", "--topic console", "Grüße, Ελλάδα, 日本語 🎈\n"),
    ("an empty line", "--topic console", "\nlast\n"),
    ("gzip", "--topic console --compression-codec gzip", "packed with gzip\n"),
    ("snappy, acks 1", "--topic console --compression-codec snappy --request-required-acks 1", "packed with snappy\n"),
    ("lz4, acks 0", "--topic console --compression-codec lz4 --request-required-acks 0", "packed with lz4\n"),
    ("zstd, synchronous", "--topic console --compression-codec zstd --sync", "packed with zstd\n"),
    ("not idempotent", "--topic console --command-property enable.idempotence=false", "not idempotent\n"),
    ("a missing key separator", "--topic console --reader-property parse.key=true", "no tab here\n"),
    ("nothing", "--topic console", ""),
    ("to records 0", "--topic records --reader-property parse.key=true", "a\tr0\nb\tr1\nc\tr2\nd\tr3\ne\tr4\nf\tr5\ng\tr6\nh\tr7\n"),
    ("to a compacted topic without a key", "--topic compacted", "no key\n"),
    ("over max.message.bytes", "--topic first --command-property max.request.size=3000000 --command-property delivery.timeout.ms=8000 --command-property request.timeout.ms=3000 --command-property enable.idempotence=false", "x" * 2500 + "\n"),
    ("makes a topic", "--topic made-by-producing", "hello\n"),
    ("to a bad name", '--topic "bad name" --max-block-ms 3000', "hello\n"),
]

CONSUME = """
all | --topic console --from-beginning --max-messages 16 --group console-1
with all fields | --topic console --from-beginning --max-messages 16 --formatter-property print.key=true --formatter-property print.headers=true --formatter-property print.offset=true --formatter-property print.partition=true --formatter-property print.epoch=true --formatter-property null.literal=<null> --group console-2
with timestamps | --topic console --from-beginning --max-messages 2 --formatter-property print.timestamp=true --group console-3
one partition from an offset | --topic console --partition 0 --offset 4 --max-messages 3
one partition from the end | --topic console --partition 0 --offset latest --timeout-ms 1500
from an offset out of range | --topic console --partition 0 --offset 9999 --max-messages 1 --timeout-ms 1500
read committed | --topic console --from-beginning --max-messages 3 --isolation-level read_committed --group console-4
until nothing comes | --topic made-by-producing --from-beginning --timeout-ms 1500 --group console-5
in a group | --topic console --group tools-group --from-beginning --max-messages 5
in a group, on from there | --topic console --group tools-group --max-messages 4
by pattern | --include made-by-.* --from-beginning --max-messages 1 --group console-6
topic made by consuming | --topic made-by-consuming --from-beginning --timeout-ms 1500 --group console-7
a bad name | --topic "bad name" --from-beginning --timeout-ms 1500 --group console-8
partition 7 | --topic console --partition 7 --offset earliest --timeout-ms 1500
"""

OFFSETS = """
all topics |
one topic | --topic records
one partition | --topic records --partitions 1
earliest | --topic records --time earliest
latest | --topic records --time -1
earliest local | --topic records --time -4
latest tiered | --topic records --time -5
earliest pending upload | --topic records --time -6
largest timestamp | --topic made-by-producing --time max-timestamp
largest timestamp of an empty partition | --topic compacted --time -3
by time, long ago | --topic records --time 1000
by time, far ahead | --topic records --time 99999999999999
by pattern | --topic-partitions records:0-1,console,first:2-
without internal topics | --exclude-internal-topics
unknown topic | --topic nowhere
unknown partition | --topic records --partitions 9
a bad time | --topic records --time yesterday
"""

DELETE_RECORDS = """
some | --offset-json-file {delete_some}
again, further back | --offset-json-file {delete_back}
out of range | --offset-json-file {delete_far}
unknown topic | --offset-json-file {delete_unknown} --command-config {impatient}
unknown partition | --offset-json-file {delete_partition} --command-config {impatient}
compacted topic | --offset-json-file {delete_compacted}
one good and one unknown | --offset-json-file {delete_mixed} --command-config {impatient}
a partition twice | --offset-json-file {delete_twice}
broken file | --offset-json-file {delete_broken}
"""

LOG_DIRS = """
all | --describe
one topic | --describe --topic-list records
two topics | --describe --topic-list records,console
unknown topic | --describe --topic-list nowhere
one broker | --describe --broker-list 1 --topic-list records
unknown broker | --describe --broker-list 1,9
"""

GROUPS = """
list | --list
list with states | --list --state
describe | --describe --group tools-group
describe offsets | --describe --group tools-group --offsets
describe members | --describe --group tools-group --members
describe state | --describe --group tools-group --state
describe unknown | --describe --group nobody
describe all | --describe --all-groups
reset, dry | --reset-offsets --group tools-group --topic console --to-earliest --dry-run
reset | --reset-offsets --group tools-group --topic console:0 --to-offset 3 --execute
describe after the reset | --describe --group tools-group
reset unknown topic | --reset-offsets --group tools-group --topic nowhere --to-earliest --execute
delete offsets | --delete-offsets --group tools-group --topic console
delete | --delete --group tools-group
delete unknown | --delete --group nobody
list at the end | --list
"""

CLUSTER = """
cluster id | cluster-id
endpoints | list-endpoints
unregister unknown | unregister --id 77
"""

QUORUM = """
status | describe --status
replication | describe --replication
replication for people | describe --replication --human-readable
nothing | describe
"""

FEATURES = """
describe | describe
upgrade unknown | upgrade --feature no.such.feature=1
upgrade to what it is | upgrade --metadata 4.3-IV0
upgrade too far | upgrade --feature metadata.version=99
mapping | version-mapping --release-version 4.3-IV0
"""

LATER = {
    "leader-election": "preferred, one | --election-type preferred --path-to-json-file {elect}\npreferred, all | --election-type preferred --all-topic-partitions\nunclean | --election-type unclean --topic first --partition 0",
    "reassign": "list | --list",
    "all-groups": "list | --list",
    "transactions": "list | list\nfind hanging | find-hanging --broker-id 1\ndescribe unknown | describe --transactional-id nobody",
    "acls": "list | --list",
    "client-metrics": "list | --list\ndescribe | --describe",
}


class Case:
    def __init__(self, area, tool, name, arguments, stdin="", view="text", timeout=60):
        self.area, self.tool, self.arguments = area, tool, arguments
        self.name = f"{area}: {name}" if tool == area else f"{area}: {tool} {name}"
        self.stdin, self.view, self.timeout = stdin, view, timeout


def table(area, tool, text, view="text"):
    for line in text.strip().splitlines():
        name, arguments = line.split("|", 1)
        yield Case(area, tool, name.strip(), shlex.split(arguments), view=view)


def everything():
    """All cases in the order in which they must run."""
    yield from table("topics", "topics", CREATE_AND_LIST)
    yield from table("configs", "configs", CONFIGS)
    for name, arguments, stdin in PRODUCE:
        yield Case("console", "produce", name, shlex.split(arguments), stdin)
    yield from table("console", "consume", CONSUME)
    yield from table("offsets", "offsets", OFFSETS)
    yield from table("delete-records", "delete-records", DELETE_RECORDS, view="sorted")
    yield Case("delete-records", "offsets", "earliest afterwards", ["--topic", "records", "--time", "earliest"])
    yield Case("delete-records", "consume", "what is left", shlex.split("--topic records --group console-left --from-beginning --timeout-ms 1500"), view="sorted")
    yield from table("log-dirs", "log-dirs", LOG_DIRS, view="log-dirs")
    yield from table("groups", "groups", GROUPS, view="sorted")
    perf = "--topic perf --num-records 20000 --throughput -1"
    yield Case("perf", "topics", "create", shlex.split("--create --topic perf --partitions 1"))
    yield Case("perf", "producer-perf", "acks 1", shlex.split(f"{perf} --record-size 100 --command-property acks=1"), view="perf")
    yield Case("perf", "producer-perf", "acks all, lz4", shlex.split(f"{perf} --record-size 1024 --command-property acks=all compression.type=lz4 batch.size=65536"), view="perf")
    yield Case("perf", "producer-perf", "lines of a file", shlex.split(f"{perf} --payload-file {{payload}}"), view="perf")
    yield Case("perf", "producer-perf", "throttled", shlex.split("--topic perf --num-records 2000 --throughput 2000 --record-size 10"), view="perf")
    yield Case("perf", "offsets", "offsets afterwards", ["--topic", "perf"])
    yield Case("perf", "consumer-perf", "all", shlex.split("--topic perf --group perf-1 --num-records 62000 --timeout 20000"), view="perf")
    yield Case("perf", "consumer-perf", "in steps", shlex.split("--topic perf --group perf-2 --num-records 1000 --show-detailed-stats --reporting-interval 5000"), view="perf")
    yield Case("perf", "e2e-latency", "acks 1", shlex.split("--topic e2e --num-records 300 --producer-acks 1 --record-size 100"), view="perf")
    yield Case("perf", "e2e-latency", "acks all", shlex.split("--topic e2e --num-records 300 --producer-acks all --record-size 1000"), view="perf")
    yield Case("perf", "e2e-latency", "with keys and headers", shlex.split("--topic e2e --num-records 100 --producer-acks all --record-size 20 --record-key-size 8 --num-headers 2"), view="perf")
    yield Case("verifiable", "verifiable-producer", "100 records", shlex.split("--topic verifiable --max-messages 100"), view="events")
    yield Case("verifiable", "verifiable-producer", "prefix and keys, acks 1", shlex.split("--topic verifiable --max-messages 50 --value-prefix 7 --repeating-keys 5 --acks 1"), view="events")
    yield Case("verifiable", "verifiable-producer", "acks 0, at a rate", shlex.split("--topic verifiable --max-messages 30 --acks 0 --throughput 100"), view="events")
    yield Case("verifiable", "verifiable-consumer", "180 records", shlex.split("--topic verifiable --group-id verifiable-group --max-messages 180 --reset-policy earliest"), view="events")
    yield Case("verifiable", "verifiable-consumer", "each record", shlex.split("--topic verifiable --group-id verifiable-verbose --max-messages 20 --reset-policy earliest --verbose"), view="events")
    yield Case("cluster", "api-versions", "all APIs", [], view="apis")
    yield from table("cluster", "cluster", CLUSTER)
    yield from table("cluster", "quorum", QUORUM)
    yield from table("cluster", "features", FEATURES)
    for tool, text in LATER.items():
        yield from table("later", tool, text, view="sorted")
