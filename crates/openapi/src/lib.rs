//! The schemas of Kubernetes' types with their descriptions, for native programs: they are too large for a page.
//!
//! The build script takes them out of the sources of `k8s-openapi`, so that no description is copied into this project.

/// One JSON object, from the schemas' names to the schemas in the form of OpenAPI v3.
pub const SCHEMAS: &str = include_str!(concat!(env!("OUT_DIR"), "/schemas.json"));

/// What `kubectl explain` and `kubectl --help` print.
///
/// A line `# Name<tab>description` begins a struct; its fields follow, one a line: name, type, `!` if it is required, its
/// values if only some are allowed (separated by `|`), description. `\n` stands for a line end, `\\` for a backslash.
/// Behind the structs, a line `# words` begins a command; `|` begins a line of what it does, `>` one of its examples, `flag` what
/// the flag of that name does, unless an earlier command says the same.
pub const TEXTS: &str = include_str!(concat!(env!("OUT_DIR"), "/texts.txt"));
