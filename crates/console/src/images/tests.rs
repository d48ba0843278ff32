//! Containers against tables of commands.
