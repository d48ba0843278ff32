//! Scenarios and recorded references.
