//! A transaction coordinator with a log, a clock and partitions that take markers, driven by lines of text.
//!
//! Each line is `command => what comes out`; `#` begins a comment, a line that begins with `=>` continues the last one.
//! What comes out is separated by `;`. Unless a line says otherwise: transactional id `x`, newest version, timeout 60 s.
//! Producer ids are given out from 1000 on. `1000/3` is producer id 1000 in epoch 3.
//!
//! ```text
//! config tv=1 2pc=true max=15m expiration=7d             before anything else
//! init [id=x] [as=1000/3] [timeout=60s] [v4] [2pc] [keep] [epoch-only]
//! add 1000/0 t-0 t-1 [id=x] [v3] [tv=2]
//! verify 1000/0 t-0
//! commit 1000/0 [v4]     abort 1000/0
//! describe x y           list [state=..] [pid=..] [longer=10s]
//! after 3s               timers run on the way, one deadline after the other
//! log auto|hold|slow     log takes | log commits | log fails NOT_ENOUGH_REPLICAS
//! markers auto|hold      whether markers are written at once
//! marked [ERROR|gone|unanswered]       what becomes of the markers that are held
//! restart                loading       unload     tv 1     no-ids     epoch 32766
//! ```

use std::collections::VecDeque;

use ottla_coordinator::transaction::{
    AppendToken, Effect, Input, MarkerOutcome, MarkerToken, Markers, ProducerIds, Record, RequestToken,
    TopicPartition, TransactionConfig, TransactionCoordinator, TransactionRequest, TransactionResponse,
    TxnPartitions,
};
use ottla_protocol::error::ErrorCode;
use ottla_protocol::message::Message;
use ottla_protocol::messages::{
    end_txn_request::EndTxnRequest, init_producer_id_request::InitProducerIdRequest,
    list_transactions_request::ListTransactionsRequest, transaction_log_key::TransactionLogKey,
    transaction_log_value::TransactionLogValue,
};
use ottla_protocol::record::control::TransactionResult;
use ottla_protocol::time::{Monotonic, Now, Timestamp};
use ottla_protocol::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId};

const EPOCH_MS: i64 = 1_800_000_000_000;

/// Runs the scenario, and compares everything that comes out.
#[track_caller]
pub fn check(scenario: &str) {
    let mut world = World::new();
    let mut transcript = String::new();
    let mut is_as_expected = true;
    for (command, wanted) in lines(scenario) {
        let got = world.run(&command);
        transcript += &format!("{command}\n    => {}\n", got.join("\n    => "));
        if got != wanted {
            is_as_expected = false;
            transcript += &format!("    EXPECTED\n    => {}\n", wanted.join("\n    => "));
        }
    }
    assert!(is_as_expected, "\n{transcript}");
    assert_eq!(world.waiting, 0, "never answered\n{transcript}");
}

fn lines(scenario: &str) -> Vec<(String, Vec<String>)> {
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for line in scenario.lines() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (command, wanted) = line.split_once("=>").unwrap_or((line, ""));
        let wanted = wanted.split(';').map(words).filter(|wanted| !wanted.is_empty());
        if command.trim().is_empty() {
            lines.last_mut().expect("the first line has a command").1.extend(wanted);
        } else {
            lines.push((words(command), wanted.collect()));
        }
    }
    lines
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Auto,
    Hold,
    Slow,
}

struct Ids {
    next: i64,
    is_empty: bool,
}

impl ProducerIds for Ids {
    fn next_producer_id(&mut self) -> Result<ProducerId, ErrorCode> {
        if self.is_empty {
            return Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS);
        }
        self.next += 1;
        Ok(ProducerId(self.next - 1))
    }
}

/// A coordinator, its log, its clock, and the partitions.
pub struct World {
    config: TransactionConfig,
    coordinator: Option<TransactionCoordinator>,
    coordinator_epoch: i32,
    ids: Ids,
    now_ms: i64,
    /// Number of requests without an answer.
    pub waiting: usize,
    log_mode: Mode,
    marker_mode: Mode,
    asked: VecDeque<(AppendToken, Vec<Record>)>,
    held: VecDeque<(MarkerToken, Markers)>,
    log: Vec<Record>,
    log_end: Offset,
    out: Vec<String>,
}

struct Words<'a> {
    plain: Vec<&'a str>,
    keyed: Vec<(&'a str, &'a str)>,
}

impl<'a> Words<'a> {
    fn of(command: &'a str) -> Self {
        let (mut plain, mut keyed) = (Vec::new(), Vec::new());
        for word in command.split(' ').skip(1) {
            match word.split_once('=') {
                Some(pair) => keyed.push(pair),
                None => plain.push(word),
            }
        }
        Self { plain, keyed }
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        self.keyed.iter().find(|(k, _)| *k == key).map(|(_, value)| *value)
    }

    fn id(&self) -> String {
        self.get("id").unwrap_or("x").replace("''", "")
    }

    fn version(&self, newest: i16) -> i16 {
        self.plain.iter().find_map(|word| word.strip_prefix('v')?.parse().ok()).unwrap_or(newest)
    }

    fn has(&self, word: &str) -> bool {
        self.plain.contains(&word)
    }

    fn producer(&self) -> (i64, i16) {
        producer(self.plain[0])
    }

    fn partitions(&self) -> Vec<TopicPartition> {
        let words = self.plain.iter().filter_map(|word| {
            let (topic, partition) = word.rsplit_once('-')?;
            Some(TopicPartition { topic: topic.to_owned(), partition: partition.parse().ok()? })
        });
        words.collect()
    }
}

fn producer(text: &str) -> (i64, i16) {
    let (id, epoch) = text.split_once('/').unwrap_or_else(|| panic!("producer: {text}"));
    (id.parse().unwrap(), epoch.parse().unwrap())
}

fn millis(text: &str) -> i64 {
    let digits = text.trim_end_matches(char::is_alphabetic);
    let unit = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        unit => panic!("unit of time: {unit}"),
    };
    digits.parse::<i64>().unwrap() * unit
}

impl World {
    pub fn new() -> Self {
        Self {
            config: TransactionConfig::default(),
            coordinator: None,
            coordinator_epoch: 0,
            ids: Ids { next: 1_000, is_empty: false },
            now_ms: 0,
            waiting: 0,
            log_mode: Mode::Auto,
            marker_mode: Mode::Auto,
            asked: VecDeque::new(),
            held: VecDeque::new(),
            log: Vec::new(),
            log_end: Offset::ZERO,
            out: Vec::new(),
        }
    }

    /// Runs one line, and gives what comes out.
    pub fn run(&mut self, command: &str) -> Vec<String> {
        let words = Words::of(command);
        match command.split(' ').next().unwrap_or_default() {
            "config" => self.configure(&words),
            "after" => self.pass(millis(words.plain[0])),
            "log" => self.log_command(&words),
            "markers" => self.marker_mode = if words.has("hold") { Mode::Hold } else { Mode::Auto },
            "marked" => self.marked(&words),
            "tv" => self.handle(Input::TransactionVersion(words.plain[0].parse().unwrap())),
            // As if producer 1000 had come this far.
            "epoch" => {
                self.ids.next += 1;
                let producer_epoch = words.plain[0].parse().unwrap();
                let value = TransactionLogValue {
                    producer_id: 1_000,
                    producer_epoch,
                    transaction_timeout_ms: 60_000,
                    transaction_partitions: None,
                    transaction_last_update_timestamp_ms: EPOCH_MS,
                    transaction_start_timestamp_ms: -1,
                    ..TransactionLogValue::default()
                };
                let key = TransactionLogKey { transactional_id: "x".to_owned() };
                let key = [vec![0, 0], key.to_vec(0)].concat().into();
                let value = Some([vec![0, 1], value.to_vec(1)].concat().into());
                self.log.push(Record { key, value });
                self.log_end = self.log_end.next();
            }
            "no-ids" => self.ids.is_empty = true,
            "restart" => {
                self.coordinator = None;
                self.asked.clear();
                self.held.clear();
                self.waiting = 0;
                self.start();
            }
            "loading" => {
                let coordinator = TransactionCoordinator::new(self.config.clone(), LeaderEpoch(0));
                self.coordinator = Some(coordinator);
            }
            "unload" => self.coordinator.as_mut().expect("something to unload").unload(),
            verb => self.request(verb, &words),
        }
        self.drain();
        std::mem::take(&mut self.out)
    }

    fn request(&mut self, verb: &str, words: &Words<'_>) {
        let (newest, request) = match verb {
            "init" => (5, init(words)),
            "add" => {
                let version = words.get("tv").map_or(0, |tv| tv.parse().unwrap());
                let partitions = partitions(words);
                (3, TransactionRequest::AddPartitions { partitions, client_transaction_version: version })
            }
            "verify" => (4, TransactionRequest::VerifyPartitions(partitions(words))),
            "commit" | "abort" => {
                let (producer_id, producer_epoch) = words.producer();
                let (transactional_id, committed) = (words.id(), verb == "commit");
                let request = EndTxnRequest { transactional_id, producer_id, producer_epoch, committed };
                (5, TransactionRequest::EndTxn(request))
            }
            "describe" => {
                let ids = words.plain.iter().map(|id| id.replace("''", ""));
                (0, TransactionRequest::DescribeTransactions { transactional_ids: ids.collect() })
            }
            "list" => {
                let request = ListTransactionsRequest {
                    state_filters: words.get("state").map(str::to_owned).into_iter().collect(),
                    producer_id_filters: words.get("pid").map(|id| id.parse().unwrap()).into_iter().collect(),
                    duration_filter: words.get("longer").map_or(-1, millis),
                    ..ListTransactionsRequest::default()
                };
                (2, TransactionRequest::ListTransactions(request))
            }
            verb => panic!("command: {verb}"),
        };
        self.waiting += 1;
        let api_version = words.version(newest);
        self.handle(Input::Request { token: RequestToken(0), api_version, request });
    }

    fn configure(&mut self, words: &Words<'_>) {
        assert!(self.coordinator.is_none(), "config comes first");
        for (key, value) in &words.keyed {
            match *key {
                "tv" => self.config.transaction_version = value.parse().unwrap(),
                "2pc" => self.config.is_two_phase_commit_enabled = *value == "true",
                "max" => self.config.timeout_ms_max = i32::try_from(millis(value)).unwrap(),
                "expiration" => self.config.id_expiration_ms = i32::try_from(millis(value)).unwrap(),
                _ => panic!("config: {key}"),
            }
        }
    }

    fn now(&self) -> Now {
        Now {
            wall: Timestamp(EPOCH_MS + self.now_ms),
            mono: Monotonic(u64::try_from(self.now_ms).unwrap() * 1_000_000),
        }
    }

    fn start(&mut self) {
        self.coordinator_epoch += 1;
        let epoch = LeaderEpoch(self.coordinator_epoch);
        let mut coordinator = TransactionCoordinator::new(self.config.clone(), epoch);
        for (offset, Record { key, value }) in (0..).zip(&self.log) {
            coordinator.load(Offset(offset), key, value.as_deref()).unwrap();
        }
        coordinator.loaded(self.now());
        self.coordinator = Some(coordinator);
    }

    fn handle(&mut self, input: Input) {
        if self.coordinator.is_none() {
            self.start();
        }
        let now = self.now();
        self.coordinator.as_mut().unwrap().handle(input, now, &mut self.ids);
    }

    fn drain(&mut self) {
        while let Some(effect) = self.coordinator.as_mut().and_then(TransactionCoordinator::poll_effect) {
            match effect {
                Effect::Respond { response, .. } => {
                    self.waiting = self.waiting.checked_sub(1).expect("one response for each request");
                    self.out.push(words(&show_response(&response)));
                }
                Effect::Append { batch, timestamp, records } => {
                    assert_eq!(timestamp, self.now().wall);
                    self.out.extend(records.iter().map(|record| words(&show_record(record))));
                    self.asked.push_back((batch, records));
                    if self.log_mode != Mode::Hold {
                        self.take();
                    }
                    if self.log_mode == Mode::Auto {
                        self.handle(Input::Committed { end_offset: self.log_end });
                    }
                }
                Effect::WriteMarkers { token, markers } => {
                    self.out.push(show_markers(&markers));
                    self.held.push_back((token, markers));
                    if self.marker_mode == Mode::Auto {
                        self.marked(&Words::of("marked"));
                    }
                }
            }
        }
    }

    fn take(&mut self) {
        let (batch, records) = self.asked.pop_front().expect("an append to answer");
        let base_offset = self.log_end;
        self.log_end = base_offset.plus(i64::try_from(records.len()).unwrap());
        self.log.extend(records);
        self.handle(Input::Appended { batch, result: Ok(base_offset) });
    }

    fn log_command(&mut self, words: &Words<'_>) {
        match words.plain[0] {
            "auto" => self.log_mode = Mode::Auto,
            "hold" => self.log_mode = Mode::Hold,
            "slow" => self.log_mode = Mode::Slow,
            "takes" if self.asked.is_empty() => {}
            "takes" => self.take(),
            "commits" => self.handle(Input::Committed { end_offset: self.log_end }),
            "fails" => {
                let Some((batch, _)) = self.asked.pop_front() else { return };
                let error = error_of(words.plain[1]);
                self.handle(Input::Appended { batch, result: Err(error) });
            }
            word => panic!("log {word}"),
        }
    }

    /// Tells what became of the markers that are held: of all in the same way, or of `t-0=ERROR` in its own.
    fn marked(&mut self, words: &Words<'_>) {
        let outcome = |word: &str| match word {
            "gone" => MarkerOutcome::Gone,
            "unanswered" => MarkerOutcome::Unanswered,
            error => MarkerOutcome::Answered(error_of(error)),
        };
        let all = words.plain.first().copied().unwrap_or("NONE");
        let Some((token, markers)) = self.held.pop_front() else { return };
        let outcomes = markers.partitions.into_iter().map(|partition| {
            let name = format!("{}-{}", partition.topic, partition.partition);
            (partition, outcome(words.get(&name).unwrap_or(all)))
        });
        let outcomes = outcomes.collect();
        self.handle(Input::MarkersWritten { markers: token, outcomes });
    }

    fn pass(&mut self, ms: i64) {
        let end_ms = self.now_ms + ms;
        loop {
            let deadline =
                self.coordinator.as_ref().map_or(Monotonic::NEVER, TransactionCoordinator::poll_deadline);
            let deadline_ms = i64::try_from(deadline.0.div_ceil(1_000_000)).unwrap_or(i64::MAX);
            if deadline_ms > end_ms {
                break;
            }
            self.now_ms = self.now_ms.max(deadline_ms);
            self.handle(Input::Timer);
            self.drain();
        }
        self.now_ms = end_ms;
    }
}

fn error_of(name: &str) -> ErrorCode {
    ErrorCode::all().find(|code| code.name() == name).unwrap_or_else(|| panic!("error: {name}"))
}

fn init(words: &Words<'_>) -> TransactionRequest {
    let (producer_id, producer_epoch) = words.get("as").map_or((-1, -1), producer);
    let timeout_ms = words.get("timeout").map_or(60_000, millis);
    TransactionRequest::InitProducerId(InitProducerIdRequest {
        transactional_id: Some(words.id()),
        transaction_timeout_ms: i32::try_from(timeout_ms).unwrap(),
        producer_id,
        producer_epoch: if words.has("epoch-only") { 3 } else { producer_epoch },
        enable_2pc: words.has("2pc"),
        keep_prepared_txn: words.has("keep"),
    })
}

fn partitions(words: &Words<'_>) -> TxnPartitions {
    let (producer_id, producer_epoch) = words.producer();
    TxnPartitions {
        transactional_id: words.id(),
        producer_id: ProducerId(producer_id),
        producer_epoch: ProducerEpoch(producer_epoch),
        partitions: words.partitions(),
    }
}

fn ok_or(code: i16) -> String {
    if code == 0 { "ok".to_owned() } else { ErrorCode(code).name().to_owned() }
}

fn show_response(response: &TransactionResponse) -> String {
    match response {
        TransactionResponse::InitProducerId(response) => {
            let (error, id, epoch) =
                (ok_or(response.error_code), response.producer_id, response.producer_epoch);
            if id < 0 { error } else { format!("{error} {id}/{epoch}") }
        }
        TransactionResponse::AddPartitions(error) => ok_or(error.0),
        TransactionResponse::VerifyPartitions(verified) => {
            verified.iter().map(|verified| ok_or(verified.error.0)).collect::<Vec<_>>().join(" ")
        }
        TransactionResponse::EndTxn(response) => {
            let (error, id, epoch) =
                (ok_or(response.error_code), response.producer_id, response.producer_epoch);
            if id < 0 { error } else { format!("{error} {id}/{epoch}") }
        }
        TransactionResponse::DescribeTransactions(described) => {
            let described = described.iter().map(|transaction| {
                if transaction.error_code != 0 {
                    return ok_or(transaction.error_code);
                }
                let partitions = transaction.topics.iter().flat_map(|topic| {
                    topic.partitions.iter().map(move |partition| format!(" {}-{partition}", topic.topic))
                });
                let partitions: String = partitions.collect();
                let (state, id, epoch) =
                    (&transaction.transaction_state, transaction.producer_id, transaction.producer_epoch);
                format!("{state} {id}/{epoch}{partitions}")
            });
            described.collect::<Vec<_>>().join(" | ")
        }
        TransactionResponse::ListTransactions(response) => {
            let listed = response.transaction_states.iter().map(|transaction| {
                format!(
                    "{} {} {}",
                    transaction.transactional_id, transaction.producer_id, transaction.transaction_state
                )
            });
            let unknown = response.unknown_state_filters.iter().map(|name| format!("?{name}"));
            format!(
                "{} {}",
                ok_or(response.error_code),
                listed.chain(unknown).collect::<Vec<_>>().join(" | ")
            )
        }
    }
}

fn show_record(record: &Record) -> String {
    let key = TransactionLogKey::from_bytes(&record.key[2..], 0).unwrap();
    let Some(value) = &record.value else { return format!("writes {} gone", key.transactional_id) };
    let version = i16::from_be_bytes([value[0], value[1]]);
    let value = TransactionLogValue::from_bytes(&value[2..], version).unwrap();
    const STATES: [&str; 6] =
        ["Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort"];
    let state = STATES[usize::try_from(value.transaction_status).unwrap()];
    let partitions = value.transaction_partitions.iter().flatten().flat_map(|topic| {
        topic.partition_ids.iter().map(move |partition| format!(" {}-{partition}", topic.topic))
    });
    let partitions: String = partitions.collect();
    let next =
        if value.next_producer_id < 0 { String::new() } else { format!(" next {}", value.next_producer_id) };
    let (id, epoch) = (value.producer_id, value.producer_epoch);
    format!("writes {} {state} {id}/{epoch}{partitions}{next}", key.transactional_id)
}

fn show_markers(markers: &Markers) -> String {
    let result = if markers.result == TransactionResult::Commit { "commit" } else { "abort" };
    let partitions =
        markers.partitions.iter().map(|partition| format!(" {}-{}", partition.topic, partition.partition));
    let partitions: String = partitions.collect();
    format!("marks {result} {}/{}{partitions}", markers.producer_id, markers.producer_epoch)
}
