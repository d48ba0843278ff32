//! Manifests for a real cluster.

use super::learner::Learner;
use petset_playground::Session;
use petset_playground::view::{ShareTrouble, check_manifest};

/// Objects of many kinds, each with something that a server adds.
const MANY: &str = include_str!("many.yaml");

fn made(files: &[(&str, &str)], commands: &[&str]) -> Learner {
    let files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let mut learner = Learner::new(Session::new(1, files));
    for command in commands {
        learner.output(command);
        learner.settle();
    }
    learner
}

/// What comes out of them. The real kubectl 1.36.3 applies it to `petset serve`, once as new and then as what is there.
const EXPORTED: &str = include_str!("many.export.yaml");

/// The kinds and names of all objects in a text, in order.
fn objects(yaml: &str) -> Vec<String> {
    let documents = yaml.split("---\n").filter(|text| !text.is_empty());
    documents
        .map(|text| {
            let value: serde_yaml::Value =
                serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            let word = |value: &serde_yaml::Value| value.as_str().unwrap_or_default().to_owned();
            format!(
                "{} {}",
                word(&value["kind"]),
                word(&value["metadata"]["name"])
            )
        })
        .collect()
}

#[test]
fn what_a_person_made_is_exported_in_an_order_that_applies() {
    let learner = made(
        &[("many.yaml", MANY)],
        &[
            "kubectl create namespace shop",
            "kubectl apply -f many.yaml",
            "kubectl scale sts web --replicas=3",
        ],
    );
    let yaml = learner.session.export_yaml();
    assert_eq!(
        objects(&yaml),
        [
            "Namespace shop",
            "StorageClass fast",
            "PersistentVolume by-hand",
            "ServiceAccount robot",
            "Secret key",
            "ConfigMap settings",
            "PersistentVolumeClaim alone",
            "Service web",
            "Service api",
            "PodDisruptionBudget web",
            "Pod single",
            "Deployment api",
            "StatefulSet web",
            "DaemonSet agent",
            "Job once",
            "CronJob daily",
        ]
    );
    for gone in [
        "uid:",
        "resourceVersion",
        "creationTimestamp",
        "managedFields",
        "last-applied",
        "status:",
        "generation:",
        "ownerReferences",
        "kube-api-access",
        "nodeName",
        "controller-uid",
        "volumeName",
        "pvc-protection",
        "clusterIPs",
        "nodePort:",
    ] {
        assert!(!yaml.contains(gone), "{gone} in\n{yaml}");
    }
    assert!(yaml.contains("replicas: 3"), "{yaml}");
    assert!(yaml.contains("clusterIP: None"), "{yaml}");
}

#[test]
fn an_export_applies_to_a_new_cluster_and_comes_out_of_it_again() {
    let learner = made(
        &[("many.yaml", MANY)],
        &[
            "kubectl create namespace shop",
            "kubectl apply -f many.yaml",
        ],
    );
    let yaml = learner.session.export_yaml();
    assert_eq!(yaml, EXPORTED);
    let mut again = made(&[("all.yaml", &yaml)], &[]);
    let said = again.output("kubectl apply -f all.yaml");
    assert_eq!(said.lines().count(), objects(&yaml).len(), "{said}");
    for line in said.lines() {
        assert!(line.ends_with(" created"), "{line}");
    }
    again.settle();
    assert_eq!(again.session.export_yaml(), yaml);
}

#[test]
fn a_new_cluster_exports_nothing() {
    assert_eq!(Session::with_lab3(1).export_yaml(), "");
}

#[test]
fn what_came_from_an_address_is_a_manifest_or_says_what_it_is() {
    let cases = [
        ("apiVersion: v1\nkind: ConfigMap\n", None),
        ("# first\n---\n---\nkind: Pod\napiVersion: v1\n", None),
        ("", Some(ShareTrouble::NoManifest)),
        ("just words", Some(ShareTrouble::NoManifest)),
        ("kind: Pod\n", Some(ShareTrouble::NoManifest)),
        ("<!DOCTYPE html>\n<html>", Some(ShareTrouble::WebPage)),
        ("  <html lang=en>", Some(ShareTrouble::WebPage)),
    ];
    for (text, expected) in cases {
        assert_eq!(check_manifest(text).err(), expected, "{text:?}");
    }
    let broken = check_manifest("a: [1\nb: }").err();
    assert!(
        matches!(broken, Some(ShareTrouble::NotYaml { .. })),
        "{broken:?}"
    );
}
