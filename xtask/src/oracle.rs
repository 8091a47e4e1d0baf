//! `cargo xtask oracle`: our codec against Kafka's own generated classes, byte for byte, in both directions.
//!
//! Kafka's classes write random values of every message in every version; ours read and write them again. Then the
//! other way round. Twice: with Kafka 4.3.1 and with 4.4.0, whose classes know every version that we know.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// Options of `cargo xtask oracle`.
#[derive(clap::Args)]
pub struct Options {
    /// Values of each version of each message, in each direction.
    #[arg(long, default_value_t = 100)]
    samples: usize,
    /// The same seed gives the same values.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Kafka's versions, and whether their classes know every version of every message.
const KAFKA_VERSIONS: [(&str, bool); 2] = [("4.3.1", false), ("4.4.0", true)];

/// Compares in both directions with each version of Kafka; fails if one sample differs.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let folder = cache_folder().join("oracle");
    for (version, is_complete) in KAFKA_VERSIONS {
        let jars = resolve_jars(&folder, version)?;
        let kafka = Kafka::compile(&folder.join(format!("{version}-classes")), jars)?;
        compare(&folder, &kafka, version, is_complete, options)?;
    }
    Ok(())
}

fn compare(
    folder: &Path,
    kafka: &Kafka,
    version: &str,
    is_complete: bool,
    options: &Options,
) -> anyhow::Result<()> {
    let (seed, samples) = (options.seed.to_string(), options.samples.to_string());
    println!("the tables of Kafka {version} and ours:");
    let tables = folder.join(format!("{version}-tables.txt"));
    kafka.run(&["tables", text(&tables)?])?;
    let of_4_3 = if is_complete { &[][..] } else { &["--kafka-4-3"] };
    ours(&[&["tables", text(&tables)?], of_4_3].concat())?;
    println!("Kafka {version} writes, we read and write again:");
    let theirs = folder.join(format!("{version}-theirs.bin"));
    kafka.run(&["write", &seed, &samples, text(&theirs)?])?;
    let complete = if is_complete { &["--complete"][..] } else { &[] };
    ours(&[&["check", text(&theirs)?], complete].concat())?;
    println!("we write, Kafka {version} reads and writes again:");
    let ours_file = folder.join("ours.bin");
    ours(&["write", "--seed", &seed, "--samples", &samples, text(&ours_file)?])?;
    kafka.run(&["check", text(&ours_file)?])?;
    fs::remove_file(theirs)?;
    fs::remove_file(ours_file)?;
    Ok(())
}

/// Where downloads are kept: `$OTTLA_CACHE`, else `compat/.cache`.
fn cache_folder() -> PathBuf {
    env::var_os("OTTLA_CACHE").map_or_else(|| crate::root().join("compat/.cache"), PathBuf::from)
}

/// The jars with Kafka's message classes, fetched from Maven Central if they are not in the cache.
fn resolve_jars(folder: &Path, version: &str) -> anyhow::Result<Vec<PathBuf>> {
    let libs = folder.join(version);
    let complete = libs.join(".complete");
    if !complete.exists() {
        fs::create_dir_all(&libs)?;
        let status = Command::new("mvn")
            .args(["-q", "-B", "-ntp", "dependency:copy-dependencies"])
            .arg("-f")
            .arg(crate::root().join("compat/oracle/pom.xml"))
            .arg(format!("-Dkafka.version={version}"))
            .arg(format!("-DoutputDirectory={}", libs.display()))
            .status()
            .context("running mvn: Maven is needed to fetch Kafka's jars")?;
        ensure!(status.success(), "mvn could not fetch the jars of Kafka {version} into {}", libs.display());
        fs::write(&complete, "")?;
    }
    let mut jars = Vec::new();
    for entry in fs::read_dir(&libs)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jar") {
            jars.push(path);
        }
    }
    jars.sort();
    Ok(jars)
}

/// Kafka's side: the compiled `Oracle.java` with one version's jars.
struct Kafka {
    class_path: String,
    jars: Vec<PathBuf>,
}

impl Kafka {
    fn compile(classes: &Path, jars: Vec<PathBuf>) -> anyhow::Result<Self> {
        fs::create_dir_all(classes)?;
        let class_path: Vec<&Path> = jars.iter().map(PathBuf::as_path).chain([classes]).collect();
        let class_path = env::join_paths(class_path)?.into_string().ok().context("paths are text")?;
        let status = Command::new("javac")
            .args(["-encoding", "UTF-8", "-cp", &class_path, "-d"])
            .arg(classes)
            .arg(crate::root().join("compat/oracle/java/Oracle.java"))
            .status()
            .context("running javac: a JDK of version 17 or later is needed")?;
        ensure!(status.success(), "javac could not compile Oracle.java");
        Ok(Self { class_path, jars })
    }

    fn run(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let status = Command::new("java")
            .args(["-Xmx1g", "-cp", &self.class_path, "Oracle"])
            .args(arguments)
            .args(self.jars.iter().filter(|jar| !text(jar).is_ok_and(|jar| jar.contains("slf4j"))))
            .status()
            .context("running java: a JDK of version 17 or later is needed")?;
        ensure!(status.success(), "Kafka's side found a difference or failed");
        Ok(())
    }
}

/// Our side: the `ottla-oracle` program.
fn ours(arguments: &[&str]) -> anyhow::Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--package", "ottla-oracle", "--"])
        .args(arguments)
        .current_dir(crate::root())
        .status()?;
    ensure!(status.success(), "our side found a difference or failed");
    Ok(())
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("paths are text")
}
