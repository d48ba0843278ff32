//! Specs in the notation of the API server's own (unversioned) structs, as messages about forbidden changes show them.
//!
//! `internal.txt` is made by `schema/internal` from the types of `pkg/apis/core` and `pkg/apis/batch` v1.36.3, one Go struct a line: `Name|Field type|…`. A type that begins with `*` is a
//! pointer, `[]T` is a list, `{}T` a map. Those structs have no `json` tags: every field is written, under its Go name.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/util/diff/diff.go`.

use crate::typed::{self, Data};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::{Map, Value};
use std::fmt::Write;

/// The spec of a pod.
pub const POD_SPEC: &str = "PodSpec";
/// The spec of a claim.
pub const CLAIM_SPEC: &str = "PersistentVolumeClaimSpec";
/// What a persistent volume is made of.
pub const VOLUME_SOURCE: &str = "PersistentVolumeSource";
/// What a job makes of failed pods.
pub const POD_FAILURE_POLICY: &str = "PodFailurePolicy";
/// When a job has succeeded before its last index has.
pub const SUCCESS_POLICY: &str = "SuccessPolicy";
/// The fields of a template's metadata in the order of Go's struct, which has `json` tags.
const METADATA: [&str; 7] = [
    "name",
    "generateName",
    "namespace",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
];

/// Lines of unchanged text around a change.
const CONTEXT: usize = 3;
/// Above this many pairs of lines, changed parts are not compared line by line.
const MAX_PAIRS: usize = 1_000_000;
/// Fields of a versioned pod spec that the server keeps in the security context.
const OF_SECURITY_CONTEXT: [&str; 5] = [
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "hostUsers",
    "shareProcessNamespace",
];

/// The unified difference of two specs.
pub fn diff<T: Data>(id: &str, old: &T, new: &T) -> String {
    let (old, new) = (pretty(id, old), pretty(id, new));
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    unified(&old, &new)
}

/// A value on one line, as `Invalid value: …` shows it.
pub fn compact<T: Data>(id: &str, value: &T) -> String {
    on_one_line(&pretty(id, value))
}

/// A pod template on one line: its metadata are written into the struct around it.
pub fn compact_template(template: &PodTemplateSpec) -> String {
    let metadata = typed::to_value(&template.metadata);
    let mut text = String::from("{");
    for name in METADATA {
        if let Some(value) = metadata.get(name) {
            let _ = write!(text, "\"{name}\":{},", scalar(value));
        }
    }
    let spec = template.spec.clone().unwrap_or_default();
    let _ = write!(text, "\"Spec\":{}}}", compact(POD_SPEC, &spec));
    text
}

/// JSON without the spaces between its parts.
fn on_one_line(json: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    let kept = json.chars().filter(|letter| {
        let quotes = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        inside ^= quotes;
        inside || !letter.is_ascii_whitespace()
    });
    kept.collect()
}

fn pretty<T: Data>(id: &str, spec: &T) -> String {
    let mut value = typed::to_value(spec);
    if id == POD_SPEC
        && let Value::Object(spec) = &mut value
    {
        let moved: Vec<(String, Value)> = OF_SECURITY_CONTEXT
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), spec.remove(*name)?)))
            .collect();
        let context = spec
            .entry("securityContext")
            .or_insert_with(|| Map::new().into());
        if let Value::Object(context) = context {
            context.extend(moved);
        }
    }
    let mut text = String::new();
    structure(id, &value, 0, &mut text);
    text
}

fn fields(id: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let table = include_str!("internal.txt");
    let line = table
        .lines()
        .find(|line| line.split('|').next() == Some(id))
        .unwrap_or("");
    line.split('|')
        .skip(1)
        .filter_map(|field| field.split_once(' '))
}

fn structure(id: &str, value: &Value, depth: usize, text: &mut String) {
    let empty = Map::new();
    let map = value.as_object().unwrap_or(&empty);
    let mut first = true;
    text.push('{');
    for (name, ty) in fields(id) {
        let inner = map
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map_or(&Value::Null, |(_, value)| value);
        text.push_str(if first { "\n" } else { ",\n" });
        first = false;
        let _ = write!(text, "{}\"{name}\": ", " ".repeat(depth + 1));
        write_value(ty, inner, depth + 1, text);
    }
    if !first {
        text.push('\n');
        text.push_str(&" ".repeat(depth));
    }
    text.push('}');
}

fn write_value(ty: &str, value: &Value, depth: usize, text: &mut String) {
    if let Some(target) = ty.strip_prefix('*') {
        return match value {
            Value::Null => text.push_str("null"),
            value => write_value(target, value, depth, text),
        };
    }
    let indent = " ".repeat(depth);
    if let Some(element) = ty.strip_prefix("[]") {
        let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
            text.push_str("null");
            return;
        };
        for (at, item) in items.iter().enumerate() {
            text.push_str(if at == 0 { "[\n" } else { ",\n" });
            text.push_str(&indent);
            text.push(' ');
            write_value(element, item, depth + 1, text);
        }
        let _ = write!(text, "\n{indent}]");
        return;
    }
    if let Some(element) = ty.strip_prefix("{}") {
        let Some(map) = value.as_object().filter(|map| !map.is_empty()) else {
            text.push_str("null");
            return;
        };
        for (at, (key, item)) in map.iter().enumerate() {
            text.push_str(if at == 0 { "{\n" } else { ",\n" });
            let _ = write!(text, "{indent} {}: ", scalar(&Value::String(key.clone())));
            write_value(element, item, depth + 1, text);
        }
        let _ = write!(text, "\n{indent}}}");
        return;
    }
    match (ty, value) {
        ("string", Value::Null) => text.push_str("\"\""),
        ("bool", Value::Null) => text.push_str("false"),
        ("int32" | "int64" | "intorstring", Value::Null) => text.push('0'),
        ("quantity", Value::Null) => text.push_str("\"0\""),
        ("raw", value) => raw(value, depth, text),
        ("string" | "bool" | "int32" | "int64" | "intorstring" | "quantity", value) => {
            text.push_str(&scalar(value));
        }
        (id, value) => structure(id, value, depth, text),
    }
}

/// A value of a struct that has `json` tags.
fn raw(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (at, (key, item)) in map.iter().enumerate() {
                text.push_str(if at == 0 { "{\n" } else { ",\n" });
                let _ = write!(text, "{} \"{key}\": ", " ".repeat(depth));
                raw(item, depth + 1, text);
            }
            let _ = write!(text, "\n{}}}", " ".repeat(depth));
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "[\n" } else { ",\n" });
                text.push_str(&" ".repeat(depth + 1));
                raw(item, depth + 1, text);
            }
            let _ = write!(text, "\n{}]", " ".repeat(depth));
        }
        other => text.push_str(&scalar(other)),
    }
}

/// A scalar as Go's encoder writes it: made safe for HTML.
fn scalar(value: &Value) -> String {
    let plain = value.to_string();
    if plain.contains(['<', '>', '&']) {
        return plain
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026");
    }
    plain
}

/// A unified difference without file names: hunks with their places.
fn unified(old: &[&str], new: &[&str]) -> String {
    let edits = edits(old, new);
    let mut text = String::new();
    let mut at = 0;
    while let Some(first) = (at..edits.len()).find(|index| edits[*index].0 != ' ') {
        let start = first.saturating_sub(CONTEXT).max(at);
        let mut end = first;
        let mut quiet = 0;
        let mut cursor = first;
        while cursor < edits.len() && quiet <= 2 * CONTEXT {
            if edits[cursor].0 == ' ' {
                quiet += 1;
            } else {
                quiet = 0;
                end = cursor;
            }
            cursor += 1;
        }
        let end = (end + CONTEXT + 1).min(edits.len());
        let count = |from: usize, to: usize, without: char| {
            edits[from..to]
                .iter()
                .filter(|(mark, _)| *mark != without)
                .count()
        };
        let _ = writeln!(
            text,
            "@@ -{} +{} @@",
            range(count(0, start, '+'), count(start, end, '+')),
            range(count(0, start, '-'), count(start, end, '-')),
        );
        for (mark, line) in &edits[start..end] {
            let _ = writeln!(text, "{mark}{line}");
        }
        at = end;
    }
    text
}

fn range(before: usize, length: usize) -> String {
    match length {
        0 => format!("{before},0"),
        1 => format!("{}", before + 1),
        _ => format!("{},{length}", before + 1),
    }
}

/// The lines of both texts, marked as kept, deleted or added, by their longest common part.
fn edits<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = (old.len() - prefix).min(new.len() - prefix);
    let suffix = (0..rest)
        .take_while(|back| old[old.len() - 1 - back] == new[new.len() - 1 - back])
        .count();
    let (a, b) = (
        &old[prefix..old.len() - suffix],
        &new[prefix..new.len() - suffix],
    );
    let mut edits: Vec<(char, &str)> = old[..prefix].iter().map(|line| (' ', *line)).collect();
    if a.len().saturating_mul(b.len()) > MAX_PAIRS {
        edits.extend(a.iter().map(|line| ('-', *line)));
        edits.extend(b.iter().map(|line| ('+', *line)));
    } else {
        compare(a, b, &mut edits);
    }
    edits.extend(old[old.len() - suffix..].iter().map(|line| (' ', *line)));
    edits
}

/// Two parts that begin and end differently.
fn compare<'a>(a: &[&'a str], b: &[&'a str], edits: &mut Vec<(char, &'a str)>) {
    let mut longest = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i][j] = if a[i] == b[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            edits.push((' ', a[i]));
            i += 1;
            j += 1;
        } else if i < a.len() && (j == b.len() || longest[i + 1][j] >= longest[i][j + 1]) {
            edits.push(('-', a[i]));
            i += 1;
        } else {
            edits.push(('+', b[j]));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::batch::v1::PodFailurePolicy;
    use serde_json::json;

    /// What Go's encoder makes of the same structs of 1.36.3, in pieces.
    const TEMPLATE: &[&str] = &[
        r#"{"labels":{"app":"j"},"annotations":{"a":"x \u003c y"},"Spec":{"Volumes":null,"InitContainers":null,"Container"#,
        r#"s":[{"Name":"c","Image":"busybox:2","Command":["sh","-c","echo \"a b\""],"Args":null,"WorkingDir":"","Ports":n"#,
        r#"ull,"EnvFrom":null,"Env":null,"Resources":{"Limits":null,"Requests":{"cpu":"100m"},"Claims":null},"ResizePolic"#,
        r#"y":null,"RestartPolicy":null,"RestartPolicyRules":null,"VolumeMounts":null,"VolumeDevices":null,"LivenessProbe"#,
        r#"":{"Exec":null,"HTTPGet":null,"TCPSocket":{"Port":80,"Host":""},"GRPC":null,"InitialDelaySeconds":0,"TimeoutSe"#,
        r#"conds":1,"PeriodSeconds":10,"SuccessThreshold":1,"FailureThreshold":3,"TerminationGracePeriodSeconds":null},"R"#,
        r#"eadinessProbe":null,"StartupProbe":null,"Lifecycle":null,"TerminationMessagePath":"/dev/termination-log","Term"#,
        r#"inationMessagePolicy":"File","ImagePullPolicy":"IfNotPresent","SecurityContext":null,"Stdin":false,"StdinOnce""#,
        r#":false,"TTY":false}],"EphemeralContainers":null,"RestartPolicy":"Never","TerminationGracePeriodSeconds":30,"Ac"#,
        r#"tiveDeadlineSeconds":null,"DNSPolicy":"ClusterFirst","NodeSelector":null,"ServiceAccountName":"","AutomountSer"#,
        r#"viceAccountToken":null,"NodeName":"","SecurityContext":{"HostNetwork":false,"HostPID":false,"HostIPC":false,"S"#,
        r#"hareProcessNamespace":null,"HostUsers":null,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunA"#,
        r#"sGroup":null,"RunAsNonRoot":null,"SupplementalGroups":null,"SupplementalGroupsPolicy":null,"FSGroup":null,"FSG"#,
        r#"roupChangePolicy":null,"Sysctls":null,"SeccompProfile":null,"AppArmorProfile":null,"SELinuxChangePolicy":null}"#,
        r#","ImagePullSecrets":null,"Hostname":"","Subdomain":"","SetHostnameAsFQDN":null,"Affinity":null,"SchedulerName""#,
        r#":"default-scheduler","Tolerations":null,"HostAliases":null,"PriorityClassName":"","Priority":null,"PreemptionP"#,
        r#"olicy":null,"DNSConfig":null,"ReadinessGates":null,"RuntimeClassName":null,"Overhead":null,"EnableServiceLinks"#,
        r#"":null,"TopologySpreadConstraints":null,"OS":null,"SchedulingGates":null,"ResourceClaims":null,"Resources":nul"#,
        r#"l,"HostnameOverride":null,"SchedulingGroup":null}}"#,
    ];

    #[test]
    fn values_are_shown_as_go_shows_its_own_structs() {
        let probe = json!({
            "tcpSocket": { "port": 80 },
            "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3,
        });
        let container = json!({
            "name": "c", "image": "busybox:2", "command": ["sh", "-c", "echo \"a b\""],
            "imagePullPolicy": "IfNotPresent", "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File", "resources": { "requests": { "cpu": "100m" } },
            "livenessProbe": probe,
        });
        let template: PodTemplateSpec = serde_json::from_value(json!({
            "metadata": { "annotations": { "a": "x < y" }, "labels": { "app": "j" } },
            "spec": {
                "restartPolicy": "Never", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler",
                "terminationGracePeriodSeconds": 30, "securityContext": {}, "containers": [container],
            },
        }))
        .expect("a template");
        assert_eq!(compact_template(&template), TEMPLATE.concat());

        let policy: PodFailurePolicy = serde_json::from_value(json!({ "rules": [
            { "action": "FailJob", "onExitCodes": { "containerName": "c", "operator": "In", "values": [1, 2] } },
            { "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget", "status": "True" }] },
        ] }))
        .expect("a policy");
        assert_eq!(
            compact(POD_FAILURE_POLICY, &policy),
            r#"{"Rules":[{"Action":"FailJob","OnExitCodes":{"ContainerName":"c","Operator":"In","Values":[1,2]},"OnPodConditions":null},{"Action":"Ignore","OnExitCodes":null,"OnPodConditions":[{"Type":"DisruptionTarget","Status":"True"}]}]}"#
        );
    }
}
