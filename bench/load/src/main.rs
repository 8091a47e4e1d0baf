//! `ottla-load`: a load generator for any broker that speaks Kafka's protocol, light enough that the broker is the
//! bottleneck: one thread, one epoll, requests encoded once and sent again and again, answers only checked for errors.
//! It also measures what the machine itself can do, so that a broker's figures have a limit beside them.
//! Every run prints one line of JSON.

mod arguments;
mod connection;
mod drive;
mod limits;
mod report;
mod topic;
mod wire;

use std::process::ExitCode;

use arguments::Arguments;

/// What every subcommand gives back: a line of JSON, or what went wrong.
type Outcome = Result<String, Box<dyn std::error::Error>>;

const USAGE: &str = "\
ottla-load produce  --broker HOST:PORT --topic T --partitions P --connections C --depth D --requests N --records R
                    --size BYTES --acks A [--each K partitions per request] [--rate REQUESTS/S] [--pid BROKER]
ottla-load fetch    --broker HOST:PORT --topic T --partitions P --connections C --max-bytes B [--pid BROKER]
ottla-load api      --broker HOST:PORT --connections C --depth D --requests N [--rate REQUESTS/S] [--pid BROKER]
ottla-load create   --broker HOST:PORT --topic T --partitions P      creates, and waits until each takes a record
ottla-load writable --broker HOST:PORT --topic T --partitions P      waits until each takes a record
ottla-load delete   --broker HOST:PORT --topic T
ottla-load sink     --file F --bytes N --block B       socket, CRC-32C, file
ottla-load source   --file F --bytes N --block B       file, sendfile, socket (--block: the bytes asked for at a time)
ottla-load pingpong --count N                          one byte there and back";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    match Arguments::parse(words).map_err(Into::into).and_then(|arguments| run(&command, &arguments)) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("ottla-load {command}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, arguments: &Arguments) -> Outcome {
    match command {
        "produce" | "fetch" | "api" => drive::run(command, arguments),
        "create" => topic::create(arguments),
        "writable" => topic::writable(arguments),
        "delete" => topic::delete(arguments),
        "sink" => limits::sink(arguments),
        "source" => limits::source(arguments),
        "pingpong" => limits::pingpong(arguments),
        _ => Err(USAGE.into()),
    }
}
