//! `ottla produce`.

mod input;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use bytes::Bytes;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ottla_client::{Client, Delivery, Producer, Record};
use serde_json::json;
use tokio::sync::mpsc;

use self::input::{Parser, Splitter};
use super::output;
use crate::cli::ProduceOptions;

/// Size of the pieces in which input is read.
const READ_SIZE: usize = 256 << 10;
/// Pieces that may be read ahead.
const READ_AHEAD: usize = 4;
/// Records between two looks at what came of earlier ones.
const CHECK_INTERVAL: u64 = 1_024;

/// Runs `ottla produce`.
pub async fn run(options: ProduceOptions) -> anyhow::Result<ExitCode> {
    let client = super::connect(&options.cluster, super::CREATION_WAIT).await?;
    let result = produce(&client, &options).await;
    client.close().await;
    result
}

async fn produce(client: &Client, options: &ProduceOptions) -> anyhow::Result<ExitCode> {
    let producer = Producer::builder(client)
        .acks(options.acks.into())
        .compression(options.compression.into())
        .batch_size(options.batch_size)
        .linger(Duration::from_millis(options.linger_ms))
        .request_size_max(options.request_size_max)
        .start();
    let progress = progress_bar(options);
    let mut sending =
        Sending { producer: &producer, deliveries: VecDeque::new(), sent: 0, delivered: 0, bytes: 0 };
    let started = Instant::now();
    let result = sending.send_all(options, &progress).await;
    producer.close().await;
    // Errors of reading come with those records delivered that were read before.
    let result = result.and(sending.check(true));
    progress.finish_and_clear();
    let (delivered, bytes, seconds) = (sending.delivered, sending.bytes, started.elapsed().as_secs_f64());
    if let Err(error) = result {
        return Err(error.context(format!("{delivered} of {} records are delivered", sending.sent)));
    }
    if options.output.json {
        let topic = &options.topic;
        output::print_json(
            &json!({ "topic": topic, "records": delivered, "bytes": bytes, "seconds": seconds }),
        )?;
    } else if !options.quiet {
        let (size, rate) = (output::bytes(bytes), output::bytes((bytes as f64 / seconds.max(1e-9)) as u64));
        eprintln!("{delivered} records ({size}) delivered to {} in {seconds:.2} s ({rate}/s)", options.topic);
    }
    Ok(ExitCode::SUCCESS)
}

/// Records on their way.
struct Sending<'a> {
    producer: &'a Producer,
    deliveries: VecDeque<Delivery>,
    sent: u64,
    delivered: u64,
    /// Of keys and values.
    bytes: u64,
}

impl Sending<'_> {
    async fn send_all(&mut self, options: &ProduceOptions, progress: &ProgressBar) -> anyhow::Result<()> {
        let (pieces, mut read) = mpsc::channel(READ_AHEAD);
        let files = options.file.clone();
        // Reading may block, for ever if nobody types anything. The runtime does not wait for it at the end.
        let _reader = tokio::task::spawn_blocking(move || read_all(files, &pieces));
        let parser = Parser::of(options);
        let mut splitter = Splitter::new(options);
        let interrupted = tokio::signal::ctrl_c();
        tokio::pin!(interrupted);
        loop {
            let piece = tokio::select! {
                piece = read.recv() => piece.transpose()?,
                _ = &mut interrupted => None,
            };
            let Some(piece) = piece else { break };
            progress.inc(piece.len() as u64);
            splitter.add(&piece);
            while let Some(text) = splitter.next_record() {
                self.send(&parser, text).await?;
            }
        }
        match splitter.finish() {
            Some(text) => self.send(&parser, text).await,
            None => Ok(()),
        }
    }

    async fn send(&mut self, parser: &Parser, text: Bytes) -> anyhow::Result<()> {
        let number = self.sent + 1;
        let Some(record) = parser.parse(text).with_context(|| format!("record {number}"))? else {
            return Ok(());
        };
        self.bytes += size(&record);
        let delivery = self.producer.send(record).await.with_context(|| format!("record {number}"))?;
        self.sent = number;
        self.deliveries.push_back(delivery);
        if self.sent.is_multiple_of(CHECK_INTERVAL) {
            self.check(false)?;
        }
        Ok(())
    }

    /// Looks at what came of the oldest records, or of all once the producer is closed.
    fn check(&mut self, is_closed: bool) -> anyhow::Result<()> {
        while let Some(delivery) = self.deliveries.front_mut() {
            match delivery.try_result() {
                Some(Ok(_)) => self.delivered += 1,
                Some(Err(error)) => {
                    let number = self.delivered + 1;
                    self.deliveries.pop_front();
                    return Err(anyhow::Error::from(error).context(format!("record {number}")));
                }
                None if is_closed => {
                    return Err(anyhow!("record {} is neither delivered nor refused", self.delivered + 1));
                }
                None => return Ok(()),
            }
            self.deliveries.pop_front();
        }
        Ok(())
    }
}

fn size(record: &Record) -> u64 {
    let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
    length(&record.key) + length(&record.value)
}

/// Reads files one after the other, or standard input, until the end or until nobody listens.
fn read_all(files: Vec<PathBuf>, pieces: &mpsc::Sender<anyhow::Result<Vec<u8>>>) {
    let result = if files.is_empty() {
        read_pieces(&mut io::stdin().lock(), pieces).context("cannot read standard input")
    } else {
        files.into_iter().try_for_each(|path| {
            let read = File::open(&path).and_then(|mut file| read_pieces(&mut file, pieces));
            read.with_context(|| format!("cannot read {}", path.display()))
        })
    };
    if let Err(error) = result {
        let _ = pieces.blocking_send(Err(error));
    }
}

fn read_pieces(source: &mut impl Read, pieces: &mpsc::Sender<anyhow::Result<Vec<u8>>>) -> io::Result<()> {
    loop {
        let mut piece = vec![0; READ_SIZE];
        let size = match source.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(size) => size,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        piece.truncate(size);
        if pieces.blocking_send(Ok(piece)).is_err() {
            return Ok(());
        }
    }
}

/// A bar that shows how much was read, if a person watches and does not type the input.
fn progress_bar(options: &ProduceOptions) -> ProgressBar {
    let types_input = options.file.is_empty() && io::stdin().is_terminal();
    if options.quiet || types_input || !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let sizes = options.file.iter().map(|path| path.metadata().ok().map(|metadata| metadata.len()));
    let total: Option<u64> = sizes.sum();
    let bar = match total.filter(|&total| total > 0) {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::new_spinner(),
    };
    let template = if total.is_some_and(|total| total > 0) {
        "{bar:30} {decimal_bytes} of {decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left"
    } else {
        "{spinner} {decimal_bytes}  {decimal_bytes_per_sec}"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// For [`input`]: the topic as records carry it.
fn topic_of(options: &ProduceOptions) -> Arc<str> {
    options.topic.as_str().into()
}
