//! The recorded scenarios: their folders, and what two runs of them may differ in.

use std::fs;
use std::path::{Path, PathBuf};

use petset_scenario::{Change, Record};
use regex::Regex;
use serde_json::Value;

/// A scenario's folder.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The folder's name.
    pub name: String,
    folder: PathBuf,
}

/// Every recorded scenario, by name.
///
/// # Errors
/// When the folder cannot be read.
pub fn references() -> Result<Vec<Reference>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("reference");
    let entries = fs::read_dir(&root).map_err(|error| format!("{}: {error}", root.display()))?;
    let folders = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    let mut found: Vec<Reference> = folders
        .map(|folder| Reference {
            name: folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            folder,
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

impl Reference {
    /// The scenario's text.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scenario(&self) -> Result<String, String> {
        self.text("scenario.md")
    }

    /// What the real cluster answered.
    ///
    /// # Errors
    /// When the file cannot be read or is not in the format.
    pub fn commands(&self) -> Result<Vec<Record>, String> {
        self.json("commands.json")
    }

    /// How the real cluster's objects changed; none where that was too large to keep.
    ///
    /// # Errors
    /// When a line is not in the format.
    pub fn changes(&self) -> Result<Option<Vec<Change>>, String> {
        let Ok(text) = self.text("changes.jsonl") else {
            return Ok(None);
        };
        let change = |line: &str| {
            let mut change: Value = serde_json::from_str(line)
                .map_err(|error| format!("{}/changes.jsonl: {error}", self.name))?;
            let object = change
                .get_mut("object")
                .map(Value::take)
                .unwrap_or_default();
            Ok(Change {
                ms: change.get("ms").and_then(Value::as_u64).unwrap_or_default(),
                event: string(&change, "type"),
                object,
            })
        };
        text.lines().map(change).collect::<Result<_, _>>().map(Some)
    }

    /// The requests that fell into the middle of a change.
    ///
    /// # Errors
    /// When the file is there and is not in the format.
    pub fn allowed(&self) -> Result<Vec<Allowed>, String> {
        self.allowances(|entry| entry.get("trace").is_none(), Allowed::of)
    }

    /// The steps of objects that two runs of the real cluster need not share.
    ///
    /// # Errors
    /// When the file is there and is not in the format.
    pub fn allowed_steps(&self) -> Result<Vec<AllowedSteps>, String> {
        self.allowances(|entry| entry.get("trace").is_some(), AllowedSteps::of)
    }

    fn allowances<T>(
        &self,
        wanted: fn(&Value) -> bool,
        read: fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, String> {
        if !self.folder.join("allowed.json").exists() {
            return Ok(Vec::new());
        }
        let list: Vec<Value> = self.json("allowed.json")?;
        list.iter()
            .filter(|entry| wanted(entry))
            .map(|entry| read(entry).ok_or_else(|| format!("{}/allowed.json: {entry}", self.name)))
            .collect()
    }

    fn json<T: serde::de::DeserializeOwned>(&self, file: &str) -> Result<T, String> {
        serde_json::from_str(&self.text(file)?)
            .map_err(|error| format!("{}/{file}: {error}", self.name))
    }

    fn text(&self, file: &str) -> Result<String, String> {
        fs::read_to_string(self.folder.join(file))
            .map_err(|error| format!("{}/{file}: {error}", self.name))
    }
}

/// An answer in which two runs of the real cluster may differ: a request that fell into the middle of a change, or a text that holds the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Which command, from 0.
    pub index: usize,
    /// The command itself, so that a changed scenario is noticed.
    pub command: String,
    /// The pods that were changing: their rows may be missing or show any state of their recorded traces.
    pub moving: Vec<String>,
    /// Regular expressions of what is not compared in the normalised lines.
    pub differs: Vec<String>,
    /// Whether a stand-in image answered, differently from the image of that name: nothing is compared.
    pub stand_in: bool,
    /// Why.
    pub reason: String,
}

impl Allowed {
    /// An entry of `allowed.json`; none when it is no such entry, or allows nothing.
    pub fn of(entry: &Value) -> Option<Self> {
        let texts = |field: &str| -> Option<Vec<String>> {
            let Some(texts) = entry.get(field) else {
                return Some(Vec::new());
            };
            let texts = texts.as_array()?.iter();
            texts.map(|text| Some(text.as_str()?.to_owned())).collect()
        };
        let (moving, differs) = (texts("moving")?, texts("differs")?);
        let stand_in = entry.get("stand_in").and_then(Value::as_bool) == Some(true);
        let says_what = !moving.is_empty() || !differs.is_empty() || stand_in;
        if !says_what || differs.iter().any(|pattern| Regex::new(pattern).is_err()) {
            return None;
        }
        Some(Self {
            index: usize::try_from(entry.get("index")?.as_u64()?).ok()?,
            command: entry.get("command")?.as_str()?.to_owned(),
            moving,
            differs,
            stand_in,
            reason: entry.get("reason")?.as_str()?.to_owned(),
        })
    }
}

/// Steps that an object may or may not go through.
#[derive(Debug, Clone)]
pub struct AllowedSteps {
    /// The object, as traces name it.
    pub object: Regex,
    /// The steps, from their first letter to the last.
    pub steps: Vec<Regex>,
    /// Why.
    pub reason: String,
}

impl AllowedSteps {
    /// An entry of `allowed.json` about traces; none when it is no such entry, or allows nothing.
    pub fn of(entry: &Value) -> Option<Self> {
        let whole = |text: &Value| Regex::new(&format!("^(?:{})$", text.as_str()?)).ok();
        let steps = entry.get("steps")?.as_array()?.iter();
        let steps: Vec<Regex> = steps.map(whole).collect::<Option<_>>()?;
        (!steps.is_empty()).then_some(Self {
            object: whole(entry.get("trace")?)?,
            steps,
            reason: entry.get("reason")?.as_str()?.to_owned(),
        })
    }
}

fn string(entry: &Value, field: &str) -> String {
    entry
        .get(field)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
