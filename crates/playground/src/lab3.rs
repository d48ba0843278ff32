//! The lesson that a new session opens with: its files and its commands.

use std::collections::BTreeSet;

/// The files, in the order of their tabs.
pub const FILES: [(&str, &str); 2] = [
    (
        "headless-service.yaml",
        include_str!("../lab3/headless-service.yaml"),
    ),
    ("statefulset.yaml", include_str!("../lab3/statefulset.yaml")),
];

/// The commands, in the order of the lesson.
pub const COMMANDS: [&str; 11] = [
    "kubectl apply -f headless-service.yaml",
    "kubectl get svc my-headless-svc",
    "kubectl apply -f statefulset.yaml",
    "kubectl get pods -l app=nginx-ss",
    "kubectl get pvc",
    "kubectl run dns-test --image=busybox:1.28 --rm -it --restart=Never -- nslookup nginx-ss-0.my-headless-svc",
    "kubectl scale statefulset nginx-ss --replicas=5",
    "kubectl get pods",
    "kubectl scale statefulset nginx-ss --replicas=2",
    "kubectl get pods",
    "kubectl get pvc",
];

/// The command of the lesson that comes next after `history`.
///
/// The commands are looked for in order, with anything in between: a learner may look around and then goes on, may leave out
/// commands that only look, and may apply several files at once or in another order.
pub fn next_command<'a>(history: impl IntoIterator<Item = &'a str>) -> Option<&'static str> {
    let mut rest = &COMMANDS[..];
    let mut applied = BTreeSet::new();
    for line in history {
        let mut applies = false;
        for file in files(line, &["apply", "create"]) {
            applies = true;
            match file {
                "" | "." => applied.extend(FILES.map(|(name, _)| name)),
                name => drop(applied.insert(name)),
            }
        }
        for file in files(line, &["delete"]) {
            applied.remove(file);
        }
        let is_applied =
            |command: &str| files(command, &["apply"]).any(|file| applied.contains(file));
        let does = |command: &str| words(command).eq(words(line)) || applies && is_applied(command);
        while let Some(position) = rest.iter().position(|command| does(command))
            && rest[..position]
                .iter()
                .all(|command| only_looks(command) || is_applied(command))
        {
            rest = &rest[position + 1..];
            // What was applied along with it is not asked for again.
            if !applies {
                break;
            }
        }
    }
    rest.first().copied()
}

/// The files that a kubectl line of one of these verbs names.
fn files<'a>(line: &'a str, verbs: &[&str]) -> impl Iterator<Item = &'a str> {
    let mut words = words(line);
    let kubectl = matches!(words.next(), Some("kubectl" | "k"));
    let fits = kubectl && words.next().is_some_and(|verb| verbs.contains(&verb));
    let mut follows = false;
    let named = words.filter_map(move |word| {
        let flag = matches!(word, "-f" | "--filename");
        let is_value = std::mem::replace(&mut follows, flag);
        let joined = word.strip_prefix("--filename=").or(word.strip_prefix("-f"));
        match joined {
            _ if is_value => Some(word),
            Some(name) if !name.is_empty() => Some(name.trim_start_matches('=')),
            _ => None,
        }
    });
    named
        .flat_map(|names| names.split(','))
        .filter(move |_| fits)
        .map(|name| name.trim_start_matches("./"))
}

/// Whether a command leaves the cluster as it is.
fn only_looks(command: &str) -> bool {
    command.starts_with("kubectl get") || command.contains("nslookup")
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, next_command};

    #[test]
    fn the_next_command_follows_what_was_typed() {
        let both = "kubectl apply -f headless-service.yaml -f statefulset.yaml";
        let cases: [(&[&str], Option<&str>); 14] = [
            (&[], Some(COMMANDS[0])),
            (&["kubectl get nodes"], Some(COMMANDS[0])),
            (
                &["kubectl  apply -f   headless-service.yaml"],
                Some(COMMANDS[1]),
            ),
            (
                &[COMMANDS[0], "kubectl get nodes", COMMANDS[1]],
                Some(COMMANDS[2]),
            ),
            (&[COMMANDS[0], COMMANDS[2]], Some(COMMANDS[3])),
            (&[COMMANDS[4]], Some(COMMANDS[0])),
            (&COMMANDS, None),
            (&[both], Some(COMMANDS[3])),
            (&[COMMANDS[0], both, COMMANDS[3]], Some(COMMANDS[4])),
            (
                &["k apply -f ./statefulset.yaml,headless-service.yaml"],
                Some(COMMANDS[3]),
            ),
            (&["kubectl create --filename=. "], Some(COMMANDS[3])),
            (&[COMMANDS[2], COMMANDS[0]], Some(COMMANDS[3])),
            (&[COMMANDS[2]], Some(COMMANDS[0])),
            (
                &[
                    COMMANDS[2],
                    "kubectl delete -f statefulset.yaml",
                    COMMANDS[0],
                ],
                Some(COMMANDS[1]),
            ),
        ];
        for (history, expected) in cases {
            assert_eq!(
                next_command(history.iter().copied()),
                expected,
                "after {history:?}"
            );
        }
    }
}
