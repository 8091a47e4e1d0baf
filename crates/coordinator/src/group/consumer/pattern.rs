//! Regular expressions of subscriptions, in the syntax of RE2 (RE2J), on top of the `regex` crate.
//!
//! Both are of one family and take linear time. Where one accepts what the other does not, or reads it otherwise, the
//! expression is rewritten or refused here: quoting by `\Q`, a literal `{`, a literal `[` in a class, set operations in
//! classes, doubled repetition, repetition beyond 1000, octal escapes, and flags.

use regex::Regex;

/// The most that RE2 lets a repetition count.
const REPEAT_MAX: u32 = 1_000;

/// Bytes that a compiled expression may take.
const COMPILED_SIZE_MAX: usize = 1 << 20;

/// An expression that matches whole names of topics.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Compiles an expression. Errors: what is wrong with it.
    pub(super) fn new(expression: &str) -> Result<Self, String> {
        let translated = Translator::new(expression).run()?;
        // First alone, so that no parenthesis of it closes ours.
        compile(&translated)?;
        compile(&format!("\\A(?:{translated})\\z")).map(Self)
    }

    /// Whether it matches all of `name`.
    pub(super) fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

fn compile(expression: &str) -> Result<Regex, String> {
    let built = regex::RegexBuilder::new(expression).size_limit(COMPILED_SIZE_MAX).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "expression is too large".to_owned(),
        // The last line of the crate's drawing says what is wrong.
        error => {
            let text = error.to_string();
            text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    })
}

struct Translator<'a> {
    rest: &'a str,
    out: String,
    /// Something stands before that can be repeated.
    can_repeat: bool,
    /// What stands before is a repetition.
    is_repeated: bool,
}

impl<'a> Translator<'a> {
    fn new(expression: &'a str) -> Self {
        Self { rest: expression, out: String::new(), can_repeat: false, is_repeated: false }
    }

    fn run(mut self) -> Result<String, String> {
        while let Some(next) = self.rest.chars().next() {
            match next {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '(' => self.open()?,
                '*' | '+' | '?' => self.repeat(1)?,
                '{' => match repetition(self.rest) {
                    Some((size, counts)) => {
                        if counts.iter().any(|count| *count > REPEAT_MAX) {
                            return Err("invalid repeat count".to_owned());
                        }
                        self.repeat(size)?;
                    }
                    None => {
                        self.take(1);
                        self.literal("\\{");
                    }
                },
                '|' => {
                    self.copy(1);
                    (self.can_repeat, self.is_repeated) = (false, false);
                }
                _ => {
                    self.copy(next.len_utf8());
                    (self.can_repeat, self.is_repeated) = (true, false);
                }
            }
        }
        Ok(self.out)
    }

    fn take(&mut self, size: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(size);
        self.rest = rest;
        taken
    }

    fn copy(&mut self, size: usize) {
        let taken = self.take(size);
        self.out.push_str(taken);
    }

    fn literal(&mut self, text: &str) {
        self.out.push_str(text);
        (self.can_repeat, self.is_repeated) = (true, false);
    }

    fn repeat(&mut self, size: usize) -> Result<(), String> {
        if !self.can_repeat {
            return Err("missing argument to repetition operator".to_owned());
        }
        if self.is_repeated {
            return Err("invalid nested repetition operator".to_owned());
        }
        self.copy(size);
        if self.rest.starts_with('?') {
            self.copy(1);
        }
        self.is_repeated = true;
        Ok(())
    }

    /// A group, and what is said of it.
    fn open(&mut self) -> Result<(), String> {
        if let Some(flags) = self.rest.strip_prefix("(?") {
            let is_named = flags.starts_with("P<") || flags.starts_with('<');
            let end = flags.find([':', ')']).unwrap_or(flags.len());
            if !is_named && !flags[..end].chars().all(|flag| "imsU-".contains(flag)) {
                return Err("invalid or unsupported Perl syntax".to_owned());
            }
            self.copy(2);
            if !is_named {
                self.copy(end);
                if self.rest.starts_with([':', ')']) {
                    self.copy(1);
                }
            }
        } else {
            self.copy(1);
        }
        (self.can_repeat, self.is_repeated) = (false, false);
        Ok(())
    }

    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let after = &self.rest[1..];
        let Some(next) = after.chars().next() else {
            return Err("trailing backslash at end of expression".to_owned());
        };
        match next {
            'Q' if !in_class => {
                self.take(2);
                let end = self.rest.find("\\E").unwrap_or(self.rest.len());
                let quoted = self.take(end);
                self.take(self.rest.len().min(2));
                if !quoted.is_empty() {
                    self.literal(&regex::escape(quoted));
                }
            }
            'E' if !in_class => {
                self.take(2);
            }
            'C' if !in_class => {
                self.take(2);
                self.literal("(?s:.)");
            }
            '1'..='7' | '0' => {
                self.take(1);
                let digits =
                    self.rest.chars().take(3).take_while(|digit| ('0'..='7').contains(digit)).count();
                if next != '0' && digits < 3 {
                    return Err("invalid escape sequence".to_owned());
                }
                let code = u32::from_str_radix(self.take(digits), 8).unwrap_or(0);
                self.literal(&format!("\\x{{{code:x}}}"));
            }
            // The crate knows these, RE2 does not.
            '<' | '>' | 'u' | 'U' => return Err("invalid escape sequence".to_owned()),
            'b' if after.starts_with("b{") => return Err("invalid escape sequence".to_owned()),
            _ => {
                self.copy(1 + next.len_utf8());
                (self.can_repeat, self.is_repeated) = (true, false);
            }
        }
        Ok(())
    }

    fn class(&mut self) -> Result<(), String> {
        self.copy(1);
        if self.rest.starts_with('^') {
            self.copy(1);
        }
        if self.rest.starts_with(']') {
            self.take(1);
            self.out.push_str("\\]");
        }
        loop {
            let Some(next) = self.rest.chars().next() else {
                return Err("missing closing ]".to_owned());
            };
            match next {
                ']' => break,
                '\\' => self.escape(true)?,
                '[' if self.rest.starts_with("[:") && self.rest[2..].contains(":]") => {
                    let end = self.rest.find(":]").map_or(1, |at| at + 2);
                    self.copy(end);
                }
                '[' => {
                    self.take(1);
                    self.out.push_str("\\[");
                }
                // Doubled, these are set operations of the crate.
                '&' | '~' => {
                    self.take(1);
                    self.out.push('\\');
                    self.out.push(next);
                }
                '-' if self.rest.starts_with("--") => {
                    self.take(1);
                    self.out.push_str("\\-");
                }
                _ => self.copy(next.len_utf8()),
            }
        }
        self.copy(1);
        (self.can_repeat, self.is_repeated) = (true, false);
        Ok(())
    }
}

/// The size of a counted repetition that `text` begins with, and its counts; `None` if it is none, and `{` is itself.
fn repetition(text: &str) -> Option<(usize, Vec<u32>)> {
    let inner = text.strip_prefix('{')?;
    let inner = &inner[..inner.find('}')?];
    let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(least) || !(most.is_empty() || is_number(most)) {
        return None;
    }
    let count = |text: &str| text.parse().unwrap_or(u32::MAX);
    let counts = [least, most].into_iter().filter(|text| !text.is_empty()).map(count).collect();
    Some((inner.len() + 2, counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(expression: &str) -> Vec<&'static str> {
        let pattern = Pattern::new(expression).unwrap();
        let names = ["foo", "foo-1", "bar.b", "a{2", "x", "[", "Foo"];
        names.into_iter().filter(|name| pattern.matches(name)).collect()
    }

    #[test]
    fn the_whole_name_has_to_match() {
        assert_eq!(matched("foo"), ["foo"]);
        assert_eq!(matched("foo.*"), ["foo", "foo-1"]);
        assert_eq!(matched("foo|x"), ["foo", "x"]);
        assert_eq!(matched("fo|foo"), ["foo"]);
        assert_eq!(matched(".*"), ["foo", "foo-1", "bar.b", "a{2", "x", "[", "Foo"]);
        assert_eq!(matched("(?i)foo"), ["foo", "Foo"]);
    }

    #[test]
    fn what_only_re2_knows_is_understood() {
        assert_eq!(matched(r"\Qbar.b\E"), ["bar.b"]);
        assert_eq!(matched(r"\Qbar.\Eb+"), ["bar.b"]);
        assert_eq!(matched("a{2"), ["a{2"]);
        assert_eq!(matched("a{2?"), ["a{2"]);
        assert_eq!(matched("[[]"), ["["]);
        assert_eq!(matched("[x&&y]"), ["x"]);
        assert_eq!(matched("[]x]"), ["x"]);
        assert_eq!(matched(r"\170"), ["x"]);
        assert_eq!(matched("[[:lower:]]{3}"), ["foo"]);
        assert_eq!(matched(r"\pL+"), ["foo", "x", "Foo"]);
        assert_eq!(matched("(?P<name>fo+)"), ["foo"]);
    }

    #[test]
    fn what_re2_refuses_is_refused() {
        for expression in [
            "[", "(", ")", "*", "a**", "a*+", "a{1001}", "(?x)a", r"\<a", "a\\", r"\8", "(?=a)", "(?!a)",
            "(a))(b",
        ] {
            assert!(Pattern::new(expression).is_err(), "{expression}");
        }
    }

    #[test]
    fn an_expression_cannot_take_all_memory() {
        assert_eq!(Pattern::new("((a{100}){100}){100}").unwrap_err(), "expression is too large");
    }
}
