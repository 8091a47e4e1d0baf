"""What consumers of the consumer protocol, and of both protocols in one group, go through. Each case gives facts that do
not depend on chance, to be compared with the real Kafka's."""

CASES = []


def case(function):
    CASES.append(function)
    return function


def group_of(world):
    world.groups += 1
    return f"group-{world.groups}"


@case
def one_member_gets_everything_and_commits_when_it_leaves(world):
    topic = world.topic(6, records=60)
    group = group_of(world)
    world.start("one", group, topics=[topic])
    facts = {"settled": world.settled(["one"], 6), "read": world.read(["one"], 60)}
    facts["describe"] = world.describe(group)
    world.close("one")
    facts["events"] = world.state(["one"])["one"]["events"]
    facts["offsets"] = world.tool("groups", "--describe", "--group", group)
    facts["state"] = world.tool("groups", "--describe", "--group", group, "--state")
    return facts


@case
def members_come_and_go_and_no_record_is_read_twice(world):
    topic = world.topic(9, records=90)
    group = group_of(world)
    facts = {}
    world.start("a", group, topics=[topic])
    facts["one"] = world.settled(["a"], 9)
    world.read(["a"], 90)
    world.start("b", group, topics=[topic])
    facts["two"] = [world.settled(["a", "b"], 9, shared=True), world.sizes(["a", "b"])]
    world.produce(topic, 90)
    facts["read by two"] = world.read(["a", "b"], 180)
    world.start("c", group, topics=[topic])
    facts["three"] = [world.settled(["a", "b", "c"], 9, shared=True), world.sizes(["a", "b", "c"])]
    world.produce(topic, 90)
    facts["read by three"] = world.read(["a", "b", "c"], 270)
    facts["members"] = world.tool("groups", "--describe", "--group", group, "--members", "--verbose")
    facts["state"] = world.tool("groups", "--describe", "--group", group, "--state")
    facts["describe"] = world.describe(group)
    world.close("b")
    facts["after one left"] = [world.settled(["a", "c"], 9, shared=True), world.sizes(["a", "c"])]
    world.produce(topic, 90)
    facts["read at last"] = world.read(["a", "b", "c"], 360)
    # What a member was told, kind by kind: how it is cut into steps depends on timing.
    facts["told"] = world.told(["a", "b", "c"])
    world.close("a")
    world.close("c")
    return facts


@case
def a_pattern_is_resolved_by_the_broker(world):
    world.topic(2, name="pattern-one")
    world.topic(3, name="other-one")
    group = group_of(world)
    world.start("a", group, regex="pattern-.*")
    facts = {"first": [world.settled(["a"], 2), world.state(["a"])["a"]["has"]]}
    world.topic(2, name="pattern-two")
    facts["then"] = [world.settled(["a"], 4, seconds=60), world.state(["a"])["a"]["has"]]
    world.start("b", group, regex=r"\Qpattern-\E(one|two)")
    facts["two expressions"] = [world.settled(["a", "b"], 4, shared=True), world.sizes(["a", "b"])]
    world.close("a")
    world.close("b")
    return facts


@case
def a_pattern_is_resolved_by_the_client(world):
    world.topic(3, name="client-one")
    group = group_of(world)
    world.start("a", group, pattern="client-.*")
    facts = {"first": world.settled(["a"], 3)}
    world.topic(2, name="client-two")
    facts["then"] = world.settled(["a"], 5, seconds=60)
    world.close("a")
    return facts


@case
def a_bad_pattern_and_a_bad_assignor_are_refused(world):
    topic = world.topic(1)
    world.start("pattern", group_of(world), regex="[")
    world.start("assignor", group_of(world), topics=[topic], assignor="no-such")
    return {name: world.failure(name) for name in ("pattern", "assignor")}


@case
def a_static_member_finds_its_partitions_again(world):
    topic = world.topic(6)
    group = group_of(world)
    world.start("s", group, topics=[topic], instance="i-1")
    world.start("d", group, topics=[topic])
    facts = {"settled": world.settled(["s", "d"], 6, shared=True)}
    before, events = world.state(["s"])["s"]["has"], world.state(["d"])["d"]["events"]
    # Another of the same instance id has no place while the first is there.
    world.start("twin", group, topics=[topic], instance="i-1")
    facts["twin"] = world.failure("twin")
    world.close("s")
    facts["while it is away"] = world.describe(group)
    world.start("s again", group, topics=[topic], instance="i-1")
    facts["back"] = world.settled(["s again", "d"], 6, shared=True)
    facts["same partitions"] = world.state(["s again"])["s again"]["has"] == before
    facts["others saw nothing"] = world.state(["d"])["d"]["events"] == events
    world.close("s again", leave="leave")
    facts["gone"] = world.settled(["d"], 6)
    world.close("d")
    return facts


@case
def the_range_assignor_gives_the_same_partitions_of_every_topic(world):
    topics = [world.topic(4), world.topic(4)]
    group = group_of(world)
    for name in ("a", "b"):
        world.start(name, group, topics=topics, assignor="range")
    facts = {"settled": world.settled(["a", "b"], 8, shared=True), "sizes": world.sizes(["a", "b"])}
    facts["describe"] = world.describe(group)
    states = world.state(["a", "b"])
    facts["same"] = all(
        len({partition.rsplit("-", 1)[1] for partition in state["has"]}) * 2 == len(state["has"]) for state in states.values()
    )
    world.close("a")
    world.close("b")
    return facts


@case
def members_of_different_topics_share_what_they_have_in_common(world):
    both, single = world.topic(4), world.topic(4)
    group = group_of(world)
    world.start("a", group, topics=[both, single])
    world.start("b", group, topics=[both])
    facts = {"settled": world.settled(["a", "b"], 8, shared=True), "sizes": world.sizes(["a", "b"])}
    world.close("a")
    facts["then"] = world.settled(["b"], 4)
    world.close("b")
    return facts


@case
def a_silent_member_is_out_when_its_session_is_over(world):
    topic = world.topic(2)
    group = group_of(world)
    facts = {"config": world.tool("configs", "--alter", "--entity-type", "groups", "--entity-name", group,
                                  "--add-config", "consumer.session.timeout.ms=6000,consumer.heartbeat.interval.ms=1000")}
    facts["configs"] = world.tool("configs", "--describe", "--entity-type", "groups", "--entity-name", group)
    world.start("a", group, topics=[topic])
    world.start("b", group, topics=[topic])
    facts["two"] = world.settled(["a", "b"], 2, shared=True)
    world.close("b", leave="remain")
    facts["still there"] = world.describe(group)["members"]
    facts["one"] = world.settled(["a"], 2, seconds=20)
    facts["left"] = world.describe(group)["members"]
    world.close("a")
    return facts


@case
def a_new_partition_is_assigned(world):
    topic = world.topic(2)
    group = group_of(world)
    world.start("a", group, topics=[topic])
    facts = {"before": world.settled(["a"], 2)}
    facts["alter"] = world.tool("topics", "--alter", "--topic", topic, "--partitions", "5")
    facts["after"] = world.settled(["a"], 5)
    world.close("a")
    return facts


def convert(world, strategy):
    topic = world.topic(6, records=60)
    group = group_of(world)
    facts = {}
    for name in ("old-1", "old-2"):
        world.start(name, group, topics=[topic], protocol="classic", strategy=strategy)
    facts["classic"] = [world.settled(["old-1", "old-2"], 6, shared=True), world.describe(group)]
    world.read(["old-1", "old-2"], 60)
    world.start("new-1", group, topics=[topic])
    facts["mixed"] = [world.settled(["old-1", "old-2", "new-1"], 6, shared=True), world.describe(group)]
    facts["list"] = world.listed("groups", group, "--type", "consumer")
    world.produce(topic, 60)
    facts["read"] = world.read(["old-1", "old-2", "new-1"], 120)
    world.close("old-1")
    world.start("new-2", group, topics=[topic])
    facts["rolled"] = [world.settled(["old-2", "new-1", "new-2"], 6, shared=True), world.describe(group)]
    world.close("old-2")
    facts["consumer"] = [world.settled(["new-1", "new-2"], 6, shared=True), world.describe(group)]
    # And back.
    world.start("old-3", group, topics=[topic], protocol="classic", strategy=strategy)
    facts["mixed again"] = [world.settled(["new-1", "new-2", "old-3"], 6, shared=True), world.describe(group)]
    world.close("new-1")
    facts["one of each"] = [world.settled(["new-2", "old-3"], 6, shared=True), world.describe(group)]
    world.close("new-2")
    facts["classic again"] = [world.settled(["old-3"], 6), world.describe(group)]
    world.produce(topic, 60)
    facts["read in the end"] = world.read(["old-1", "old-2", "old-3", "new-1", "new-2"], 180)
    world.close("old-3")
    return facts


@case
def a_group_is_converted_while_it_runs_eager(world):
    return convert(world, "org.apache.kafka.clients.consumer.RangeAssignor")


@case
def a_group_is_converted_while_it_runs_cooperative(world):
    return convert(world, "org.apache.kafka.clients.consumer.CooperativeStickyAssignor")


@case
def the_tools_show_and_change_groups(world):
    topic = world.topic(3, records=30)
    group = group_of(world)
    facts = {}
    world.start("a", group, topics=[topic])
    facts["settled"] = world.settled(["a"], 3)
    world.read(["a"], 30)

    def groups(name, *arguments):
        facts[name] = world.tool("groups", *arguments)

    facts["list"] = world.listed("groups", group, "--state", "--type")
    groups("members", "--describe", "--group", group, "--members")
    groups("reset while it runs", "--reset-offsets", "--group", group, "--topic", topic, "--to-earliest", "--execute")
    groups("delete while it runs", "--delete", "--group", group)
    groups("delete offsets while it runs", "--delete-offsets", "--group", group, "--topic", topic)
    facts["all groups"] = world.listed("all-groups", group, "--group-type", "consumer")
    world.close("a")
    groups("describe", "--describe", "--group", group)
    groups("describe verbose", "--describe", "--group", group, "--verbose")
    groups("reset", "--reset-offsets", "--group", group, "--topic", f"{topic}:0", "--to-offset", "3", "--execute")
    groups("shift", "--reset-offsets", "--group", group, "--topic", f"{topic}:1", "--shift-by", "-2", "--execute")
    groups("describe after", "--describe", "--group", group)
    groups("delete offsets", "--delete-offsets", "--group", group, "--topic", topic)
    groups("delete", "--delete", "--group", group)
    groups("describe deleted", "--describe", "--group", group)
    return facts


@case
def librdkafka_members_share(world):
    topic = world.topic(6, records=60)
    group = group_of(world)
    with world.confluent(group, "consumer", topic) as one:
        facts = {"one": world.confluent_settled([one], 6)}
        with world.confluent(group, "consumer", topic) as two:
            facts["two"] = world.confluent_settled([one, two], 6)
            facts["describe"] = world.describe(group)
        facts["one again"] = world.confluent_settled([one], 6)
    facts["offsets"] = world.tool("groups", "--describe", "--group", group)
    return facts


@case
def librdkafka_converts_a_group(world):
    topic = world.topic(4)
    group = group_of(world)
    with world.confluent(group, "classic", topic) as old:
        facts = {"classic": [world.confluent_settled([old], 4), world.describe(group)]}
        with world.confluent(group, "consumer", topic) as new:
            facts["mixed"] = [world.confluent_settled([old, new], 4), world.describe(group)]
        facts["classic again"] = [world.confluent_settled([old], 4), world.describe(group)]
    return facts
