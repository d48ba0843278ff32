//! The texts of `kubectl explain` and `--help`, which a page fetches when a line first asks for them.

use petset_console::kubectl::texts;

/// Gives the console the texts. The first ones given stay.
pub fn provide_texts(text: String) {
    if !texts::provided() {
        // Once for each page: they are kept for as long as it lives.
        texts::provide(Box::leak(text.into_boxed_str()));
    }
}

/// Whether the texts may be asked for by a line and are not there yet.
pub fn wants_texts(line: &str) -> bool {
    if texts::provided() {
        return false;
    }
    let mut words = line.split(|c: char| c.is_whitespace() || ";|&()`".contains(c));
    let alone = |word: &str| matches!(word.trim_start_matches('-'), "help" | "explain" | "options");
    words.any(|word| word == "-h" || alone(word)) || ends_with_a_group(line)
}

/// Whether the line is a kubectl command that is nothing without a sub-command, and answers with its help.
fn ends_with_a_group(line: &str) -> bool {
    let last = line.split_whitespace().next_back().unwrap_or("");
    let group = matches!(
        last,
        "auth"
            | "certificate"
            | "config"
            | "create"
            | "kuberc"
            | "plugin"
            | "rollout"
            | "set"
            | "top"
            | "secret"
            | "service"
    );
    group || line.contains(" config ")
}

#[cfg(test)]
mod tests {
    use super::wants_texts;

    #[test]
    fn lines_that_ask_for_texts() {
        for (line, wants) in [
            ("kubectl explain sts.spec", true),
            ("k get --help", true),
            ("kubectl get -h", true),
            ("kubectl help get", true),
            ("kubectl options", true),
            ("echo hi; kubectl rollout", true),
            ("kubectl config use-context", true),
            ("kubectl get pods", false),
            ("kubectl exec web-0 -- curl -H x", false),
        ] {
            assert_eq!(wants_texts(line), wants, "{line}");
        }
    }
}
