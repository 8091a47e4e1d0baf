//! What the machine can do without a broker: the CPU time of one thread that only moves the bytes.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::FileExt;
use std::thread;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

use crate::Outcome;
use crate::arguments::Arguments;

/// CPU seconds of the calling thread.
fn thread_cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Two ends of a loopback connection.
fn pair() -> std::io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    let (server, _) = listener.accept()?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    Ok((client, server))
}

struct Cost {
    started: Instant,
    cpu_before: f64,
}

impl Cost {
    fn start() -> Self {
        Self { started: Instant::now(), cpu_before: thread_cpu_seconds() }
    }

    fn of_bytes(&self, bytes: u64) -> String {
        let (seconds, cpu) = (self.started.elapsed().as_secs_f64(), thread_cpu_seconds() - self.cpu_before);
        let gb = bytes as f64 / 1e9;
        format!("{{\"mb_per_s\":{:.0},\"cpu_s_per_gb\":{:.4}}}", gb * 1000.0 / seconds, cpu / gb)
    }
}

/// Socket, CRC-32C, file: what a produce costs at least. At most `--block` bytes are read at a time.
pub fn sink(arguments: &Arguments) -> Outcome {
    let (total, block): (u64, usize) = (arguments.number("bytes")?, arguments.number("block")?);
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(arguments.text("file")?)?;
    let (mut client, mut server) = pair()?;
    let sender = thread::spawn(move || -> std::io::Result<()> {
        let data = vec![b'x'; block];
        let mut left = total;
        while left > 0 {
            let part = left.min(block as u64) as usize;
            client.write_all(&data[..part])?;
            left -= part as u64;
        }
        Ok(())
    });
    let mut buffer = vec![0; block];
    let (mut at, mut checksum) = (0, 0);
    let cost = Cost::start();
    while at < total {
        let count = match server.read(&mut buffer)? {
            0 => return Err("the sender ended early".into()),
            count => count,
        };
        // What has come is handled while it is in the processor's caches.
        checksum ^= crc32c::crc32c(&buffer[..count]);
        file.write_all_at(&buffer[..count], at)?;
        at += count as u64;
    }
    let line = cost.of_bytes(std::hint::black_box((at, checksum)).0);
    sender.join().map_err(|_| "the sender failed")??;
    Ok(line)
}

/// File, sendfile, socket: what a fetch costs at least. The file is read again and again.
pub fn source(arguments: &Arguments) -> Outcome {
    let (total, block): (u64, usize) = (arguments.number("bytes")?, arguments.number("block")?);
    let file = File::open(arguments.text("file")?)?;
    let size = file.metadata()?.len();
    if size == 0 {
        return Err("the file is empty".into());
    }
    let (mut client, server) = pair()?;
    let receiver = thread::spawn(move || -> std::io::Result<()> {
        let mut buffer = vec![0; 1 << 20];
        let mut left = total;
        while left > 0 {
            match client.read(&mut buffer)? {
                0 => break,
                count => left -= count as u64,
            }
        }
        Ok(())
    });
    let (mut sent, mut offset) = (0, 0);
    let cost = Cost::start();
    while sent < total {
        let count =
            rustix::fs::sendfile(&server, &file, Some(&mut offset), block.min((total - sent) as usize))?;
        sent += count as u64;
        if offset >= size {
            offset = 0;
        }
    }
    let line = cost.of_bytes(sent);
    receiver.join().map_err(|_| "the receiver failed")??;
    Ok(line)
}

/// One byte there and back: what a request costs at least.
pub fn pingpong(arguments: &Arguments) -> Outcome {
    let count: u64 = arguments.number("count")?;
    let (mut client, mut server) = pair()?;
    let asking = thread::spawn(move || -> std::io::Result<()> {
        let mut byte = [1];
        for _ in 0..count {
            client.write_all(&byte)?;
            client.read_exact(&mut byte)?;
        }
        Ok(())
    });
    let mut byte = [0];
    let cost = Cost::start();
    for _ in 0..count {
        server.read_exact(&mut byte)?;
        server.write_all(&byte)?;
    }
    let (seconds, cpu) = (cost.started.elapsed().as_secs_f64(), thread_cpu_seconds() - cost.cpu_before);
    asking.join().map_err(|_| "the asking side failed")??;
    let millions = count as f64 / 1e6;
    Ok(format!(
        "{{\"requests_per_s\":{:.0},\"cpu_s_per_million\":{:.3}}}",
        count as f64 / seconds,
        cpu / millions
    ))
}
