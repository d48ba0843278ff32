//! A block of shell as an author writes it: commands, with or without prompts, and between them what they print.

use std::sync::LazyLock;

use petset_console::shell::{Extent, extent};
use regex::Regex;

/// Lines of a block and where they stand in it, from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lines {
    /// The lines, without what makes them comments.
    pub(super) text: Vec<String>,
    /// The place of the first of them.
    pub(super) first: usize,
    /// What stands before each line in the block: `# ` where outputs are comments.
    pub(super) prefix: &'static str,
}

/// A command of a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    /// What is typed, in one line or several.
    pub(super) text: String,
    /// Its place in the block, from 0.
    pub(super) at: usize,
    /// What it prints, if the block says so.
    pub(super) output: Option<Lines>,
    /// What is typed into it while it runs.
    pub(super) inputs: Vec<Typed>,
    /// The pod in which it is typed, by its prompt.
    pub(super) pod: Option<String>,
}

/// What stands before the place where a line is typed: at the learner's machine, and inside a container.
static PROMPT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:\([\w.-]+\) ?)?(?:[\w.-]+@[\w.-]+:?[^\s$#%]*|\[[^\]]+\]|~[^\s$#%]*|➜\s+\S+)? ?[$%❯](?: (.*))?$",
    )
});
static INSIDE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:root|mysql|redis|nobody)@([\w.-]+):[^\s#$]*[#$]|\[root@([\w.-]+) [^\]]*\]#|(?:ba)?sh-\d[\d.]*[#$]|[~/][^\s#$]* [#$])(?: (.*))?$",
    )
});
static TABLE_HEAD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[A-Z][A-Z()-]+(?: [A-Z]+)?(?:  +[A-Z][A-Z()-]*(?: [A-Z]+)*)+\s*$"));
static DONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:[a-z]+(?:\.[a-z0-9.]+)?/[a-z0-9.-]+|[a-z]+ .[a-z0-9.-]+.) (?:created|configured|unchanged|deleted|scaled|patched|restarted|labeled|annotated|condition met)",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Words that begin a command at the learner's prompt; a line after a command that begins otherwise is what it prints.
const COMMANDS: [&str; 52] = [
    "alias", "awk", "base64", "bash", "cat", "cd", "chmod", "clear", "cp", "curl", "cut", "date",
    "diff", "dig", "docker", "echo", "env", "export", "find", "for", "git", "grep", "head", "helm",
    "if", "jq", "k", "kubectl", "ls", "minikube", "mkdir", "mv", "nslookup", "ping", "printf",
    "pwd", "read", "rm", "sed", "seq", "set", "sh", "sleep", "sort", "source", "sudo", "tail",
    "time", "touch", "unset", "watch", "while",
];

/// The commands of a block. Lines of a block with prompts that stand before the first prompt are prose.
pub(super) fn commands(lines: &[String]) -> Vec<Typed> {
    let prompted = lines.iter().any(|line| prompt(line).is_some());
    let inside = lines
        .first()
        .is_some_and(|line| inside_prompt(line).is_some());
    if prompted || inside {
        with_prompts(lines)
    } else {
        without_prompts(lines)
    }
}

/// Whether a block without information on its language is a transcript: it has a prompt.
pub(super) fn has_prompts(lines: &[String]) -> bool {
    lines
        .iter()
        .any(|line| prompt(line).is_some_and(|typed| !typed.is_empty()))
}

fn prompt(line: &str) -> Option<&str> {
    let found = PROMPT.captures(line)?;
    Some(found.get(1).map_or("", |typed| typed.as_str()))
}

/// The pod, if the prompt names one, and what is typed.
fn inside_prompt(line: &str) -> Option<(Option<&str>, &str)> {
    let found = INSIDE.captures(line)?;
    let pod = found.get(1).or(found.get(2)).map(|pod| pod.as_str());
    Some((pod, found.get(3).map_or("", |typed| typed.as_str())))
}

/// The command that begins with `first` at `at`, and how many lines it has.
fn whole(first: &str, lines: &[String], at: usize) -> (String, usize) {
    let mut text = vec![first.to_owned()];
    for line in &lines[at + 1..] {
        match extent(text.iter().map(String::as_str)) {
            Extent::Incomplete => {}
            Extent::Whole(_) | Extent::Wrong(_) => break,
        }
        // The shell's own sign that it waits for more.
        let more = line.strip_prefix("> ").unwrap_or(line);
        text.push(if line == ">" { "" } else { more }.to_owned());
    }
    let count = text.len();
    (text.join("\n"), count)
}

fn with_prompts(lines: &[String]) -> Vec<Typed> {
    let mut found: Vec<Typed> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].as_str();
        if let Some(typed) = prompt(line) {
            let (text, count) = whole(typed, lines, at);
            if !typed.is_empty() && !typed.starts_with('#') {
                found.push(Typed {
                    text,
                    at,
                    ..Typed::default()
                });
            }
            at += count;
        } else if let Some((pod, typed)) = inside_prompt(line) {
            let (text, count) = whole(typed, lines, at);
            let input = Typed {
                text,
                at,
                pod: pod.map(str::to_owned),
                ..Typed::default()
            };
            match found.last_mut().filter(|last| last.pod.is_none()) {
                _ if typed.is_empty() => {}
                Some(last) => last.inputs.push(input),
                None => found.push(input),
            }
            at += count;
        } else {
            if let Some(last) = found.last_mut() {
                let last = match last.inputs.len() {
                    0 => last,
                    count => &mut last.inputs[count - 1],
                };
                add_output(last, line, at, "");
            }
            at += 1;
        }
    }
    found.iter_mut().for_each(trim_output);
    found
}

fn add_output(typed: &mut Typed, line: &str, at: usize, prefix: &'static str) {
    let output = typed.output.get_or_insert_with(|| Lines {
        first: at,
        prefix,
        ..Lines::default()
    });
    output.text.push(line.to_owned());
}

/// Empty lines around an output separate it from what else is in the block.
fn trim_output(typed: &mut Typed) {
    typed.inputs.iter_mut().for_each(trim_output);
    if let Some(output) = typed.output.as_mut() {
        while output
            .text
            .last()
            .is_some_and(|line| line.trim().is_empty())
        {
            output.text.pop();
        }
        while output
            .text
            .first()
            .is_some_and(|line| line.trim().is_empty())
        {
            output.text.remove(0);
            output.first += 1;
        }
    }
    typed.output.take_if(|output| output.text.is_empty());
}

fn without_prompts(lines: &[String]) -> Vec<Typed> {
    let mut found: Vec<Typed> = Vec::new();
    let mut at = 0;
    // Whether the line before belongs to a command or its output.
    let mut follows = false;
    while at < lines.len() {
        let line = lines[at].as_str();
        let word = first_word(line);
        let is_known = COMMANDS.binary_search(&word).is_ok();
        if line.trim().is_empty() {
            follows = false;
        } else if let Some(comment) = line.trim_start().strip_prefix('#') {
            if let Some(last) = found.last_mut() {
                comment_output(last, comment, at);
            }
            follows = true;
        } else if let Some(last) = found
            .last_mut()
            .filter(|_| !is_known && (follows || TABLE_HEAD.is_match(line)))
        {
            if let Some(output) = last.output.as_mut() {
                // The empty lines between two tables.
                while output.first + output.text.len() < at {
                    output.text.push(String::new());
                }
            }
            add_output(last, line, at, "");
            follows = true;
        } else {
            let (text, count) = whole(line, lines, at);
            found.push(Typed {
                text: text.trim().to_owned(),
                at,
                ..Typed::default()
            });
            at += count;
            follows = true;
            continue;
        }
        at += 1;
    }
    found
}

/// A comment after a command is its output if it looks like one, and the comments after that go on with it.
fn comment_output(last: &mut Typed, comment: &str, at: usize) {
    let text = comment.strip_prefix(' ').unwrap_or(comment);
    let goes_on = last
        .output
        .as_ref()
        .is_some_and(|output| output.prefix == "# " && output.first + output.text.len() == at);
    if goes_on || TABLE_HEAD.is_match(text) || DONE.is_match(text) {
        add_output(last, text, at, "# ");
    }
}

/// The first word that is not an assignment.
fn first_word(line: &str) -> &str {
    let is_assignment = |word: &str| {
        word.split_once('=')
            .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
    };
    let mut words = line.split_whitespace();
    words.find(|word| !is_assignment(word)).unwrap_or("set")
}

#[cfg(test)]
mod tests {
    use super::{Typed, commands};

    fn shown(typed: &Typed, indent: &str) -> String {
        let pod = typed.pod.as_ref().map(|pod| format!("@{pod} "));
        let mut text = format!(
            "{indent}{}{}:{}",
            pod.unwrap_or_default(),
            typed.at,
            typed.text
        );
        if let Some(output) = &typed.output {
            text.push_str(&format!(
                " => {}{}{:?}",
                output.prefix, output.first, output.text
            ));
        }
        for input in &typed.inputs {
            text.push('|');
            text.push_str(&shown(input, "> "));
        }
        text
    }

    #[test]
    fn blocks_are_commands_and_outputs() {
        let table: [(&str, &[&str]); 17] = [
            ("a", &["0:a"]),
            ("kubectl a\nkubectl b", &["0:kubectl a", "1:kubectl b"]),
            (
                "kubectl a\nx/y created",
                &["0:kubectl a => 1[\"x/y created\"]"],
            ),
            (
                "$ a\nout\n\nmore\n\n$ b",
                &["0:a => 1[\"out\", \"\", \"more\"]", "5:b"],
            ),
            ("prose\n$ a", &["1:a"]),
            ("~$ a\n$ b", &["0:a", "1:b"]),
            ("me@host:~/x$ a", &["0:a"]),
            ("[me@host x]$ a", &["0:a"]),
            ("$ a \\\n  -b\nout", &["0:a \\\n  -b => 2[\"out\"]"]),
            (
                "cat > f <<EOF\nkubectl\nEOF\nls",
                &["0:cat > f <<EOF\nkubectl\nEOF", "3:ls"],
            ),
            ("$ cat <<E\n> a\n> E\na", &["0:cat <<E\na\nE => 3[\"a\"]"]),
            (
                "kubectl a\n\n# NAME   READY\n# x      1/1\n\n# done",
                &["0:kubectl a => # 2[\"NAME   READY\", \"x      1/1\"]"],
            ),
            (
                "# first\nkubectl a\n# then\nkubectl b",
                &["1:kubectl a", "3:kubectl b"],
            ),
            (
                "kubectl get a,b\nNAME   AGE\nx      1s\n\nNAME   READY\ny      1/1",
                &[
                    "0:kubectl get a,b => 1[\"NAME   AGE\", \"x      1s\", \"\", \"NAME   READY\", \"y      1/1\"]",
                ],
            ),
            (
                "$ kubectl exec -it p -- bash\nroot@p:/# echo a > b\nroot@p:/# cat b\na\n$ c",
                &[
                    "0:kubectl exec -it p -- bash|> @p 1:echo a > b|> @p 2:cat b => 3[\"a\"]",
                    "4:c",
                ],
            ),
            (
                "$ kubectl run -it x -- sh\n/ # nslookup a\nout\n/ # exit",
                &["0:kubectl run -it x -- sh|> 1:nslookup a => 2[\"out\"]|> 3:exit"],
            ),
            ("root@web-0:/# ls", &["@web-0 0:ls"]),
        ];
        for (block, expected) in table {
            let lines: Vec<String> = block.lines().map(str::to_owned).collect();
            let found: Vec<String> = commands(&lines)
                .iter()
                .map(|typed| shown(typed, ""))
                .collect();
            assert_eq!(found, expected, "{block}");
        }
    }
}
