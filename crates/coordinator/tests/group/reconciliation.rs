//! Clients that join, leave, lose answers and go silent: no partition has two owners, and what is in memory is what is in
//! the log.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::scenario::World;

/// A consumer, as far as it knows.
#[derive(Clone, Debug, Default)]
struct Client {
    /// 0 if it is no member.
    epoch: i32,
    /// `t:0` and the like.
    owned: BTreeSet<String>,
    /// It may have missed an answer, so it says everything and wants to hear everything.
    is_unsure: bool,
    is_away: bool,
}

#[derive(Clone, Debug)]
enum Step {
    /// A heartbeat of a client; its answer may be lost.
    Beat {
        client: usize,
        is_lost: bool,
    },
    /// A heartbeat with another subscription.
    Subscribe {
        client: usize,
        topics: &'static str,
    },
    Leave {
        client: usize,
    },
    /// Nothing is heard of a client until it rejoins.
    Rejoin {
        client: usize,
    },
    Pass(&'static str),
    Other(&'static str),
}

const CLIENTS: [&str; 4] = ["a", "b", "c", "d"];

/// Static clients have an instance id.
fn instance(client: usize) -> &'static str {
    ["", "", " instance=i", " instance=j"][client]
}

fn any_step() -> impl Strategy<Value = Step> {
    let client = 0..CLIENTS.len();
    let topics = prop_oneof![Just("t"), Just("u"), Just("t+u"), Just("none")];
    let other = prop_oneof![
        Just("topics t=3"),
        Just("topics u=5"),
        Just("topic-gone u"),
        Just("topics u=2"),
        Just("resolve"),
        Just("restart"),
        Just("log hold"),
        Just("log auto"),
        Just("log takes"),
        Just("log commits"),
        Just("log fails NOT_ENOUGH_REPLICAS"),
        Just("join k v3 protocols=range:t session=20s rebalance=20s"),
        Just("beat r epoch=0 regex=[tu] timeout=20s"),
    ];
    prop_oneof![
        16 => (client.clone(), prop::bool::weighted(0.2)).prop_map(|(client, is_lost)| Step::Beat { client, is_lost }),
        2 => (client.clone(), topics).prop_map(|(client, topics)| Step::Subscribe { client, topics }),
        2 => client.clone().prop_map(|client| Step::Leave { client }),
        1 => client.prop_map(|client| Step::Rejoin { client }),
        4 => prop_oneof![Just("300ms"), Just("2s"), Just("15s"), Just("46s")].prop_map(Step::Pass),
        6 => other.prop_map(Step::Other),
    ]
}

struct Group {
    world: World,
    clients: Vec<Client>,
    transcript: String,
}

impl Group {
    fn run(&mut self, command: &str) -> Vec<String> {
        let out = self.world.run(command);
        self.transcript += &format!("{command}\n    => {}\n", out.join("\n    => "));
        out
    }

    fn beat(&mut self, client: usize, is_lost: bool, more: &str) {
        let name = CLIENTS[client];
        let Client { epoch, owned, is_unsure, .. } = self.clients[client].clone();
        let mut topics = BTreeMap::<&str, Vec<&str>>::new();
        for partition in &owned {
            let (topic, index) = partition.split_once(':').unwrap();
            topics.entry(topic).or_default().push(index);
        }
        let topics = topics.iter().map(|(topic, indexes)| format!("{topic}:{}", indexes.join(",")));
        let topics = topics.collect::<Vec<_>>().join("+");
        let owned = if topics.is_empty() { "none" } else { &topics };
        let owned = if epoch == 0 { String::new() } else { format!(" owned={owned}") };
        let full = if is_unsure && epoch != 0 { " timeout=20s topics=t+u" } else { "" };
        let join = if epoch == 0 { " timeout=20s" } else { "" };
        let more = if more.is_empty() && epoch == 0 { " topics=t+u" } else { more };
        let full = if more.is_empty() { full } else { "" };
        let command = format!("beat {name} epoch={epoch}{owned}{full}{join}{more}{}", instance(client));
        let out = self.run(&command);
        let label = format!("beat {name}: ");
        let Some(answer) = out.iter().find_map(|line| line.strip_prefix(&label)).filter(|_| !is_lost) else {
            self.clients[client].is_unsure = true;
            return;
        };
        let client = &mut self.clients[client];
        let Some(answer) = answer.strip_prefix("epoch ") else {
            if ["FENCED_MEMBER_EPOCH", "UNKNOWN_MEMBER_ID", "GROUP_ID_NOT_FOUND", "FENCED_INSTANCE_ID"]
                .contains(&answer)
            {
                *client = Client::default();
            }
            return;
        };
        let (epoch, has) =
            answer.split_once(" has ").map_or((answer, None), |(epoch, has)| (epoch, Some(has)));
        client.epoch = epoch.parse().unwrap();
        client.is_away = false;
        client.is_unsure = false;
        if let Some(has) = has {
            client.owned = partitions(has);
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Beat { client, is_lost } => self.beat(client, is_lost, ""),
            Step::Subscribe { client, topics } => self.beat(client, false, &format!(" topics={topics}")),
            Step::Leave { client } if self.clients[client].epoch == 0 => {}
            Step::Leave { client } => {
                // A client that leaves has given everything up before it says so.
                let is_static = !instance(client).is_empty();
                let epoch = if is_static { -2 } else { -1 };
                self.clients[client] = Client { is_away: is_static, ..Client::default() };
                self.run(&format!("beat {} epoch={epoch}{}", CLIENTS[client], instance(client)));
            }
            Step::Rejoin { client } => {
                self.clients[client] = Client::default();
                self.beat(client, false, "");
            }
            Step::Pass(time) => drop(self.run(&format!("after {time}"))),
            Step::Other("restart") => {
                // A new leader has what is committed.
                self.settle();
                self.run("restart");
            }
            Step::Other(command) => drop(self.run(command)),
        }
    }

    /// Everything decided is committed.
    fn settle(&mut self) {
        self.run("log auto");
        for _ in 0..40 {
            let before = self.world.labels.len();
            self.run("log takes");
            self.run("log commits");
            if before == 0 {
                break;
            }
        }
    }

    /// Members by name, with what they have and are to have.
    fn members(&mut self) -> BTreeMap<String, BTreeSet<String>> {
        let shown = self.world.run("show g").join(" ");
        let Some((_, members)) = shown.split_once('(') else { return BTreeMap::new() };
        let members = members.trim_end_matches(')').split(", ").filter(|member| !member.is_empty());
        let members = members.map(|member| {
            let words: Vec<&str> = member.split(' ').filter(|word| *word != "classic").collect();
            (words[0].to_owned(), partitions(words[2]))
        });
        members.collect()
    }

    /// Two clients that are both members never own the same partition.
    fn check_owners(&mut self, is_committed: bool) -> Result<(), TestCaseError> {
        if !is_committed {
            return Ok(());
        }
        let members = self.members();
        let mut owners = BTreeMap::<String, String>::new();
        for (member, has) in &members {
            for partition in has {
                let other = owners.insert(partition.clone(), member.clone());
                prop_assert!(other.is_none(), "{partition}: {member}, {other:?}\n{}", self.transcript);
            }
        }
        let mut owners = BTreeMap::<&str, &str>::new();
        for (name, client) in CLIENTS.iter().zip(&self.clients) {
            for partition in client.owned.iter().filter(|_| members.contains_key(*name)) {
                let other = owners.insert(partition, name);
                prop_assert!(other.is_none(), "{partition}: {name}, {other:?}\n{}", self.transcript);
            }
        }
        Ok(())
    }
}

/// `t:0,1+u:2`.
fn partitions(text: &str) -> BTreeSet<String> {
    let topics = text.split('+').filter(|topic| *topic != "nothing");
    let partitions = topics.flat_map(|topic| {
        let (name, indexes) = topic.split_once(':').unwrap();
        indexes.split(',').map(move |index| format!("{name}:{index}"))
    });
    partitions.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_partition_has_one_owner_and_memory_is_what_the_log_says(steps in vec(any_step(), 1..120)) {
        let clients = vec![Client::default(); CLIENTS.len()];
        let mut group = Group { world: World::new(), clients, transcript: String::new() };
        group.run("topics t=2 u=2");
        let mut is_committed = true;
        for step in &steps {
            group.step(step);
            is_committed = match step {
                Step::Other("log hold") => false,
                Step::Other("log auto") => { group.settle(); true }
                Step::Other("restart") => true,
                _ => is_committed,
            };
            group.check_owners(is_committed)?;
        }
        group.settle();
        let live = [group.world.run("list"), group.world.run("show g")];
        group.run("restart");
        let loaded = [group.world.run("list"), group.world.run("show g")];
        // A classic group that rebalances is loaded as it was before.
        if !live[0].join(" ").contains("classic") {
            prop_assert_eq!(live, loaded, "{}", group.transcript);
        }
        group.world.run("unload");
        prop_assert!(group.world.labels.is_empty(), "{:?}\n{}", group.world.labels, group.transcript);
    }

    #[test]
    fn members_that_stay_come_to_rest(steps in vec(any_step(), 1..60)) {
        let clients = vec![Client::default(); CLIENTS.len()];
        let mut group = Group { world: World::new(), clients, transcript: String::new() };
        group.run("topics t=2 u=2");
        for step in &steps {
            group.step(step);
        }
        group.settle();
        // Whoever does not go on is out; the rest has come to rest a few heartbeats later.
        for _ in 0..12 {
            group.run("resolve");
            group.run("after 6s");
            for client in 0..2 {
                group.beat(client, false, "");
                group.beat(client, false, "");
            }
        }
        let shown = group.run("show g").join(" ");
        prop_assert!(shown.contains("g Stable"), "{}\n{}", shown, group.transcript);
        let members = group.members();
        prop_assert_eq!(members.keys().map(String::as_str).collect::<Vec<_>>(), ["a", "b"], "{}", group.transcript);
        for (name, client) in CLIENTS.iter().zip(&group.clients).take(2) {
            prop_assert_eq!(&members[*name], &client.owned, "{}\n{}", name, group.transcript);
        }
    }
}
