//! YAML text to values and back, as kubectl reads and prints it.
