//! From input to records: splitting at delimiters, then taking headers, key and value apart.

use std::sync::Arc;

use anyhow::Context;
use bytes::{Bytes, BytesMut};
use ottla_client::{Header, Record};

use super::topic_of;
use crate::cli::{InputFormat, ProduceOptions};
use crate::commands::json_record::from_json;

/// Cuts input into records at each delimiter. What is behind the last one is a record only if it is not empty.
#[derive(Debug)]
pub struct Splitter {
    delimiter: Vec<u8>,
    buffer: BytesMut,
    /// No delimiter begins before this place in the buffer.
    searched: usize,
}

impl Splitter {
    /// A splitter at the delimiter of the options; JSON objects stand on lines.
    pub fn new(options: &ProduceOptions) -> Self {
        let delimiter = match options.input {
            InputFormat::Lines => options.delimiter.0.clone(),
            InputFormat::Json => b"\n".to_vec(),
        };
        Self { delimiter, buffer: BytesMut::new(), searched: 0 }
    }

    /// Adds input.
    pub fn add(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// The next record that is followed by a delimiter.
    pub fn next_record(&mut self) -> Option<Bytes> {
        let Some(at) = find(&self.buffer[self.searched..], &self.delimiter) else {
            self.searched = self.buffer.len().saturating_sub(self.delimiter.len() - 1).max(self.searched);
            return None;
        };
        let record = self.buffer.split_to(self.searched + at).freeze();
        let _delimiter = self.buffer.split_to(self.delimiter.len());
        self.searched = 0;
        Some(record)
    }

    /// What is left at the end of the input.
    pub fn finish(self) -> Option<Bytes> {
        Some(self.buffer.freeze()).filter(|rest| !rest.is_empty())
    }
}

/// Where `needle`, which is not empty, begins in `bytes`.
fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    if let [byte] = needle {
        return bytes.iter().position(|b| b == byte);
    }
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// Makes records of pieces of input.
#[derive(Debug)]
pub struct Parser {
    topic: Arc<str>,
    input: InputFormat,
    partition: Option<i32>,
    key: Option<Bytes>,
    key_separator: Option<Vec<u8>>,
    header_separator: Option<Vec<u8>>,
    headers: Vec<Header>,
    null: Option<Vec<u8>>,
}

impl Parser {
    /// A parser as the options say.
    pub fn of(options: &ProduceOptions) -> Self {
        let header = |header: &crate::cli::KeyValue| Header::new(header.key.as_str(), header.value.clone());
        Self {
            topic: topic_of(options),
            input: options.input,
            partition: options.partition,
            key: options.key.clone().map(Bytes::from),
            key_separator: options.key_separator.clone().map(|separator| separator.0),
            header_separator: options.header_separator.clone().map(|separator| separator.0),
            headers: options.header.iter().map(header).collect(),
            null: options.null.clone().map(String::into_bytes),
        }
    }

    /// The record in `text`; none if it is an empty line of JSON input.
    pub fn parse(&self, text: Bytes) -> anyhow::Result<Option<Record>> {
        let mut record = match self.input {
            InputFormat::Json if text.trim_ascii().is_empty() => return Ok(None),
            InputFormat::Json => from_json(&text, &self.topic)?,
            InputFormat::Lines => self.parse_line(text)?,
        };
        record.partition = self.partition;
        if self.key.is_some() {
            record.key.clone_from(&self.key);
        }
        record.headers.extend(self.headers.iter().cloned());
        Ok(Some(record))
    }

    fn parse_line(&self, mut text: Bytes) -> anyhow::Result<Record> {
        let mut record = Record::new(Arc::clone(&self.topic));
        if let Some(separator) = &self.header_separator {
            let at = find(&text, separator).context("no header separator")?;
            record.headers = headers(&text.split_to(at))?;
            let _separator = text.split_to(separator.len());
        }
        if let Some(separator) = &self.key_separator
            && let Some(at) = find(&text, separator)
        {
            record.key = self.unless_null(text.split_to(at));
            let _separator = text.split_to(separator.len());
        }
        record.value = self.unless_null(text);
        Ok(record)
    }

    fn unless_null(&self, bytes: Bytes) -> Option<Bytes> {
        Some(bytes).filter(|bytes| self.null.as_deref() != Some(bytes))
    }
}

/// The headers in `name=value,name=value`; none in an empty text.
fn headers(text: &Bytes) -> anyhow::Result<Vec<Header>> {
    let pairs = text.split(|&byte| byte == b',').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let at = find(pair, b"=").context("a header is not name=value")?;
            let name = std::str::from_utf8(&pair[..at]).context("a header's name is not UTF-8")?;
            Ok(Header { name: name.into(), value: Some(text.slice_ref(&pair[at + 1..])) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;

    fn options(arguments: &[&str]) -> ProduceOptions {
        let arguments = ["ottla", "produce", "t"].iter().chain(arguments);
        let Command::Produce(options) = Cli::parse_from(arguments).into_command() else {
            panic!("not produce")
        };
        options
    }

    fn split(arguments: &[&str], pieces: &[&str]) -> Vec<Bytes> {
        let mut splitter = Splitter::new(&options(arguments));
        let mut records = Vec::new();
        for piece in pieces {
            splitter.add(piece.as_bytes());
            while let Some(record) = splitter.next_record() {
                records.push(record);
            }
        }
        records.extend(splitter.finish());
        records
    }

    #[test]
    fn records_end_at_delimiters_wherever_the_input_is_cut() {
        assert_eq!(split(&[], &["a\nb", "c\n", "\nd"]), ["a", "bc", "", "d"]);
        assert_eq!(split(&[], &["a\n"]), ["a"]);
        let text = "one::two:three::::four:";
        for cut in 0..=text.len() {
            let records = split(&["--delimiter", "::"], &[&text[..cut], &text[cut..]]);
            assert_eq!(records, ["one", "two:three", "", "four:"], "cut at {cut}");
        }
    }

    fn parse(arguments: &[&str], text: &'static str) -> anyhow::Result<Option<Record>> {
        Parser::of(&options(arguments)).parse(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn keys_headers_and_nulls_are_taken_apart() {
        let record = |arguments: &[&str], text| parse(arguments, text).unwrap().unwrap();
        assert_eq!(record(&[], "a:b"), Record::new("t").value("a:b"));
        assert_eq!(record(&["-K", ":"], "a:b:c"), Record::new("t").key("a").value("b:c"));
        assert_eq!(record(&["-K", ":"], "abc"), Record::new("t").value("abc"));
        assert_eq!(record(&["-K", ":", "--null", "NULL"], "a:NULL"), Record::new("t").key("a"));
        let with_headers = ["--header-separator", "\\t", "-K", "\\t", "-H", "all=x"];
        let expected =
            Record::new("t").key("k").value("v").header("h", "1=2").header("i", "").header("all", "x");
        assert_eq!(record(&with_headers, "h=1=2,i=\tk\tv"), expected);
        assert_eq!(record(&["-k", "k", "-p", "3"], "v"), Record::new("t").key("k").value("v").partition(3));
    }

    #[test]
    fn json_lines_are_records_and_empty_ones_are_not() {
        let expected = Record::new("t").key("k").value("v");
        assert_eq!(parse(&["-i", "json"], r#"{"key":"k","value":"v"}"#).unwrap(), Some(expected));
        assert_eq!(parse(&["-i", "json"], " ").unwrap(), None);
        assert!(parse(&["-i", "json"], "x").is_err());
        assert!(parse(&["--header-separator", "\\t"], "no tab").is_err());
    }
}
