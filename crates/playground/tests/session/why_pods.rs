//! Why is this pod as it is?

use super::reasons::{CLAIM, check_all, pod, row};

#[test]
fn a_pod_without_a_node() {
    let needs = |what: &str| vec![("p.yaml", pod("p", what))];
    let volume = "  volumes:\n  - {name: v, persistentVolumeClaim: {claimName: data}}\n";
    let with_claim = |class: &str| {
        let claim = CLAIM.replace("spec:\n", &format!("spec:\n  storageClassName: {class}\n"));
        vec![("p.yaml", format!("{}---\n{claim}", pod("p", volume)))]
    };
    let gates = "  schedulingGates: [{name: a/b}]\n";
    let selector = "  nodeSelector: {disk: ssd}\n";
    let own = "  schedulerName: mine\n";
    let rows = [
        row(
            needs(""),
            &[
                "kubectl cordon node-1",
                "kubectl cordon node-2",
                "kubectl taint node node-3 a=b:NoSchedule",
                "kubectl apply -f p.yaml",
                "wait 5",
            ],
            "Pod/p",
            &[
                "PodUnschedulable(3) [node-1: Cordoned()] [node-2: Cordoned()] [node-3: Taint(a=b:NoSchedule)] $ kubectl uncordon node-1",
            ],
        ),
        row(
            needs(selector),
            &["kubectl apply -f p.yaml", "wait 5"],
            "Pod/p",
            &[
                "PodUnschedulable(3) [node-1: NodeAffinity()] [node-2: NodeAffinity()] [node-3: NodeAffinity()] $ kubectl describe pod p",
            ],
        ),
        row(
            vec![(
                "p.yaml",
                pod("p", "").replace(
                    "image: nginx",
                    "image: nginx, resources: {requests: {cpu: '1000'}}",
                ),
            )],
            &[
                "kubectl apply -f p.yaml",
                "wait 5",
                "kubectl cordon node-2",
                "kubectl cordon node-3",
                "wait 1",
            ],
            "Pod/p",
            &[
                "PodUnschedulable(3) [node-1: ResourceNever(cpu, 1000, 2)] [node-2: Cordoned()] [node-3: Cordoned()] $ kubectl uncordon node-2",
            ],
        ),
        row(
            needs(gates),
            &["kubectl apply -f p.yaml", "wait 5"],
            "Pod/p",
            &[
                "PodGated(a/b) $ kubectl patch pod p --type=json -p '[{\"op\":\"remove\",\"path\":\"/spec/schedulingGates\"}]'",
            ],
        ),
        row(
            needs(own),
            &["kubectl apply -f p.yaml", "wait 5"],
            "Pod/p",
            &["PodOtherScheduler(mine)"],
        ),
        row(
            needs(volume),
            &["kubectl apply -f p.yaml", "wait 5"],
            "Pod/p",
            &["PodClaimMissing(data)"],
        ),
        row(
            with_claim("none"),
            &["kubectl apply -f p.yaml", "wait 5"],
            "Pod/p",
            &["PodWaitsForClaims(data) -> data"],
        ),
    ];
    check_all(&rows);
}

#[test]
fn a_pod_on_its_node() {
    let image = |image: &str| vec![("p.yaml", pod("p", "").replace("image: nginx", image))];
    let env = "image: nginx, envFrom: [{configMapRef: {name: conf}}], env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]";
    let probe = "image: nginx, readinessProbe: {httpGet: {path: /no, port: 80}, periodSeconds: 5}";
    let gate = "  readinessGates: [{conditionType: a/b}]\n";
    let stop = "image: busybox, command: [sh, -c, 'trap \"\" TERM; sleep 1000']";
    let rows = [
        row(
            image("image: 'nginx:none-such'"),
            &["kubectl apply -f p.yaml", "wait 3"],
            "Pod/p",
            &["ImageBackOff(nginx:none-such, 10)"],
        ),
        row(
            image("image: 'Nginx'"),
            &["kubectl apply -f p.yaml", "wait 3"],
            "Pod/p",
            &["ImageName(Nginx)"],
        ),
        row(
            image(env),
            &[
                "kubectl create secret generic s --from-literal=other=1",
                "kubectl apply -f p.yaml",
                "wait 3",
            ],
            "Pod/p",
            &["ContainerConfig(c) [conf: NotThere()] [s: NoKey(k)]"],
        ),
        row(
            image("image: busybox, command: [sh, -c, 'exit 3']"),
            &["kubectl apply -f p.yaml", "wait 5"],
            "Pod/p",
            &["CrashLoop(c, 3, 10) $ kubectl logs p -c c --previous"],
        ),
        row(
            image(probe),
            &["kubectl apply -f p.yaml", "wait 4"],
            "Pod/p",
            &["ReadinessProbe(c, 3, 3) $ kubectl describe pod p"],
        ),
        row(
            vec![("p.yaml", pod("p", gate))],
            &["kubectl apply -f p.yaml", "wait 4"],
            "Pod/p",
            &["ReadinessGate(a/b)"],
        ),
        row(
            vec![("p.yaml", pod("p", ""))],
            &["kubectl apply -f p.yaml", "wait 4"],
            "Pod/p",
            &[],
        ),
        row(
            image(stop),
            &[
                "kubectl apply -f p.yaml",
                "wait 4",
                "kubectl delete pod p --wait=false",
                "wait 2",
            ],
            "Pod/p",
            &["PodGrace(c, 30)"],
        ),
        row(
            vec![(
                "p.yaml",
                pod(
                    "p",
                    "  initContainers:\n  - {name: i, image: busybox, command: [sleep, '1000']}\n",
                ),
            )],
            &["kubectl apply -f p.yaml", "wait 4"],
            "Pod/p",
            &["PodInit(i, 1, 1) $ kubectl logs p -c i"],
        ),
        row(
            vec![(
                "p.yaml",
                pod("p", "  volumes:\n  - {name: v, configMap: {name: conf}}\n"),
            )],
            &["kubectl apply -f p.yaml", "wait 4"],
            "Pod/p",
            &["PodVolumes(node-3) [conf: NotThere()] -> conf"],
        ),
        row(
            vec![(
                "p.yaml",
                pod("p", "").replace("labels:", "finalizers: [a/b], labels:"),
            )],
            &[
                "kubectl apply -f p.yaml",
                "wait 4",
                "kubectl delete pod p --wait=false",
                "wait 10",
            ],
            "Pod/p",
            &[
                "Finalizers(a/b) $ kubectl patch pod p --type=merge -p '{\"metadata\":{\"finalizers\":null}}'",
            ],
        ),
        row(
            vec![("p.yaml", pod("p", "  nodeName: node-1\n"))],
            &[
                "kubectl apply -f p.yaml",
                "wait 4",
                "fault cut-off node-1",
                "wait 60",
            ],
            "Pod/p",
            &[
                "PodNodeSilent(node-1) -> node-1 $ fault reconnect node-1",
                "PodToBeEvicted(node-1, node.kubernetes.io/unreachable, 300) -> node-1",
            ],
        ),
        row(
            vec![("p.yaml", pod("p", "  nodeName: node-1\n"))],
            &[
                "kubectl apply -f p.yaml",
                "wait 4",
                "fault cut-off node-1",
                "kubectl delete pod p --wait=false",
                "wait 60",
            ],
            "Pod/p",
            &["PodOnLostNode(node-1) -> node-1 $ fault reconnect node-1"],
        ),
    ];
    check_all(&rows);
}
