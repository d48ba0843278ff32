//! Who owns the files of volumes, and what lies in those that are made out of objects.

use super::*;
use crate::statements::check;
use petset_cluster::kubelet::volumes::disk_of_volume;
use petset_cluster::storage::{DiskId, FileSystem, FileType};

/// The files of the pod's volume `d`.
fn files(s: &Stage) -> FileSystem {
    let pod = s.get(Kind::Pod, "p").expect("there");
    let uid = pod["metadata"]["uid"].as_str().unwrap_or("");
    let disk = s.cluster.disks().get(&DiskId::ephemeral(uid, "d"));
    disk.map(|disk| disk.files.clone()).unwrap_or_default()
}

/// `path mode uid:gid`; the directory with the date is `NOW`.
fn listing(files: &FileSystem) -> String {
    let lines = files.walk().map(|(path, file)| {
        let target = match &file.file_type {
            FileType::Symlink(target) => format!(">{target}"),
            _ => String::new(),
        };
        format!("{path}{target} {:o} {}:{}", file.mode, file.uid, file.gid)
    });
    let text = lines.collect::<Vec<_>>().join(", ");
    let name = files.walk().map(|(path, _)| path.to_owned());
    let name = name.filter(|path| path.starts_with("/..2")).min();
    name.map_or(text.clone(), |name| {
        text.replace(name.trim_start_matches('/'), "NOW")
    })
}

fn with_volume(volume: Value, security: Value, argv: &[&str]) -> Value {
    let mut all = volume;
    all["name"] = "d".into();
    all["persistentVolumeClaim"] = Value::Null;
    let spec = json!({"volumes": [all], "securityContext": security,
        "containers": [{"name": "c", "image": "busybox", "volumeMounts": [{"name": "d", "mountPath": "/d"}]}]});
    let mut made = pod("p", "-", spec);
    made["spec"]["volumes"][0]
        .as_object_mut()
        .expect("a map")
        .remove("persistentVolumeClaim");
    if !argv.is_empty() {
        made["spec"]["containers"][0]["command"] = json!(argv);
    }
    made
}

fn settings() -> [Value; 2] {
    [
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"k": "v", "l": "w"}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "m"}, "data": {"k": "dg=="}}),
    ]
}

fn look(s: &mut Stage, object: Value) -> String {
    create(s, settings());
    create(s, [object]);
    s.settle();
    s.exec("p", &["read", "/d/k"]);
    listing(&files(s))
}

#[test]
fn owners_and_modes() {
    check(&[
        (
            "a ConfigMap's files lie behind links",
            |s| {
                look(
                    s,
                    with_volume(
                        json!({"configMap": {"name": "m", "defaultMode": 0o400, "items": [{"key": "k", "path": "a/k"}, {"key": "l", "path": "l", "mode": 0o444}]}}),
                        json!({}),
                        &[],
                    ),
                )
            },
            " 777 0:0, /NOW 755 0:0, /NOW/a 755 0:0, /NOW/a/k 400 0:0, /NOW/l 444 0:0, /..data>NOW 777 0:0, /a>..data/a 777 0:0, /l>..data/l 777 0:0",
        ),
        (
            "fsGroup and a Secret",
            |s| {
                look(
                    s,
                    with_volume(
                        json!({"secret": {"secretName": "m", "defaultMode": 0o400}}),
                        json!({"fsGroup": 2000}),
                        &[],
                    ),
                )
            },
            " 3777 0:2000, /NOW 2755 0:2000, /NOW/k 440 0:2000, /..data>NOW 777 0:2000, /k>..data/k 777 0:2000",
        ),
        (
            "fsGroup and an emptyDir: what is written belongs to the group too",
            |s| {
                let security = json!({"runAsUser": 1000, "runAsGroup": 3000, "fsGroup": 2000, "supplementalGroups": [4000]});
                create(s, [with_volume(json!({"emptyDir": {}}), security, &[])]);
                s.settle();
                s.exec("p", &["write", "/d/f", "x"]);
                let status = s.get(Kind::Pod, "p").expect("there")["status"]["containerStatuses"]
                    [0]["user"]
                    .clone();
                format!("{} {status}", listing(&files(s)))
            },
            r#" 2777 0:2000, /f 644 1000:2000 {"linux":{"gid":3000,"supplementalGroups":[2000,3000,4000],"uid":1000}}"#,
        ),
        (
            "runAsUser without fsGroup: its own group",
            |s| {
                create(
                    s,
                    [with_volume(
                        json!({"emptyDir": {}}),
                        json!({"runAsUser": 1000}),
                        &[],
                    )],
                );
                s.settle();
                s.exec("p", &["write", "/d/f", "x"]);
                listing(&files(s))
            },
            " 777 0:0, /f 644 1000:0",
        ),
        (
            "a fresh device belongs to root, which a user runs into, and fsGroup helps",
            |s| {
                let claim = pvc("c", json!({"storageClassName": "e"}));
                create(s, [class("e", "ebs.csi.aws.com", json!({})), claim]);
                let with_user = |group: Value| json!({"securityContext": {"runAsUser": 1000, "fsGroup": group}});
                create(s, [pod("p", "c", with_user(Value::Null))]);
                s.settle();
                let refused = s.exec("p", &["write", "/d/f", "x"]).1;
                s.delete(Kind::Pod, "p");
                s.settle();
                create(s, [pod("p", "c", with_user(2000.into()))]);
                s.settle();
                let wrote = s.exec("p", &["write", "/d/f", "x"]).2;
                let volume = s.get(VOLUME, &made(s, "c")).expect("there");
                let volume = serde_json::from_value(volume).expect("a volume");
                let disk = s
                    .cluster
                    .disks()
                    .get(&disk_of_volume(&volume))
                    .expect("there");
                format!("{refused}{wrote} {}", listing(&disk.files))
            },
            "/d/f: Permission denied\n0  2775 0:2000, /f 644 1000:2000, /lost+found 2770 0:2000",
        ),
        (
            "a hostPath takes no group",
            |s| {
                create(
                    s,
                    [
                        pv("v", "1Gi", json!({})),
                        pvc("c", json!({})),
                        pod(
                            "p",
                            "c",
                            json!({"securityContext": {"runAsUser": 1000, "fsGroup": 2000}}),
                        ),
                    ],
                );
                s.settle();
                s.exec("p", &["write", "/d/f", "x"]);
                let volume = s.get(VOLUME, "v").expect("there");
                let volume = serde_json::from_value(volume).expect("a volume");
                listing(
                    &s.cluster
                        .disks()
                        .get(&disk_of_volume(&volume))
                        .expect("there")
                        .files,
                )
            },
            " 777 0:0, /f 644 1000:0",
        ),
        (
            "one file of a ConfigMap is mounted as it is",
            |s| {
                create(s, settings());
                let mut object = with_volume(json!({"configMap": {"name": "m"}}), json!({}), &[]);
                object["spec"]["containers"][0]["volumeMounts"] =
                    json!([{"name": "d", "mountPath": "/etc/k", "subPath": "k"}]);
                create(s, [object]);
                s.settle();
                s.exec("p", &["read", "/etc/k"]).0
            },
            "v",
        ),
        (
            "readOnlyRootFilesystem",
            |s| {
                let mut object = with_volume(json!({"emptyDir": {}}), json!({}), &[]);
                object["spec"]["containers"][0]["securityContext"] =
                    json!({"readOnlyRootFilesystem": true});
                create(s, [object]);
                s.settle();
                format!(
                    "{}{}",
                    s.exec("p", &["write", "/tmp/f", "x"]).1,
                    s.exec("p", &["write", "/d/f", "x"]).2
                )
            },
            "/tmp/f: Read-only file system\n0",
        ),
    ]);
}

/// The middle part of the pod's token, without what differs from run to run.
fn claims(s: &mut Stage) -> Value {
    let token = s
        .exec(
            "p",
            &[
                "read",
                "/var/run/secrets/kubernetes.io/serviceaccount/token",
            ],
        )
        .0;
    let middle = token.split('.').nth(1).unwrap_or("").to_owned();
    let mut bits = 0u32;
    let mut bytes = Vec::new();
    for (at, letter) in middle.bytes().enumerate() {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let value = alphabet
            .iter()
            .position(|known| *known == letter)
            .expect("a letter");
        bits = (bits << 6) | u32::try_from(value).expect("small");
        if at % 4 != 0 {
            let shift = 6 - 2 * (at % 4);
            bytes.push(u8::try_from((bits >> shift) & 0xff).expect("a byte"));
        }
    }
    serde_json::from_slice(&bytes).expect("claims")
}

#[test]
fn service_account_tokens() {
    check(&[
        (
            "what a token says",
            |s| {
                create(
                    s,
                    [
                        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}}),
                    ],
                );
                create(
                    s,
                    [with_volume(json!({"emptyDir": {}}), json!({}), &[])].map(|object| {
                        with(
                            object,
                            json!({"spec": {"serviceAccountName": "robot", "nodeName": "node-2"}}),
                        )
                    }),
                );
                s.settle();
                let claims = claims(s);
                let about = &claims["kubernetes.io"];
                let uid = &s.get(Kind::Pod, "p").expect("there")["metadata"]["uid"];
                let seconds = |name: &str| claims[name].as_i64().unwrap_or(0);
                format!(
                    "{} {} {} {} {} {} {} {}",
                    claims["sub"],
                    claims["iss"],
                    claims["aud"],
                    about["node"]["name"],
                    about["pod"]["uid"] == *uid,
                    seconds("exp") - seconds("iat"),
                    about["warnafter"].as_i64().unwrap_or(0) - seconds("iat"),
                    claims["jti"].as_str().unwrap_or("").len()
                )
            },
            r#""system:serviceaccount:default:robot" "https://kubernetes.default.svc.cluster.local" ["https://kubernetes.default.svc.cluster.local"] "node-2" true 31536000 3607 36"#,
        ),
        (
            "namespace and certificate beside it",
            |s| {
                create(s, [with_volume(json!({"emptyDir": {}}), json!({}), &[])]);
                s.settle();
                let read = |s: &mut Stage, name: &str| {
                    s.exec(
                        "p",
                        &[
                            "read",
                            &format!("/var/run/secrets/kubernetes.io/serviceaccount/{name}"),
                        ],
                    )
                    .0
                };
                let certificate = read(s, "ca.crt").starts_with("-----BEGIN CERTIFICATE-----");
                format!("{} {certificate}", read(s, "namespace"))
            },
            "default true",
        ),
        (
            "automountServiceAccountToken: false",
            |s| {
                let object = with_volume(json!({"emptyDir": {}}), json!({}), &[]);
                create(
                    s,
                    [with(
                        object,
                        json!({"spec": {"automountServiceAccountToken": false}}),
                    )],
                );
                s.settle();
                let volumes = s.get(Kind::Pod, "p").expect("there")["spec"]["volumes"]
                    .as_array()
                    .map_or(0, Vec::len);
                format!(
                    "{volumes} {}",
                    s.exec(
                        "p",
                        &[
                            "read",
                            "/var/run/secrets/kubernetes.io/serviceaccount/token"
                        ]
                    )
                    .1
                )
            },
            "1 /var/run/secrets/kubernetes.io/serviceaccount/token: No such file or directory\n",
        ),
    ]);
}
