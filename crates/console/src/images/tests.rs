//! Containers against tables of commands.

use super::Images;
use super::reference::full_name;
use crate::command::Files;
use crate::terminal::Terminal;
use petset_cluster::kubelet::process::{ImageLookup, Runtime};
use petset_cluster::{Cluster, Config, Duration};

const PODS: &str = r#"
apiVersion: v1
kind: Service
metadata: {name: nginx}
spec: {clusterIP: None, selector: {app: nginx}, ports: [{name: web, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: nginx}}
spec: {hostname: web, subdomain: nginx, containers: [{name: c, image: "nginx:1.21"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: old}
spec: {containers: [{name: c, image: "busybox:1.28", command: [sleep, "3600"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bb}
spec: {containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "trap 'exit 3' TERM; while true; do sleep 1; done"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: agn}
spec: {containers: [{name: c, image: "registry.k8s.io/e2e-test-images/agnhost:2.39"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: dns}
spec: {containers: [{name: c, image: "registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7"}]}
"#;

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(Config::default(), Images::new());
    let mut files = Files::from([("p.yaml".to_owned(), PODS.to_owned())]);
    let mut terminal = Terminal::new();
    terminal.submit("kubectl apply -f p.yaml");
    for _ in 0..300 {
        terminal.advance(&mut cluster, &mut files);
        let next = cluster.now() + Duration::millis(200);
        cluster.run_until(next);
    }
    let printed: String = terminal
        .entries()
        .flat_map(|entry| &entry.output)
        .map(|(_, text)| text.as_str())
        .collect();
    assert!(printed.contains("pod/web created"), "{printed}");
    cluster
}

pub(super) fn exec(cluster: &mut Cluster, pod: &str, argv: &[&str]) -> (String, String, i32) {
    let argv: Vec<String> = argv.iter().map(|&a| a.to_owned()).collect();
    let id = match cluster.exec("default", pod, None, &argv, false, false) {
        Ok(id) => id,
        Err(status) => return (String::new(), status.message.clone(), -1),
    };
    let (mut stdout, mut stderr) = (String::new(), String::new());
    for _ in 0..200 {
        let progress = cluster.exec_poll(id);
        stdout.push_str(&progress.stdout);
        stderr.push_str(&progress.stderr);
        if let Some(code) = progress.exit {
            return (stdout, stderr, code);
        }
        let next = cluster.now() + Duration::millis(500);
        cluster.run_until(next);
    }
    (stdout, stderr, -2)
}

type Row = (&'static str, &'static str, &'static str, &'static str, i32);

/// Runs scripts in pods; `WEB` in what is expected is the address of the pod `web`.
fn check(rows: &[Row]) {
    let mut cluster = cluster();
    let (address, _, _) = exec(&mut cluster, "web", &["hostname", "-i"]);
    let mut wrong = Vec::new();
    for (pod, script, stdout, stderr, code) in rows {
        let got = exec(&mut cluster, pod, &["sh", "-c", script]);
        let fill = |text: &str| text.replace("WEB", address.trim());
        let wanted = (fill(stdout), fill(stderr), *code);
        if got != wanted {
            wrong.push(format!(
                "{pod}: {script}\n   got {got:?}\nwanted {wanted:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn programs() {
    check(&[
        (
            "web",
            "hostname; hostname -f",
            "web\nweb.nginx.default.svc.cluster.local\n",
            "",
            0,
        ),
        ("web", "exit 7", "", "", 7),
        ("web", "echo out; echo err >&2", "out\n", "err\n", 0),
        ("web", "x=5; echo $((x+1)) \"$x\" '$x'", "6 5 $x\n", "", 0),
        (
            "web",
            "for i in 1 2 3; do echo $i; done | tail -1",
            "3\n",
            "",
            0,
        ),
        (
            "web",
            "echo a > /tmp/x; echo b >> /tmp/x; cat /tmp/x; wc -l < /tmp/x; rm /tmp/x; ls /tmp",
            "a\nb\n2\n",
            "",
            0,
        ),
        (
            "web",
            "cat /nope",
            "",
            "cat: /nope: No such file or directory\n",
            1,
        ),
        ("web", "nope", "", "sh: 1: nope: not found\n", 127),
        ("bb", "nope", "", "sh: nope: not found\n", 127),
        (
            "web",
            "id",
            "uid=0(root) gid=0(root) groups=0(root)\n",
            "",
            0,
        ),
        (
            "web",
            "test -f /etc/passwd && echo yes || echo no",
            "yes\n",
            "",
            0,
        ),
        (
            "bb",
            "cat /etc/resolv.conf",
            "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
            "",
            0,
        ),
        (
            "web",
            "echo 'echo from $0 $1' > /tmp/s.sh; sh /tmp/s.sh a; /tmp/s.sh",
            "from /tmp/s.sh a\n",
            "sh: 1: /tmp/s.sh: Permission denied\n",
            126,
        ),
        ("web", "sleep 2; echo late", "late\n", "", 0),
        (
            "web",
            "ls -l /etc/hostname | cut -c1-10",
            "-rw-r--r--\n",
            "",
            0,
        ),
        (
            "bb",
            "kill 99",
            "",
            "sh: can't kill pid 99: No such process\n",
            1,
        ),
    ]);
}

#[test]
fn network() {
    check(&[
        // S-NET-29: BusyBox before 1.29 writes `Address 1:` and resolves short names with dots.
        (
            "old",
            "nslookup web.nginx",
            "Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\nName:      web.nginx\nAddress 1: WEB web.nginx.default.svc.cluster.local\n",
            "",
            0,
        ),
        (
            "old",
            "nslookup web-9.nginx",
            "Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\n",
            "nslookup: can't resolve 'web-9.nginx'\n",
            1,
        ),
        // S-NET-30: BusyBox since 1.30 searches for names without a dot only, and fails as soon as one question does.
        (
            "bb",
            "nslookup nginx",
            "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tnginx.default.svc.cluster.local\nAddress: WEB\n\n** server can't find nginx.svc.cluster.local: NXDOMAIN\n\n** server can't find nginx.cluster.local: NXDOMAIN\n\n\n** server can't find nginx.svc.cluster.local: NXDOMAIN\n\n** server can't find nginx.cluster.local: NXDOMAIN\n\n",
            "",
            1,
        ),
        (
            "bb",
            "nslookup web.nginx",
            "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find web.nginx: NXDOMAIN\n\n** server can't find web.nginx: NXDOMAIN\n\n",
            "",
            1,
        ),
        (
            "bb",
            "nslookup nginx.default.svc.cluster.local",
            "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tnginx.default.svc.cluster.local\nAddress: WEB\n\n\n",
            "",
            0,
        ),
        // S-NET-31: BIND's programs tell that the server does not recurse, and `dig` that .local is of another kind.
        (
            "dns",
            "dig web.nginx.default.svc.cluster.local | grep WARNING",
            ";; WARNING: .local is reserved for Multicast DNS\n;; WARNING: recursion requested but not available\n",
            "",
            0,
        ),
        (
            "agn",
            "nslookup kubernetes.default | tail -4",
            "Name:\tkubernetes.default.svc.cluster.local\nAddress: 10.96.0.1\n;; Got recursion not available from 10.96.0.10\n\n",
            "",
            0,
        ),
        (
            "dns",
            "dig @10.96.0.10 -t axfr cluster.local | tail -4",
            "; <<>> DiG 9.18.33-1~deb12u2-Debian <<>> @10.96.0.10 -t axfr cluster.local\n; (1 server found)\n;; global options: +cmd\n; Transfer failed.\n",
            "",
            0,
        ),
        (
            "dns",
            "dig +short a..b || host 123456789-123456789-123456789-123456789-123456789-123456789-1234.nginx || echo $?",
            "10\n",
            "dig: 'a..b' is not in legal name syntax (empty label)\nhost: '123456789-123456789-123456789-123456789-123456789-123456789-1234.nginx' is not in legal name syntax (label too long)\n",
            0,
        ),
        // The search path: a final dot ends it, five dots go before it, no more are needed from another namespace.
        (
            "dns",
            "getent hosts web.nginx. || getent hosts nginx.default > /dev/null && dig +search +short web.nginx; dig +short AAAA nginx.default.svc.cluster.local; dig +short -x 10.96.0.10",
            "WEB\nkube-dns.kube-system.svc.cluster.local.\n",
            "",
            0,
        ),
        (
            "web",
            "du -s /usr/share/nginx/html; du -sh /etc/hosts; stat -c '%a %U %s %n' /usr/share/nginx; df -h / | sed 's/  */ /g'",
            "8\t/usr/share/nginx/html\n4.0K\t/etc/hosts\n755 root 4096 /usr/share/nginx\nFilesystem Size Used Avail Use% Mounted on\noverlay 252G 27G 65G 30% /\n",
            "",
            0,
        ),
        (
            "bb",
            "df / | head -1; echo hello | base64 | base64 -d; id -G; ls /var/run/secrets/kubernetes.io/serviceaccount/; ls /var/run/secrets/kubernetes.io/serviceaccount/..data",
            "Filesystem           1K-blocks      Used Available Use% Mounted on\nhello\n0\nca.crt\nnamespace\ntoken\nca.crt\nnamespace\ntoken\n",
            "",
            0,
        ),
        (
            "dns",
            "nslookup web.nginx",
            ";; Got recursion not available from 10.96.0.10\nServer:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tweb.nginx.default.svc.cluster.local\nAddress: WEB\n;; Got recursion not available from 10.96.0.10\n\n",
            "",
            0,
        ),
        (
            "dns",
            "dig +noall +answer nginx.default.svc.cluster.local",
            "nginx.default.svc.cluster.local. 30 IN\tA\tWEB\n",
            "",
            0,
        ),
        (
            "dns",
            "dig +short web.nginx.default.svc.cluster.local; dig +short nope.default.svc.cluster.local",
            "WEB\n",
            "",
            0,
        ),
        (
            "dns",
            "getent hosts web.nginx | sed 's/  */ /'",
            "WEB web.nginx.default.svc.cluster.local\n",
            "",
            0,
        ),
        (
            "bb",
            "wget -qO- http://web.nginx | head -4",
            "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n",
            "",
            0,
        ),
        (
            "bb",
            "wget -qO- http://nope",
            "",
            "wget: bad address 'nope'\n",
            1,
        ),
        (
            "web",
            "echo web > /usr/share/nginx/html/index.html; curl -s localhost; curl -s -o /dev/null -w '%{http_code}' localhost/nope",
            "web\n404",
            "",
            0,
        ),
        (
            "dns",
            "host web.nginx; host -t srv _web._tcp.nginx; host -t txt nginx.default.svc.cluster.local.; host nope",
            "web.nginx.default.svc.cluster.local has address WEB\n_web._tcp.nginx.default.svc.cluster.local has SRV record 0 100 80 web.nginx.default.svc.cluster.local.\nnginx.default.svc.cluster.local has no TXT record\nHost nope not found: 3(NXDOMAIN)\n",
            "",
            1,
        ),
        (
            "web",
            "curl -s -I localhost | head -1; curl -sw ' %{http_code} %{remote_port} %{size_download}\\n' -o/dev/null localhost; curl -s -m1 10.96.0.99 || echo $?",
            "HTTP/1.1 200 OK\n 200 80 4\n28\n",
            "",
            0,
        ),
        (
            "web",
            "curl -sv -o /dev/null web.nginx 2>&1 | grep -v '^<' | sed 's/[0-9.]*:80/IP:80/; s/(.*) port/(IP) port/'",
            "*   Trying IP:80...\n* Connected to web.nginx (IP) port 80 (#0)\n> GET / HTTP/1.1\n> Host: web.nginx\n> User-Agent: curl/7.88.1\n> Accept: */*\n> \n{ [4 bytes data]\n* Connection #0 to host web.nginx left intact\n",
            "",
            0,
        ),
        (
            "bb",
            "nc -z web.nginx 80 && echo open; nc -z web.nginx 81",
            "open\n",
            "nc: can't connect to remote host (WEB): Connection refused\n",
            1,
        ),
        ("web", "curl -s http://nope", "", "", 6),
        (
            "web",
            "curl -sS http://web.nginx:81",
            "",
            "curl: (7) Failed to connect to web.nginx port 81 after 0 ms: Couldn't connect to server\n",
            7,
        ),
        (
            "bb",
            "ping -c 1 web.nginx | head -1",
            "PING web.nginx (WEB): 56 data bytes\n",
            "",
            0,
        ),
    ]);
}

#[test]
fn the_first_process_and_signals() {
    let mut cluster = cluster();
    for (pod, script, left) in [
        // `sleep` does not handle TERM, and the first process is not ended by what it does not handle.
        ("old", "kill 1; ps | grep -c '^ *1 root.*sleep'", "1\n"),
        ("old", "kill -9 99 2>/dev/null; echo $?", "1\n"),
    ] {
        let (stdout, stderr, _) = exec(&mut cluster, pod, &["sh", "-c", script]);
        assert_eq!((stdout.as_str(), stderr.as_str()), (left, ""), "{script}");
    }
}

#[test]
fn a_shell_that_somebody_types_to() {
    let mut cluster = cluster();
    let argv = ["bash".to_owned()];
    let Ok(id) = cluster.exec("default", "web", None, &argv, true, true) else {
        panic!("no bash");
    };
    let mut printed = String::new();
    for line in [
        "cd /tmp\n",
        "nope\n",
        "for i in 1 2; do\n",
        "echo $i; done\n",
        "exit 3\n",
    ] {
        cluster.exec_input(id, line);
        let next = cluster.now() + Duration::millis(500);
        cluster.run_until(next);
        printed.push_str(&cluster.exec_poll(id).stdout);
    }
    assert_eq!(
        printed,
        "root@web:/# root@web:/tmp# bash: nope: command not found\nroot@web:/tmp# 1\n2\nroot@web:/tmp# "
    );
}

#[test]
fn names_of_images() {
    for (reference, wanted) in [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.21", "docker.io/library/nginx:1.21"),
        ("luksa/kiada:0.1", "docker.io/luksa/kiada:0.1"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("localhost:5000/a:1", "localhost:5000/a:1"),
        (
            "registry.k8s.io/nginx-slim:0.24",
            "registry.k8s.io/nginx-slim:0.24",
        ),
        ("nginx@sha256:ab", "docker.io/library/nginx@sha256:ab"),
    ] {
        assert_eq!(full_name(reference), wanted);
    }
}

#[test]
fn images_exist_or_not() {
    let images = Images::new();
    for (reference, exists) in [
        ("nginx", true),
        ("nginx:1.21", true),
        ("nginx:1.21.6-alpine", true),
        ("nginx:9.99", false),
        ("nginx:nope", false),
        ("ngnix", false),
        ("nosuch/image:1", false),
        ("k8s.gcr.io/nginx-slim:0.8", true),
        ("public.ecr.aws/docker/library/mysql:8.0", true),
        ("busybox:1.28", true),
        ("mongo:5", true),
        ("me/my-app:v1", true),
    ] {
        let found = matches!(images.image(reference), ImageLookup::Found(_));
        assert_eq!(found, exists, "{reference}");
    }
    let ImageLookup::NotFound { message } = images.image("nginx:9.99") else {
        panic!("nginx:9.99 exists");
    };
    assert_eq!(
        message,
        "rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/nginx:9.99\": failed to resolve image: docker.io/library/nginx:9.99: not found"
    );
}

#[test]
fn missing_programs_do_not_start() {
    let images = Images::new();
    let ImageLookup::Found(image) = images.image("busybox:1.28") else {
        panic!("no busybox");
    };
    let start = |argv: &[&str]| {
        let argv: Vec<String> = argv.iter().map(|&a| a.to_owned()).collect();
        images.start(&image, &argv, false).err()
    };
    assert!(start(&["sleep", "1"]).is_none());
    assert!(start(&["/bin/sh"]).is_none());
    let missing = start(&["nosuchbinary"]).map(|error| (error.message, error.exit_code));
    let words = "exec: \"nosuchbinary\": executable file not found in $PATH";
    assert_eq!(missing, Some((words.to_owned(), 127)));
}
