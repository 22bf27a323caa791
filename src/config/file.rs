//! The configuration file: one table of settings, and tables of destinations.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::alike::{meant, most_similar};
use super::settings::{ALL, Kind, Part, Setting};

/// A file that was read and whose keys and kinds of values are all known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its settings beside those of named destinations.
    pub values: Table,
    /// The destinations that it names.
    pub destinations: BTreeMap<String, Table>,
}

/// Values by the names of their settings.
pub type Table = BTreeMap<&'static str, FileValue>;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileValue {
    /// What a flag would be given, once for each of several.
    pub texts: Vec<String>,
    /// The line, counted from 1.
    pub line: usize,
}

impl FileValue {
    /// The only text, or the first of several.
    pub fn text(&self) -> &str {
        self.texts.first().map_or("", String::as_str)
    }
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {problem}", path.display())]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: FileProblem,
}

/// What is wrong with a file; values are not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// No TOML.
    #[error("this is no TOML: {0}")]
    Syntax(String),
    /// A key that nobody knows.
    #[error("there is no setting {key}{}; possible here: {possible}", meant(similar.as_deref()))]
    Unknown {
        /// The key.
        key: String,
        /// What may have been meant.
        similar: Option<String>,
        /// What could stand here.
        possible: String,
    },
    /// A value of another kind.
    #[error("{key} must be {wanted}, not {found}")]
    Kind {
        /// The key.
        key: String,
        /// What it takes.
        wanted: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// Headers written into the file.
    #[error(
        "headers hold keys, which do not belong into this file; write them into a file of their own and name that with headers_file = \"PATH\", or name a variable that holds them with headers_env = \"VARIABLE\""
    )]
    InlineHeaders,
    /// A destination's name that is good for no folder.
    #[error("{0:?} is no name for a destination; a name has 1 to 64 letters, digits, dots, dashes or underscores")]
    Name(String),
    /// Both a destination without a name and named ones.
    #[error(
        "{0} describes a destination without a name, and there are [destinations] too; give it a table and a name of its own"
    )]
    Mixed(&'static str),
}

/// Whether a name is good for a destination and the folder of its state.
pub fn is_name(text: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && text.len() <= 64 && !text.starts_with('.') && text.bytes().all(is_good)
}

/// Reads a file's text. `home` stands for `~` in paths; paths that are not absolute begin where the file is.
pub fn parse(path: &Path, text: &str, home: Option<&Path>) -> Result<ConfigFile, FileError> {
    let reading = Reading { path, text, home };
    let root = DeTable::parse(text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        reading.error(place, FileProblem::Syntax(error.message().to_owned()))
    })?;
    let mut file = ConfigFile { path: path.to_owned(), ..ConfigFile::default() };
    for (key, value) in root.get_ref() {
        if key.get_ref() == "destinations" {
            file.destinations = reading.destinations(key, value)?;
        } else {
            reading.setting(key, value, &mut file.values, |_| true)?;
        }
    }
    if !file.destinations.is_empty() {
        let mut stray = ALL.iter().filter(|setting| setting.part == Part::Destination);
        let stray = stray.find_map(|setting| Some((setting.name, file.values.get(setting.name)?)));
        if let Some((name, value)) = stray {
            return Err(FileError { path: path.to_owned(), line: value.line, problem: FileProblem::Mixed(name) });
        }
    }
    Ok(file)
}

struct Reading<'a> {
    path: &'a Path,
    text: &'a str,
    home: Option<&'a Path>,
}

impl Reading<'_> {
    fn error(&self, place: usize, problem: FileProblem) -> FileError {
        FileError { path: self.path.to_owned(), line: self.line(place), problem }
    }

    fn line(&self, place: usize) -> usize {
        self.text.bytes().take(place).filter(|byte| *byte == b'\n').count() + 1
    }

    fn destinations(
        &self,
        key: &Spanned<impl fmt::Display>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<BTreeMap<String, Table>, FileError> {
        let mut destinations = BTreeMap::new();
        for (name, value) in self.table(key, value)? {
            if !is_name(name.get_ref()) {
                return Err(self.error(name.span().start, FileProblem::Name(name.get_ref().clone().into_owned())));
            }
            let mut table = Table::new();
            for (key, value) in self.table(name, value)? {
                self.setting(key, value, &mut table, |setting| setting.part == Part::Destination)?;
            }
            destinations.insert(name.get_ref().clone().into_owned(), table);
        }
        Ok(destinations)
    }

    fn table<'v, 'i>(
        &self,
        key: &Spanned<impl fmt::Display>,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Result<&'v DeTable<'i>, FileError> {
        value.get_ref().as_table().ok_or_else(|| self.wrong(key, "a table", value))
    }

    fn setting(
        &self,
        key: &Spanned<impl fmt::Display>,
        value: &Spanned<DeValue<'_>>,
        table: &mut Table,
        is_possible: impl Fn(&Setting) -> bool,
    ) -> Result<(), FileError> {
        let name = key.get_ref().to_string();
        if name == "headers" {
            return Err(self.error(key.span().start, FileProblem::InlineHeaders));
        }
        let known = Setting::named(&name).filter(|setting| is_possible(setting));
        let Some(setting) = known else {
            let mut possible: Vec<&str> = ALL
                .iter()
                .filter(|setting| setting.is_in_files() && is_possible(setting))
                .map(|setting| setting.name)
                .collect();
            let mut tables = Vec::new();
            if is_possible(&ALL[0]) {
                possible.push("[destinations.NAME]");
                tables.push("destinations");
            }
            let similar = most_similar(&name, possible.iter().copied().chain(tables)).map(str::to_owned);
            let problem = FileProblem::Unknown { key: name, similar, possible: possible.join(", ") };
            return Err(self.error(key.span().start, problem));
        };
        let texts = self.texts(setting, key, value)?;
        table.insert(setting.name, FileValue { texts, line: self.line(key.span().start) });
        Ok(())
    }

    fn texts(
        &self,
        setting: &Setting,
        key: &Spanned<impl fmt::Display>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<String>, FileError> {
        let (wanted, found) = match (setting.kind, value.get_ref()) {
            (Kind::Text | Kind::Duration, DeValue::String(text)) => ("", Some(vec![text.to_string()])),
            (Kind::Text, _) => ("a text", None),
            (Kind::Duration, _) => ("a length of time such as \"30m\"", None),
            (Kind::Path, DeValue::String(text)) => ("", Some(vec![self.whole(text)])),
            (Kind::Path, _) => ("a path", None),
            (Kind::Number, DeValue::Integer(number)) => {
                let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
                ("a whole number", number.map(|number| vec![number.to_string()]))
            }
            (Kind::Number, _) => ("a whole number", None),
            (Kind::Switch, DeValue::Boolean(is_on)) => ("", Some(vec![is_on.to_string()])),
            (Kind::Switch, _) => ("true or false", None),
            (Kind::Texts, value) => ("a list of texts", texts_of(value, str::to_owned)),
            (Kind::Paths, value) => ("a list of paths", texts_of(value, |text| self.whole(text))),
            (Kind::Pairs, value) => ("a table of texts", pairs_of(value)),
        };
        found.ok_or_else(|| self.wrong(key, wanted, value))
    }

    fn wrong(&self, key: &Spanned<impl fmt::Display>, wanted: &'static str, value: &Spanned<DeValue<'_>>) -> FileError {
        let found = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "such a number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a time",
            DeValue::Array(_) => "such a list",
            DeValue::Table(_) => "such a table",
        };
        self.error(value.span().start, FileProblem::Kind { key: key.get_ref().to_string(), wanted, found })
    }

    fn whole(&self, text: &str) -> String {
        let path = match (text.strip_prefix('~'), self.home) {
            (Some(""), Some(home)) => home.to_owned(),
            (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
            _ => self.path.parent().unwrap_or(Path::new("")).join(text),
        };
        path.display().to_string()
    }
}

fn texts_of(value: &DeValue<'_>, read: impl Fn(&str) -> String) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.get_ref().as_str().map(&read)).collect()
}

/// As a variable would hold them, percent-encoded.
fn pairs_of(value: &DeValue<'_>) -> Option<Vec<String>> {
    let pair = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = name.get_ref();
        Some(format!("{}={}", super::pairs::encode(name), super::pairs::encode(value.get_ref().as_str()?)))
    };
    value.as_table()?.iter().map(pair).collect()
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
