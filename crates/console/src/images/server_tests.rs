//! What the servers of the catalogue do, against tables of commands.

use super::Images;
use super::tests::exec;
use crate::command::Files;
use crate::terminal::Terminal;
use petset_cluster::kubelet::process::{ImageLookup, Runtime};
use petset_cluster::{Cluster, Config, Duration, Kind, Object};

const PODS: &str = r#"
apiVersion: v1
kind: Service
metadata: {name: kubia}
spec: {clusterIP: None, selector: {app: kubia}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: my}
spec: {volumes: [{name: d, emptyDir: {}}], containers: [{name: c, image: "mysql:8.0", env: [{name: MYSQL_ROOT_PASSWORD, value: pw}],
  volumeMounts: [{name: d, mountPath: /var/lib/mysql}],
  readinessProbe: {exec: {command: [mysqladmin, ping, "-ppw"]}, periodSeconds: 1}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: my-bare}
spec: {containers: [{name: c, image: "mysql:8.0"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: maria}
spec: {containers: [{name: c, image: "mariadb:11.4", env: [{name: MARIADB_ROOT_PASSWORD, value: pw}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: pg}
spec: {containers: [{name: c, image: "postgres:16", env: [{name: POSTGRES_PASSWORD, value: pw}], readinessProbe: {tcpSocket: {port: 5432}}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: pg-full}
spec: {restartPolicy: Never, volumes: [{name: d, emptyDir: {}}],
  initContainers: [{name: i, image: busybox, command: [mkdir, "/d/lost+found"], volumeMounts: [{name: d, mountPath: /d}]}],
  containers: [{name: c, image: "postgres:16", env: [{name: POSTGRES_PASSWORD, value: pw}], volumeMounts: [{name: d, mountPath: /var/lib/postgresql/data}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: mongo}
spec: {containers: [{name: c, image: "mongo:7.0", args: ["--replSet", "rs0"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: redis}
spec: {containers: [{name: c, image: "redis:7"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: kubia-0, labels: {app: kubia}}
spec: {hostname: kubia-0, subdomain: kubia, volumes: [{name: d, emptyDir: {}}], containers: [{name: c, image: luksa/kubia-pet-peers, ports: [{containerPort: 8080}], volumeMounts: [{name: d, mountPath: /var/data}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: pet}
spec: {volumes: [{name: d, emptyDir: {}}], containers: [{name: c, image: luksa/kubia-pet, volumeMounts: [{name: d, mountPath: /var/data}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: kiada}
spec: {containers: [{name: c, image: "luksa/kiada:0.1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: net}
spec: {containers: [{name: c, image: "registry.k8s.io/e2e-test-images/agnhost:2.53", args: [netexec, "--http-port=9000"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: alive}
spec: {containers: [{name: c, image: "registry.k8s.io/e2e-test-images/agnhost:2.40", args: [liveness],
  livenessProbe: {httpGet: {path: /healthz, port: 8080}, initialDelaySeconds: 3, periodSeconds: 3}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: stress}
spec: {containers: [{name: c, image: polinux/stress, command: [stress], args: ["--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"], resources: {limits: {memory: 100Mi}}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: odd}
spec: {containers: [{name: c, image: "ghcr.io/nobody/knows:1"}]}
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
    cluster
}

fn log(cluster: &Cluster, pod: &str) -> String {
    match cluster.logs("default", pod, Some("c"), &Default::default()) {
        Ok(page) => page
            .lines
            .iter()
            .map(|line| format!("{}\n", line.text))
            .collect(),
        Err(status) => status.message,
    }
}

#[test]
fn servers_answer_what_is_asked_of_them() {
    let mut cluster = cluster();
    let warning =
        "mysql: [Warning] Using a password on the command line interface can be insecure.\n";
    let rows: &[(&str, &str, &str, &str, i32)] = &[
        (
            "my",
            "mysql -uroot -ppw -e 'SELECT VERSION()'",
            "VERSION()\n8.0.44\n",
            warning,
            0,
        ),
        (
            "my",
            "MYSQL_PWD=pw mysql -h 127.0.0.1 -N -e 'select @@hostname'",
            "my\n",
            "",
            0,
        ),
        (
            "my",
            "mysql -e 'SELECT 1'",
            "",
            "ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: NO)\n",
            1,
        ),
        (
            "my",
            "MYSQL_PWD=pw mysql -e 'SELECT * FROM t'",
            "",
            "ERROR: not simulated here: queries other than SELECT VERSION(), SELECT @@hostname and SELECT 1\n",
            1,
        ),
        ("my", "mysqladmin ping -ppw", "mysqld is alive\n", "", 0),
        (
            "my",
            "mysql -h nobody -e 'SELECT 1'",
            "",
            "ERROR 2005 (HY000): Unknown MySQL server host 'nobody' (-2)\n",
            1,
        ),
        (
            "my",
            "ls /var/lib/mysql | head -3; touch /var/lib/mysql/kept",
            "#ib_16384_0.dblwr\n#innodb_redo\n#innodb_temp\n",
            "",
            0,
        ),
        (
            "maria",
            "mariadb -ppw -e 'select version()'",
            "version()\n11.4.9-MariaDB-ubu2404\n",
            "",
            0,
        ),
        (
            "pg",
            "psql -U postgres -c 'SHOW server_version'",
            "         server_version          \n---------------------------------\n 16.11 (Debian 16.11-1.pgdg12+1)\n(1 row)\n\n",
            "",
            0,
        ),
        (
            "pg",
            "psql -U postgres -tAc 'select 1'; cat /var/lib/postgresql/data/PG_VERSION",
            "1\n16\n",
            "",
            0,
        ),
        (
            "pg",
            "psql -c 'select 1'",
            "",
            "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: FATAL:  role \"root\" does not exist\n",
            2,
        ),
        (
            "pg",
            "pg_isready",
            "/var/run/postgresql:5432 - accepting connections\n",
            "",
            0,
        ),
        (
            "mongo",
            "mongosh --quiet --eval 'db.version()'",
            "7.0.28\n",
            "",
            0,
        ),
        (
            "mongo",
            "mongosh --quiet --eval \"db.adminCommand('ping')\"",
            "{ ok: 1 }\n",
            "",
            0,
        ),
        (
            "mongo",
            "mongosh --eval 'rs.initiate()'",
            "",
            "mongosh: not simulated here: commands other than db.version() and a ping\n",
            1,
        ),
        ("mongo", "ls /data/db | head -1", "WiredTiger\n", "", 0),
        ("redis", "redis-cli ping; pwd", "PONG\n/data\n", "", 0),
        (
            "redis",
            "redis-cli set a b",
            "(error) not simulated here: commands other than PING and INFO\n",
            "",
            1,
        ),
        (
            "redis",
            "redis-cli -p 1 ping",
            "",
            "Could not connect to Redis at 127.0.0.1:1: Connection refused\n",
            1,
        ),
        (
            "pet",
            "curl -s localhost:8080",
            "You've hit pet\nData stored on this pod: No data posted yet\n",
            "",
            0,
        ),
        (
            "pet",
            "curl -s -X POST -d 'Hey there!' localhost:8080; curl -s localhost:8080",
            "Data stored on pod pet\nYou've hit pet\nData stored on this pod: Hey there!\n",
            "",
            0,
        ),
        (
            "kubia-0",
            "curl -s -X POST -d hello localhost:8080; curl -s localhost:8080",
            "Data stored on pod kubia-0\nYou've hit kubia-0\nData stored in the cluster:\n- kubia-0.kubia.default.svc.cluster.local: hello\n",
            "",
            0,
        ),
        (
            "kiada",
            "curl -s localhost:8080",
            "Kiada version 0.1. Request processed by \"kiada\". Client IP: ::ffff:127.0.0.1\n",
            "",
            0,
        ),
        (
            "kiada",
            "curl -s $(hostname -i):3306 || echo $?",
            "7\n",
            "",
            0,
        ),
        (
            "net",
            "wget -qO- localhost:9000/hostname; echo; wget -qO- 'localhost:9000/echo?msg=hi'",
            "net\nhi",
            "",
            0,
        ),
        (
            "odd",
            "ls /nosuch",
            "",
            "ls: cannot access '/nosuch': No such file or directory\n",
            2,
        ),
    ];
    let mut wrong = Vec::new();
    for (pod, script, stdout, stderr, code) in rows {
        let got = exec(&mut cluster, pod, &["sh", "-c", script]);
        let wanted = ((*stdout).to_owned(), (*stderr).to_owned(), *code);
        if got != wanted {
            wrong.push(format!(
                "{pod}: {script}\n   got {got:?}\nwanted {wanted:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn servers_start_and_fail_as_theirs_do() {
    let mut cluster = cluster();
    let says = [
        (
            "my-bare",
            "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified",
        ),
        (
            "pg-full",
            "initdb: error: directory \"/var/lib/postgresql/data\" exists but is not empty",
        ),
        ("my", "ready for connections. Version: '8.0.44'"),
        (
            "my",
            "[Note] [Entrypoint]: Entrypoint script for MySQL Server 8.0.44-1.el9 started.\n",
        ),
        (
            "my",
            "[Note] [Entrypoint]: MySQL init process done. Ready for start up.\n\n",
        ),
        (
            "maria",
            "[Note] [Entrypoint]: Entrypoint script for MariaDB Server 1:11.4.9+maria~ubu2404 started.\n",
        ),
        (
            "maria",
            "0 [Note] mariadbd: ready for connections.\nVersion: '11.4.9-MariaDB-ubu2404'  socket: '/run/mysqld/mysqld.sock'  port: 3306  mariadb.org binary distribution\n",
        ),
        (
            "pg",
            "selecting default max_connections ... 100\nselecting default shared_buffers ... 128MB\n",
        ),
        (
            "pg",
            "\nPostgreSQL init process complete; ready for start up.\n\n",
        ),
        (
            "pg",
            "UTC [1] LOG:  listening on IPv4 address \"0.0.0.0\", port 5432\n",
        ),
        ("mongo", "\"port\":27017"),
        (
            "stress",
            "stress: info: [1] dispatching hogs: 0 cpu, 0 io, 1 vm, 0 hdd",
        ),
    ];
    for (pod, text) in says {
        let log = log(&cluster, pod);
        assert!(log.contains(text), "{pod}: {log}");
    }
    let status = |cluster: &Cluster, pod: &str| {
        let key = petset_cluster::Key::new("default", pod);
        let object = cluster
            .store()
            .get(Kind::Pod, &key)
            .expect("there")
            .to_json();
        object["status"].to_string()
    };
    for (pod, part) in [
        ("my-bare", "\"exitCode\":1"),
        ("pg-full", "\"phase\":\"Failed\""),
        ("stress", "\"reason\":\"OOMKilled\""),
        ("my", "\"ready\":true"),
        ("pg", "\"ready\":true"),
        ("odd", "\"ready\":true"),
    ] {
        let status = status(&cluster, pod);
        assert!(status.contains(part), "{pod}: {status}");
    }
    let alive = status(&cluster, "alive");
    assert!(!alive.contains("\"restartCount\":0"), "{alive}");
    let events: Vec<String> = cluster
        .store()
        .list(Kind::Event, None)
        .filter_map(|object| match &**object {
            Object::Event(event) => event.message.clone(),
            _ => None,
        })
        .collect();
    for text in [
        "not simulated here: what image \"ghcr.io/nobody/knows:1\" holds; it runs as a plain shell container",
        "Liveness probe failed: HTTP probe failed with statuscode: 500",
    ] {
        assert!(events.iter().any(|event| event.contains(text)), "{text}");
    }
    // What a database wrote is found by its next run.
    let (_, _, code) = exec(
        &mut cluster,
        "my",
        &["sh", "-c", "touch /var/lib/mysql/kept; kill 1"],
    );
    assert!(code == 0 || code == 137, "{code}");
    let next = cluster.now() + Duration::secs(20);
    cluster.run_until(next);
    let restarted = status(&cluster, "my");
    assert!(
        restarted.contains("\"restartCount\":1") && restarted.contains("\"ready\":true"),
        "{restarted}"
    );
    let (files, _, _) = exec(&mut cluster, "my", &["ls", "/var/lib/mysql/kept"]);
    assert_eq!(files, "/var/lib/mysql/kept\n");
}

#[test]
fn names_and_tags_of_the_catalogue() {
    let table = [
        ("mysql:8.0.36", true),
        ("mysql:4.0", false),
        ("mariadb:11.4", true),
        ("postgres:18", true),
        ("postgres:3", false),
        ("redis:7-alpine", true),
        ("redis:99", false),
        ("mongo:4.4", true),
        ("httpd:2.4", true),
        ("httpd:9", false),
        ("luksa/kubia", true),
        ("luksa/kubia:v2", true),
        ("luksa/kubia-pet-peers", true),
        ("polinux/stress", true),
        ("registry.k8s.io/pause:3.10", true),
        ("registry.k8s.io/pause:4.0", false),
        ("registry.k8s.io/nosuch:1", false),
        ("registry.k8s.io/e2e-test-images/agnhost:2.53", true),
        ("registry.k8s.io/e2e-test-images/busybox:1.29-4", true),
        ("registry.k8s.io/e2e-test-images/httpd:2.4.38-4", true),
        ("registry.k8s.io/e2e-test-images/nginx:1.14-4", true),
        ("curlimages/curl:8.5.0", true),
        ("nosuchofficial", false),
        ("example.org/own/app:1", true),
    ];
    for (name, exists) in table {
        let found = matches!(Images.image(name), ImageLookup::Found(_));
        assert_eq!(found, exists, "{name}");
    }
    let ImageLookup::NotFound { message } = Images.image("mysql:4.0") else {
        panic!("found");
    };
    assert_eq!(
        message,
        "rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/mysql:4.0\": failed to resolve image: docker.io/library/mysql:4.0: not found"
    );
}
