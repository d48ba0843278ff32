//! The lesson that a new session opens with: its files and its commands.

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
/// The commands are looked for in order, with anything in between: a learner may look around and then goes on, and may
/// leave out commands that only look.
pub fn next_command<'a>(history: impl IntoIterator<Item = &'a str>) -> Option<&'static str> {
    let mut rest = &COMMANDS[..];
    for line in history {
        let found = rest
            .iter()
            .position(|command| words(command).eq(words(line)));
        if let Some(position) = found
            && rest[..position].iter().all(|command| only_looks(command))
        {
            rest = &rest[position + 1..];
        }
    }
    rest.first().copied()
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
        let cases: [(&[&str], Option<&str>); 7] = [
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
