//! What goes wrong on request, and its end.

use super::learner::{Learner, text};
use petset_playground::Session;

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
