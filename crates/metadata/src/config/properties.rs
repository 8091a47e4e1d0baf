//! Java properties syntax, in which Kafka's configuration files are written.
//!
//! Source: `java.util.Properties.load`: comments with `#` or `!`, separators `=`, `:` or blanks, lines continued by a
//! backslash, and the escapes `\t \n \r \f \uXXXX`. Files are read as UTF-8.

use std::iter::Peekable;
use std::str::Chars;

/// A line that is not in properties syntax.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct PropertiesError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// The keys and values of a properties text in order; a repeated key appears repeatedly, and the last one counts.
///
/// Errors: a `\u` escape without four hexadecimal digits.
pub fn parse_properties(text: &str) -> Result<Vec<(String, String)>, PropertiesError> {
    let mut entries = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, first)) = lines.next() {
        let mut logical = first.trim_start_matches(is_blank).to_string();
        if logical.is_empty() || logical.starts_with(['#', '!']) {
            continue;
        }
        while ends_in_continuation(&logical) {
            logical.pop();
            match lines.next() {
                Some((_, next)) => logical.push_str(next.trim_start_matches(is_blank)),
                None => break,
            }
        }
        let error = |reason| PropertiesError { line: index + 1, reason };
        let mut chars = logical.chars().peekable();
        let key = unescape(&mut chars, true).map_err(error)?;
        skip_separator(&mut chars);
        let value = unescape(&mut chars, false).map_err(error)?;
        entries.push((key, value));
    }
    Ok(entries)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0c')
}

/// An odd number of backslashes at the end joins the next line to this one.
fn ends_in_continuation(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

fn skip_separator(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| is_blank(*c)).is_some() {}
    if chars.next_if(|c| matches!(c, '=' | ':')).is_some() {
        while chars.next_if(|c| is_blank(*c)).is_some() {}
    }
}

/// Reads up to the separator, or to the end of the line.
fn unescape(chars: &mut Peekable<Chars<'_>>, until_separator: bool) -> Result<String, &'static str> {
    let mut text = String::new();
    // Escapes are UTF-16 units: two of them may make one character.
    let mut high_surrogate = None;
    while let Some(c) = chars.next_if(|c| !(until_separator && (is_blank(*c) || matches!(c, '=' | ':')))) {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('t') => text.push('\t'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('f') => text.push('\x0c'),
            Some('u') => {
                let unit = hex_unit(chars).ok_or("\\u needs four hexadecimal digits")?;
                match (high_surrogate.take(), unit) {
                    (None, 0xd800..=0xdbff) => high_surrogate = Some(unit),
                    (Some(high), low) => {
                        text.extend(char::decode_utf16([high, low]).map(|c| c.unwrap_or('\u{fffd}')))
                    }
                    (None, unit) => text.extend(char::decode_utf16([unit]).map(|c| c.unwrap_or('\u{fffd}'))),
                }
            }
            Some(other) => text.push(other),
            None => {}
        }
    }
    Ok(text)
}

fn hex_unit(chars: &mut Peekable<Chars<'_>>) -> Option<u16> {
    let mut unit = 0u16;
    for _ in 0..4 {
        let digit = chars.next()?.to_digit(16)?;
        unit = (unit << 4) | u16::try_from(digit).ok()?;
    }
    Some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<(String, String)> {
        parse_properties(text).unwrap()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_string(), value.to_string())
    }

    #[test]
    fn separators_blanks_and_comments() {
        assert_eq!(
            parsed("# comment\n! comment\n\n  a=1\nb : 2\nc 3\nd\n e = x = y \nf="),
            [
                pair("a", "1"),
                pair("b", "2"),
                pair("c", "3"),
                pair("d", ""),
                pair("e", "x = y "),
                pair("f", "")
            ]
        );
    }

    #[test]
    fn continued_lines_and_escapes() {
        assert_eq!(parsed("list=a,\\\n    b,\\\n    c"), [pair("list", "a,b,c")]);
        assert_eq!(parsed(r"path=C\:\\dir\\"), [pair("path", r"C:\dir\")]);
        assert_eq!(parsed(r"a\ b\=c=\u00e4\t\uD83D\uDE00"), [pair("a b=c", "ä\t😀")]);
        assert_eq!(parsed("end=1\\"), [pair("end", "1")]);
        assert_eq!(parsed("windows=1\r\nlines=2\r\n"), [pair("windows", "1"), pair("lines", "2")]);
    }

    #[test]
    fn a_broken_escape_names_its_line() {
        let error = parse_properties("a=1\nb=\\u12x4\n").unwrap_err();
        assert_eq!(error.to_string(), "line 2: \\u needs four hexadecimal digits");
    }
}
