"""What confluent-kafka (librdkafka) sees of transactions, one line for each thing seen.

  transactions_confluent.py HOST:PORT
"""
import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

ADDRESS = sys.argv[1]
ADMIN = AdminClient({"bootstrap.servers": ADDRESS})


def say(scenario, what, seen):
    print(f"confluent-kafka {scenario}: {what}: {seen}", flush=True)


def attempt(action):
    """`done`, or the name of the error."""
    try:
        action()
        return "done"
    except KafkaException as problem:
        error = problem.args[0]
        return f"{error.name()} fatal {error.fatal()} abort {error.txn_requires_abort()}"


def topic(name):
    name = f"confluent-{name}"
    for future in ADMIN.create_topics([NewTopic(name, 2, 1)]).values():
        future.result()
    return name


def producer(name, **more):
    made = Producer({"bootstrap.servers": ADDRESS, "transactional.id": f"confluent-{name}", "linger.ms": 0,
                     "transaction.timeout.ms": 30000, "log_level": 0, **more})
    made.init_transactions(30)
    return made


def send(producer, to, *values, partition=0):
    for value in values:
        producer.produce(to, value, partition=partition)
    producer.flush(30)


def consumer(isolation, group="confluent-reader"):
    return Consumer({"bootstrap.servers": ADDRESS, "group.id": group, "isolation.level": isolation,
                     "auto.offset.reset": "earliest", "enable.auto.commit": False, "enable.partition.eof": True})


def read(name, isolation="read_committed"):
    """The values of both partitions in order."""
    values = {}
    reader = consumer(isolation)
    for index in range(2):
        reader.assign([TopicPartition(name, index, 0)])
        values[index] = []
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            message = reader.poll(0.2)
            if message is None:
                continue
            if message.error():
                break
            values[index].append(message.value().decode())
    reader.close()
    return values


def ends():
    to = topic("ends")
    it = producer("ends")
    for end, values in (("commit", "ab"), ("abort", "cd"), ("commit", "e")):
        it.begin_transaction()
        send(it, to, *values)
        send(it, to, *values, partition=1)
        getattr(it, f"{end}_transaction")(30)
    say("ends", "committed", read(to))
    say("ends", "uncommitted", read(to, "read_uncommitted"))


def fencing():
    to = topic("fencing")
    first = producer("fencing")
    first.begin_transaction()
    send(first, to, "a")
    second = producer("fencing")
    say("fencing", "commit of the first", attempt(lambda: first.commit_transaction(30)))
    second.begin_transaction()
    send(second, to, "b")
    second.commit_transaction(30)
    say("fencing", "committed", read(to))


def offsets():
    source, to = topic("source"), topic("target")
    writer = Producer({"bootstrap.servers": ADDRESS})
    send(writer, source, "1", "2", "3", "4", "5", "6")
    reader, it = consumer("read_committed", "confluent-offsets"), producer("offsets")
    reader.assign([TopicPartition(source, 0, 0)])
    taken = []
    for end in ("commit", "abort", "commit"):
        it.begin_transaction()
        for _ in range(2):
            message = None
            while message is None or message.error():
                message = reader.poll(1)
            taken.append(message.value().decode())
            it.produce(to, message.value() * 2, partition=0)
        it.send_offsets_to_transaction(reader.position(reader.assignment()), reader.consumer_group_metadata(), 30)
        getattr(it, f"{end}_transaction")(30)
        committed = reader.committed([TopicPartition(source, 0)], 30)[0].offset
        say("offsets", end, f"taken {taken} committed {committed}")
        if end == "abort":
            reader.seek(TopicPartition(source, 0, committed))
    say("offsets", "committed", read(to))
    reader.close()


def timeout():
    to = topic("timeout")
    it = producer("timeout", **{"transaction.timeout.ms": 1000, "message.timeout.ms": 1000})
    it.begin_transaction()
    send(it, to, "a")
    time.sleep(4)
    outcome = attempt(lambda: it.commit_transaction(30))
    say("timeout", "commit", outcome)
    say("timeout", "committed", read(to))


for scenario in (ends, fencing, offsets, timeout):
    try:
        scenario()
    except Exception as problem:  # noqa: BLE001: whatever it is, it is what was seen
        say(scenario.__name__, "ended by", f"{type(problem).__name__} {problem}")
