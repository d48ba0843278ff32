//! Why are sets, claims, volumes, services, workloads and nodes as they are?

use super::reasons::{
    APPLY, BROKEN, CLAIM, DEPLOY, SERVICE, SET, USER, VOLUME, check_all, row, set,
};

#[test]
fn a_set_and_its_pods() {
    let broken = |more: &str| {
        let text = SET.replace("image: nginx", "image: 'nginx:none-such'");
        vec![(
            "s.yaml",
            text.replace(
                "spec:\n  serviceName",
                &format!("spec:\n{more}  serviceName"),
            ),
        )]
    };
    let good = || vec![("s.yaml", SET.to_owned())];
    let rows = [
        row(
            broken(""),
            &[APPLY, "wait 5"],
            "StatefulSet/web",
            &[
                "SetWaitsRunning(web-0) -> web-0",
                "SetNoService(web) $ kubectl create service clusterip web --clusterip=None",
            ],
        ),
        row(
            good(),
            &[
                "kubectl create service clusterip web --tcp=80",
                APPLY,
                "wait 20",
            ],
            "StatefulSet/web",
            &["SetServiceNotHeadless(web) -> web"],
        ),
        row(
            good(),
            &[
                SERVICE,
                APPLY,
                "wait 20",
                "kubectl scale sts web --replicas=1",
                "wait 1",
            ],
            "Pod/web-1",
            &["DeletedScaledDown(1)"],
        ),
        row(
            good(),
            &[
                SERVICE,
                APPLY,
                "wait 20",
                "kubectl scale sts web --replicas=1",
                "wait 30",
            ],
            "Pod/web-1",
            &["DeletedScaledDown(1)"],
        ),
        row(
            good(),
            &[SERVICE, APPLY, "wait 20"],
            "Pod/web-1",
            &["MadeForOrdinal(1) $ kubectl delete pod web-1"],
        ),
        row(
            vec![(
                "s.yaml",
                set(
                    "replicas: 2",
                    "replicas: 2\n  updateStrategy: {rollingUpdate: {partition: 1}}",
                ),
            )],
            &[
                SERVICE,
                APPLY,
                "wait 20",
                "kubectl set image sts web c=nginx:1.25",
                "wait 30",
            ],
            "StatefulSet/web",
            &[
                "SetPartition(1, 1) $ kubectl patch sts web -p '{\"spec\":{\"updateStrategy\":{\"rollingUpdate\":{\"partition\":0}}}}'",
            ],
        ),
        row(
            vec![(
                "s.yaml",
                set(
                    "replicas: 2",
                    "replicas: 2\n  updateStrategy: {rollingUpdate: {partition: 1}}",
                ),
            )],
            &[
                SERVICE,
                APPLY,
                "wait 20",
                "kubectl set image sts web c=nginx:1.25",
                "wait 30",
            ],
            "Pod/web-0",
            &[
                "OutdatedPartition(0, 1) $ kubectl patch sts web -p '{\"spec\":{\"updateStrategy\":{\"rollingUpdate\":{\"partition\":0}}}}'",
            ],
        ),
        row(
            vec![(
                "s.yaml",
                set(
                    "replicas: 2",
                    "replicas: 2\n  updateStrategy: {type: OnDelete}",
                ),
            )],
            &[
                SERVICE,
                APPLY,
                "wait 20",
                "kubectl set image sts web c=nginx:1.25",
                "wait 10",
            ],
            "StatefulSet/web",
            &["SetOnDelete(2)"],
        ),
        row(
            good(),
            &[
                SERVICE,
                APPLY,
                "wait 20",
                "kubectl set image sts web c=nginx:none-such",
                "wait 20",
            ],
            "StatefulSet/web",
            &[
                "SetWaitsRunning(web-1) -> web-1",
                "SetStuck(web-1) -> web-1 $ kubectl delete pod web-1",
            ],
        ),
        row(
            good(),
            &[
                SERVICE,
                APPLY,
                "wait 20",
                "kubectl set image sts web c=nginx:none-such",
                "wait 20",
            ],
            "Pod/web-0",
            &["OutdatedTurn(web-1) -> web-1"],
        ),
    ];
    check_all(&rows);
}

#[test]
fn claims_and_volumes() {
    let claim = |class: &str| {
        vec![
            (
                "c.yaml",
                CLAIM.replace("spec:\n", &format!("spec:\n  storageClassName: {class}\n")),
            ),
            ("v.yaml", VOLUME.to_owned()),
        ]
    };
    let manual = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: manual}\nprovisioner: kubernetes.io/no-provisioner\n";
    let late = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: late}\nprovisioner: a/b\nvolumeBindingMode: WaitForFirstConsumer\n";
    let nobody = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: nobody}\nprovisioner: a/b\n";
    let both = |class: &str, of: &str| {
        vec![
            (
                "c.yaml",
                format!(
                    "{of}---\n{}",
                    CLAIM.replace("spec:\n", &format!("spec:\n  storageClassName: {class}\n"))
                ),
            ),
            ("v.yaml", VOLUME.to_owned()),
        ]
    };
    let rows = [
        row(
            claim("none"),
            &["kubectl apply -f c.yaml", "wait 3"],
            "PersistentVolumeClaim/data",
            &["ClaimClassMissing(none) $ kubectl get storageclass"],
        ),
        row(
            claim("''"),
            &["kubectl apply -f v.yaml -f c.yaml", "wait 3"],
            "PersistentVolumeClaim/data",
            &[
                "ClaimNoVolume() [small: Size(100Mi, 1Gi)] [small: AccessModes(ReadOnlyMany, ReadWriteOnce)] [small: Class(slow, –)] $ kubectl get storageclass,pv",
            ],
        ),
        row(
            both("manual", manual),
            &["kubectl apply -f v.yaml -f c.yaml", "wait 3"],
            "PersistentVolumeClaim/data",
            &[
                "ClaimNotProvisioned(manual) [small: Size(100Mi, 1Gi)] [small: AccessModes(ReadOnlyMany, ReadWriteOnce)] [small: Class(slow, manual)] $ kubectl get pv",
            ],
        ),
        row(
            both("late", late),
            &["kubectl apply -f c.yaml", "wait 3"],
            "PersistentVolumeClaim/data",
            &["ClaimWaitsForPod(late)"],
        ),
        row(
            both("nobody", nobody),
            &["kubectl apply -f c.yaml", "wait 3"],
            "PersistentVolumeClaim/data",
            &["ClaimNoProvisioner(nobody, a/b) -> nobody"],
        ),
        row(
            vec![("c.yaml", CLAIM.to_owned())],
            &[
                "kubectl apply -f c.yaml",
                USER,
                "wait 9",
                "kubectl delete pvc data --wait=false",
                "wait 3",
            ],
            "PersistentVolumeClaim/data",
            &["ClaimInUse(p) -> p $ kubectl delete pod p"],
        ),
        row(
            claim("''"),
            &["kubectl apply -f v.yaml", "wait 3"],
            "PersistentVolume/small",
            &["VolumeFree()"],
        ),
    ];
    check_all(&rows);
}

#[test]
fn services_workloads_nodes_and_namespaces() {
    let rows = [
        row(vec![], &["kubectl create service clusterip d --tcp=80"], "Service/d", &["ServiceNoPods(app=d) $ kubectl get pods --show-labels"]),
        row(vec![], &[BROKEN, "kubectl create service clusterip d --tcp=80", "wait 3"], "Service/d", &["ServiceNoneReady(1) [d: PodStatus(ErrImagePull)] -> d"]),
        row(vec![("s.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: d}\nspec: {type: ExternalName, externalName: a.example}\n".to_owned())], &["kubectl apply -f s.yaml"], "Service/d", &["ServiceExternal(a.example)"]),
        row(vec![], &[DEPLOY, "wait 10", "kubectl rollout pause deployment d"], "Deployment/d", &["RolloutPaused() $ kubectl rollout resume deployment d"]),
        row(vec![], &[DEPLOY, "wait 10"], "Deployment/d", &[]),
        row(vec![("b.yaml", "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b}\nspec: {minAvailable: 2, selector: {matchLabels: {app: d}}}\n".to_owned())], &[DEPLOY, "wait 10", "kubectl apply -f b.yaml", "wait 2"], "PodDisruptionBudget/b", &["BudgetBlocks(2, 2, 2)"]),
        row(vec![], &["kubectl create cronjob j --image=busybox --schedule='*/5 * * * *' -- true"], "CronJob/j", &["CronSchedule(*/5 * * * *) $ kubectl create job j-now --from=cronjob/j"]),
        row(vec![], &["kubectl cordon node-2", "kubectl taint node node-2 a=b:NoExecute"], "Node/node-2",
            &["NodeCordoned() $ kubectl uncordon node-2", "NodeTainted(a=b:NoExecute) $ kubectl taint node node-2 a=b:NoExecute-"]),
    ];
    check_all(&rows);
}
