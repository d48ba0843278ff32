//! What a person types: the shell, kubectl and the programs inside containers.
