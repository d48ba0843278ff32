//! What a tutorial is played on: the simulation, or a real cluster.

/// What came of a line that was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// What it printed, errors among it, in the order of a screen; then what came after each input.
    pub printed: Vec<String>,
    /// The exit code.
    pub code: i32,
}

/// A terminal beside a cluster.
pub trait Stage {
    /// Puts a file into the working directory.
    fn write_file(&mut self, name: &str, text: &str);
    /// Whether the working directory has the file.
    fn has_file(&self, name: &str) -> bool;
    /// Types a line and waits for its end. `inputs` are typed into it, one whenever it waits for input; then its input ends.
    fn type_line(&mut self, line: &str, inputs: &[String]) -> Typed;
    /// Types a line that runs until the page ends into a terminal of its own. Its number counts these terminals from 0.
    fn type_beside(&mut self, line: &str) -> usize;
    /// What that terminal has printed so far.
    fn printed_beside(&self, terminal: usize) -> String;
    /// Waits until nothing changes any more.
    fn settle(&mut self);
    /// Lets milliseconds pass.
    fn pass(&mut self, millis: u64);
}
