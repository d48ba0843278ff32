//! What goes wrong on request, and its end.

use super::learner::{Learner, text};
use petset_playground::Session;
use petset_playground::text::Language;
use petset_playground::view::{AttemptOutcome, Wrong};

/// What breaks things, and what mends them: rows of command and what it prints (`ok` for nothing, with exit code 0).
#[test]
fn faults_do_what_they_say_and_end() {
    let probe = "readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 2}";
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - {{name: c, image: nginx, {probe}, volumeMounts: [{{name: d, mountPath: /d}}]}}\n  - {{name: tools, image: busybox, command: [sleep, '10000']}}\n  volumes: [{{name: d, persistentVolumeClaim: {{claimName: d}}}}]\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: d}}\nspec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Mi}}}}}}\n"
    );
    let mut learner = Learner::new(Session::new(1, [("p.yaml".to_owned(), pod)]));
    learner.session.set_speed(100.0);
    let status = "kubectl get pod p -o jsonpath='{.status.containerStatuses[*].ready} {.status.containerStatuses[*].restartCount}'";
    let rows = [
        (
            "kubectl apply -f p.yaml",
            "pod/p created\npersistentvolumeclaim/d created\n",
        ),
        ("wait 10", ""),
        (status, "true true 0 0"),
        ("fault list", "Nothing is broken.\n"),
        ("fault fill-disk d", "ok"),
        (
            "kubectl exec p -c c -- sh -c 'echo hello > /d/f'",
            "sh: 1: write error: No space left on device\n",
        ),
        ("fault free-disk d", "ok"),
        ("fault free-disk d", "fault: d was not filled\n"),
        ("kubectl exec p -c c -- sh -c 'echo hello > /d/f'", "ok"),
        ("fault hang p", "ok"),
        ("fault hang p", "fault: that is so already (fault list)\n"),
        ("wait 10", ""),
        (status, "false true 0 0"),
        (
            "kubectl get events -o jsonpath='{.items[-1:].message}' --field-selector reason=Unhealthy",
            "Readiness probe failed: Get \"http://IP:80/\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
        ),
        ("fault list", "Broken. To mend it:\n  fault unhang p\n"),
        ("fault unhang p", "ok"),
        ("wait 5", ""),
        (status, "true true 0 0"),
        ("fault kill p -c tools", "ok"),
        ("wait 5", ""),
        (status, "true true 0 1"),
        ("fault kill p -c none", "fault: p has no such container\n"),
        ("fault cut-dns", "ok"),
        (
            "kubectl exec p -c tools -- nslookup kubernetes.default",
            ";; connection timed out; no servers could be reached\n\ncommand terminated with exit code 1\n",
        ),
        ("fault mend-dns", "ok"),
        ("fault break-pull nginx", "ok"),
        ("kubectl run q --image=nginx", "pod/q created\n"),
        ("wait 40", ""),
        (
            "kubectl get pod q -o jsonpath='{.status.containerStatuses[0].state.waiting.reason}'",
            "ErrImagePull",
        ),
        ("fault mend-pull nginx", "ok"),
        ("wait 40", ""),
        ("kubectl get pod q -o jsonpath='{.status.phase}'", "Running"),
        (
            "fault break-pull no-such",
            "fault: no-such is no image that petset knows\n",
        ),
        (
            "fault cut",
            "fault: there is no fault \"cut\"; did you mean cut-dns? (fault --help lists them)\n",
        ),
        ("fault hang", "fault: hang needs a POD: one of p, q\n"),
        ("fault hang q", "fault: q has no probe that could fail\n"),
        (
            "fault fill-disk x",
            "fault: there is no x in this namespace (-n NAMESPACE)\n",
        ),
    ];
    let mut wrong = Vec::new();
    for (line, expected) in rows {
        if let Some(seconds) = line.strip_prefix("wait ") {
            learner.wait_ms(seconds.parse::<u32>().unwrap() * 10);
            continue;
        }
        let block = learner.run(line);
        let printed = text(&block);
        let address = printed.split_once("http://");
        let address = address.and_then(|(_, rest)| Some(rest.split_once(':')?.0.to_owned()));
        let printed = match (printed.as_str(), block.exit_code, address) {
            ("", Some(0), _) => "ok".to_owned(),
            (_, _, Some(address)) => printed.replace(&address, "IP"),
            _ => printed,
        };
        if printed != expected {
            wrong.push(format!("{line}\n  {printed:?}\n  {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each fault is listed with what it is about, and the command beside it ends it.
#[test]
fn every_fault_is_listed_until_it_is_mended() {
    let mut learner = Learner::with_lab3();
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    learner.settle();
    assert_eq!(learner.session.faults(), []);
    // What is broken, what is said of it, the object, and what mends it.
    let rows = [
        (
            "fault power-off node-1",
            Wrong::PowerOff,
            "Node",
            "fault power-on node-1",
        ),
        (
            "fault cut-off node-2",
            Wrong::CutOff,
            "Node",
            "fault reconnect node-2",
        ),
        (
            "fault fill-disk data-nginx-ss-0",
            Wrong::FullDisk,
            "PersistentVolumeClaim",
            "fault free-disk data-nginx-ss-0",
        ),
        (
            "fault break-pull nginx:1.21",
            Wrong::BrokenPull,
            "",
            "fault mend-pull docker.io/library/nginx:1.21",
        ),
        ("fault cut-dns", Wrong::NoDns, "", "fault mend-dns"),
    ];
    for (count, (line, wrong, kind, command)) in rows.into_iter().enumerate() {
        assert_eq!(learner.output(line), "", "{line}");
        let faults = learner.session.faults();
        let found = faults.iter().find(|fault| fault.wrong == wrong);
        let found = found.unwrap_or_else(|| panic!("{line}: {faults:?}"));
        assert_eq!(faults.len(), count + 1, "{line}");
        assert_eq!(found.command, command);
        let named = found.object.as_ref().map_or("", |object| &object.kind);
        assert_eq!(named, kind, "{line}");
        for language in [Language::En, Language::Ko] {
            let words = &language.texts().views.faults;
            assert!(!(words.said)(found).is_empty() && !(words.wrong)(wrong).is_empty());
        }
    }
    for fault in learner.session.faults() {
        assert_eq!(learner.output(&fault.command), "", "{}", fault.command);
    }
    assert_eq!(learner.session.faults(), []);
    assert_eq!(learner.output("fault list"), "Nothing is broken.\n");
}

/// A lookup while nobody reaches the server: one question, no answer, and the picture says why.
#[test]
fn a_lookup_gets_no_answer_while_dns_is_cut_off() {
    let mut learner = Learner::with_lab3();
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    learner.settle();
    let name = "nginx-ss-0.my-headless-svc";
    let found = learner.session.resolve(None, name);
    assert_eq!(found.answers.len(), 1);
    learner.output("fault cut-dns");
    assert!(learner.session.dns_view(10).cut_off);
    let lost = learner.session.resolve(None, name);
    assert_eq!(lost.answers, [""; 0]);
    let outcomes: Vec<_> = lost
        .attempts
        .iter()
        .map(|attempt| &attempt.outcome)
        .collect();
    assert_eq!(outcomes, [&AttemptOutcome::TimedOut]);
    // A pod's own name stands in its /etc/hosts.
    let own = learner.session.resolve(Some("nginx-ss-0"), "nginx-ss-0");
    assert_eq!(own.answers.len(), 1);
    learner.output("fault mend-dns");
    assert!(!learner.session.dns_view(10).cut_off);
    assert_eq!(learner.session.resolve(None, name).answers, found.answers);
}

/// A node without power takes its processes with it: the pods come back with one restart more and their bytes.
#[test]
fn a_node_without_power_is_not_one_that_is_cut_off() {
    let mut learner = Learner::with_lab3();
    learner.session.set_speed(100.0);
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    learner.settle();
    learner.output("kubectl exec nginx-ss-0 -- sh -c 'echo kept > /usr/share/nginx/html/f'");
    let node = learner.output("kubectl get pod nginx-ss-0 -o jsonpath={.spec.nodeName}");
    let restarts =
        "kubectl get pod nginx-ss-0 -o jsonpath='{.status.containerStatuses[0].restartCount}'";
    learner.output(&format!("fault cut-off {node}"));
    learner.wait_ms(600);
    learner.output(&format!("fault reconnect {node}"));
    learner.wait_ms(600);
    assert_eq!(learner.output(restarts), "0");
    learner.output(&format!("fault power-off {node}"));
    assert_eq!(
        learner.output(&format!("fault reconnect {node}")),
        format!("fault: {node} is switched off (fault power-on {node})\n")
    );
    learner.wait_ms(600);
    learner.output(&format!("fault power-on {node}"));
    learner.wait_ms(600);
    assert_eq!(learner.output(restarts), "1");
    assert_eq!(
        learner.output("kubectl exec nginx-ss-0 -- cat /usr/share/nginx/html/f"),
        "kept\n"
    );
}
