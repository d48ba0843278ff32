//! Programs at the prompt, and the terminal around it.

use super::{Session, check};
use crate::shell::Stream;
use crate::terminal::Effect;

#[test]
fn programs() {
    check(&[
        ("ls", "a.yaml  b.yaml  k8s\n", "", 0),
        ("ls | cat", "a.yaml\nb.yaml\nk8s\n", "", 0),
        (
            "ls nope",
            "",
            "ls: cannot access 'nope': No such file or directory\n",
            2,
        ),
        (
            "cat a.yaml b.yaml | grep -n kind",
            "1:kind: A\n3:kind: B\n",
            "",
            0,
        ),
        ("grep -c kind a.yaml; grep nope a.yaml", "1\n", "", 1),
        ("grep -v '^a\\|b' <<< $'a\\nb\\nc'", "c\n", "", 0),
        (
            "grep -E '(kind|name): ' a.yaml -h -o",
            "kind: \nname: \n",
            "",
            0,
        ),
        (
            "printf 'b\\na\\nb\\n' | sort | uniq -c",
            "      1 a\n      2 b\n",
            "",
            0,
        ),
        ("printf '10\\n9\\n' | sort -n | head -1", "9\n", "", 0),
        ("seq 3 | tail -n 1; seq 2 4 | tac", "3\n4\n3\n2\n", "", 0),
        ("echo a:b:c | cut -d: -f2,3", "b:c\n", "", 0),
        ("echo hello | tr a-z A-Z", "HELLO\n", "", 0),
        (
            "echo cGV0c2V0Cg== | base64 -d; echo abc | rev; expr 2 \\* 3",
            "petset\ncba\n6\n",
            "",
            0,
        ),
        ("echo hello | sed 's/l\\(.\\)/<\\1>/g'", "he<l>o\n", "", 0),
        (
            "sed -n '2p' a.yaml; sed '1d' a.yaml; sed s/kind/KIND/ b.yaml",
            "name: one\nname: one\nKIND: B\n",
            "",
            0,
        ),
        (
            "echo 'a b c' | awk '{print $2, $NF}'; echo 'x 5' | awk '$2 > 3 {print $1}'",
            "b c\nx\n",
            "",
            0,
        ),
        ("echo a b c | xargs -n1 echo -", "- a\n- b\n- c\n", "", 0),
        (
            "ls *.yaml | xargs -I{} echo file {}",
            "file a.yaml\nfile b.yaml\n",
            "",
            0,
        ),
        ("echo a | tee f; cat f", "a\na\n", "", 0),
        ("printf '%-5s|%03d|%s\\n' ab 7 x", "ab   |007|x\n", "", 0),
        (
            "cp a.yaml c.yaml; mv c.yaml d.yaml; rm a.yaml; ls *.yaml | cat",
            "b.yaml\nd.yaml\n",
            "",
            0,
        ),
        (
            "rm nope",
            "",
            "rm: cannot remove 'nope': No such file or directory\n",
            1,
        ),
        ("date +%Y-%m-%d", "2026-01-05\n", "", 0),
        (
            "diff a.yaml b.yaml",
            "1,2c1\n< kind: A\n< name: one\n---\n> kind: B\n",
            "",
            1,
        ),
        (
            "alias k=echo; k hi; type k",
            "hi\nk is aliased to `echo'\n",
            "",
            0,
        ),
        ("basename a/b.yaml .yaml; dirname a/b.yaml", "b\na\n", "", 0),
        (
            "kubectl get nodes -o name | head -1",
            "node/node-1\n",
            "",
            0,
        ),
    ]);
}

#[test]
fn terminal() {
    let mut session = Session::new();
    session.terminal.submit("vi web.yaml\nclear");
    assert!(session.run(1));
    assert_eq!(
        session.effects,
        [Effect::OpenEditor("web.yaml".to_owned()), Effect::Clear]
    );
    session.terminal.submit("for i in 1 2");
    assert!(session.run(1));
    assert_eq!(session.terminal.prompt(), "> ");
    session.terminal.submit("do echo $i; done");
    assert!(session.run(1));
    assert_eq!(session.output(Stream::Stdout), "1\n2\n");
    session.terminal.submit("read x; echo got $x");
    assert!(!session.run(2));
    session.terminal.input("typed\n");
    assert!(session.run(1));
    assert!(session.output(Stream::Stdout).ends_with("got typed\n"));
    session.terminal.submit("sleep 1000\necho never");
    assert!(!session.run(2));
    session
        .terminal
        .interrupt(&mut session.cluster, &mut session.files);
    assert_eq!(session.code(), Some(130));
    assert!(session.run(1));
    assert!(session.output(Stream::Stdout).ends_with("^C\n"));
    session.terminal.submit("yes");
    assert!(session.run(1));
    assert_eq!(session.code(), Some(1));
    assert!(session.output(Stream::Stderr).contains("more than 1 MiB"));
}
