//! Our side of the comparison with Kafka's own generated classes: see `cargo xtask oracle`.
//!
//! Records of a file: name (u16 size, bytes), version (i16), size (i32), bytes.

mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::{Parser, Subcommand};
use ottla_protocol::fuzzing::{CATALOG, Entry, Random};
use ottla_protocol::wire::{DecodeError, Reader};

/// Our side of the comparison with Kafka's own generated classes.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    side: Side,
}

#[derive(Subcommand)]
enum Side {
    /// Write random values of every message in every version.
    Write {
        /// The same seed gives the same values.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Values of each version.
        #[arg(long, default_value_t = 100)]
        samples: usize,
        /// The file to write.
        file: PathBuf,
    },
    /// Read and write again what Kafka's classes wrote, and compare.
    Check {
        /// The file to read.
        file: PathBuf,
        /// Fail unless every version of every message is in the file.
        #[arg(long)]
        complete: bool,
    },
    /// Compare the API table and the error table with Kafka's.
    Tables {
        /// The file to read.
        file: PathBuf,
        /// The file is of Kafka 4.3, which has fewer APIs and errors.
        #[arg(long)]
        kafka_4_3: bool,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().side {
        Side::Write { seed, samples, file } => write(seed, samples, &file),
        Side::Check { file, complete } => check(&file, complete),
        Side::Tables { file, kafka_4_3 } => tables::compare(&file, kafka_4_3),
    }
}

fn write(seed: u64, samples: usize, path: &Path) -> anyhow::Result<()> {
    let mut file =
        BufWriter::new(File::create(path).with_context(|| format!("creating {}", path.display()))?);
    let mut random = Random::new(seed);
    let (mut versions, mut count) = (0, 0);
    for entry in &CATALOG {
        for version in entry.versions.clone() {
            versions += 1;
            for _ in 0..samples {
                let bytes = (entry.random)(&mut random, version);
                file.write_all(&u16::try_from(entry.name.len())?.to_be_bytes())?;
                file.write_all(entry.name.as_bytes())?;
                file.write_all(&version.to_be_bytes())?;
                file.write_all(&u32::try_from(bytes.len())?.to_be_bytes())?;
                file.write_all(&bytes)?;
                count += 1;
            }
        }
    }
    file.flush()?;
    println!("{} messages, {versions} versions, {count} samples written", CATALOG.len());
    Ok(())
}

fn check(path: &Path, complete: bool) -> anyhow::Result<()> {
    let file = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let entries: BTreeMap<&str, &Entry> = CATALOG.iter().map(|entry| (entry.name, entry)).collect();
    let mut reader = Reader::new(&file);
    let mut seen = BTreeSet::new();
    let (mut agreed, mut differed) = (0u64, 0u64);
    while reader.remaining() > 0 {
        let (name, version, bytes) = next_record(&mut reader)?;
        let Some(entry) = entries.get(name) else { bail!("we have no {name}") };
        seen.insert((name, version));
        match (entry.recode)(bytes, version) {
            Ok(again) if again == bytes => agreed += 1,
            outcome => {
                differed += 1;
                if differed <= 20 {
                    println!("DIFFERS {name} {version}: {bytes:02x?} became {outcome:02x?}");
                }
            }
        }
    }
    let messages: BTreeSet<&str> = seen.iter().map(|(name, _)| *name).collect();
    println!(
        "{} messages, {} versions, {agreed} samples agree, {differed} differ",
        messages.len(),
        seen.len()
    );
    ensure!(differed == 0, "{differed} samples differ");
    if complete {
        for entry in &CATALOG {
            for version in entry.versions.clone() {
                ensure!(seen.contains(&(entry.name, version)), "{} {version} is not there", entry.name);
            }
        }
    }
    Ok(())
}

fn next_record<'a>(reader: &mut Reader<'a>) -> Result<(&'a str, i16, &'a [u8]), DecodeError> {
    reader.set_flexible(false);
    let name = reader.str()?;
    let version = reader.i16()?;
    let size = reader.u32()? as usize;
    Ok((name, version, reader.raw(size)?))
}
