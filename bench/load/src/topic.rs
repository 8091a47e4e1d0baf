//! Creating topics with many partitions, and waiting until every one of them takes a record.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::arguments::Arguments;
use crate::wire;

const PATIENCE: Duration = Duration::from_secs(300);
/// Partitions in one Produce.
const PARTITIONS_MAX: i32 = 500;

/// Creates a topic; seconds until the answer, until all partitions have leaders, until all took a record.
pub fn create(arguments: &Arguments) -> Outcome {
    let (topic, partitions) = (arguments.text("topic")?, arguments.number("partitions")?);
    let started = Instant::now();
    let mut stream = TcpStream::connect(arguments.text("broker")?)?;
    let answer = call(&mut stream, &wire::create_topic(topic, partitions))?;
    match wire::create_topic_error(&answer) {
        Some(0) => {}
        error => return Err(format!("not created: error {error:?}").into()),
    }
    let created = started.elapsed().as_secs_f64();
    while wire::leaders(&call(&mut stream, &wire::metadata(topic))?) != Some(partitions as usize) {
        if started.elapsed() > PATIENCE {
            return Err("not every partition has a leader".into());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let leaders = started.elapsed().as_secs_f64();
    all_take_a_record(&mut stream, topic, partitions, started)?;
    let writable = started.elapsed().as_secs_f64();
    Ok(format!("{{\"created_s\":{created:.4},\"leaders_s\":{leaders:.4},\"writable_s\":{writable:.4}}}"))
}

/// Waits until every partition takes a record, from a broker that may still be starting.
pub fn writable(arguments: &Arguments) -> Outcome {
    let (topic, partitions) = (arguments.text("topic")?, arguments.number("partitions")?);
    let started = Instant::now();
    loop {
        let tried = TcpStream::connect(arguments.text("broker")?)
            .and_then(|mut stream| all_take_a_record(&mut stream, topic, partitions, started));
        match tried {
            Ok(()) => break,
            Err(error) if started.elapsed() > PATIENCE => return Err(error.into()),
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    Ok(format!("{{\"writable_s\":{:.4}}}", started.elapsed().as_secs_f64()))
}

/// Deletes a topic.
pub fn delete(arguments: &Arguments) -> Outcome {
    let mut stream = TcpStream::connect(arguments.text("broker")?)?;
    call(&mut stream, &wire::delete_topic(arguments.text("topic")?))?;
    Ok("{}".to_owned())
}

/// Goes over the partitions in their order; each request is sent until it has no error.
fn all_take_a_record(
    stream: &mut TcpStream,
    topic: &str,
    partitions: i32,
    started: Instant,
) -> io::Result<()> {
    let batch = wire::batch(1, 10);
    for first in (0..partitions).step_by(PARTITIONS_MAX as usize) {
        let last = (first + PARTITIONS_MAX).min(partitions);
        let targets: Vec<i32> = (first..last).collect();
        let request = wire::produce(topic, targets.into_iter(), &batch, 1);
        while wire::produce_error(&call(stream, &request)?) != Some(0) {
            if started.elapsed() > PATIENCE {
                return Err(io::Error::other("not every partition takes a record"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    Ok(())
}

/// One request and its answer, from behind the correlation id.
fn call(stream: &mut TcpStream, request: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(request)?;
    let mut size = [0; 4];
    stream.read_exact(&mut size)?;
    let mut answer = vec![0; u32::from_be_bytes(size) as usize];
    stream.read_exact(&mut answer)?;
    if answer.len() < 4 {
        return Err(io::Error::other("an answer without a header"));
    }
    Ok(answer.split_off(4))
}
