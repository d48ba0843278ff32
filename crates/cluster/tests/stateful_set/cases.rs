//! Statements of the specification as scripts.

/// Number and meaning of the statement, and the script that shows it.
pub const CASES: &[(&str, &str)] = &[
    (
        "S-STS-01 one pod after another",
        "set replicas=3 -> 0pA
         unready 0 -> 0uA
         ready 0 -> 0rA 1pA
         sync -> waits=WaitsForPod { pod: \"web-1\", lacks: Running }
         ready 1 -> 0rA 1rA 2pA
         ready 2 -> 0rA 1rA 2rA
         sync -> status=3/3/3/3
         sync -> waits=",
    ),
    (
        "S-STS-02 minReadySeconds holds the next pod back",
        "set replicas=2 min-ready=10 -> 0pA
         ready 0 -> 0rA
         sync -> waits=WaitsForPod { pod: \"web-0\", lacks: Available }
         wait 8000 -> 0rA
         wait 2000 -> 0rA 1pA",
    ),
    (
        "S-STS-03 Parallel makes all at once",
        "set replicas=4 policy=Parallel -> 0pA 1pA 2pA 3pA",
    ),
    (
        "S-STS-04 a terminating lower pod blocks",
        "set replicas=3 -> 0pA
         ready 0 -> 0rA 1pA
         delete 0 -> 0rA! 1pA
         ready 1 -> 0rA! 1rA
         sync -> waits=WaitsForPod { pod: \"web-0\", lacks: Gone }
         gone 0 -> 0pA 1rA
         ready 0 -> 0rA 1rA 2pA",
    ),
    (
        "S-STS-05 web-0 comes back although web-1 is not ready",
        "set replicas=2 -> 0pA
         ready 0 -> 0rA 1pA
         unready 1 -> 0rA 1uA
         delete 0 -> 0rA! 1uA
         gone 0 -> 0pA 1uA",
    ),
    (
        "S-STS-06 a finished pod is deleted once and replaced when it is gone",
        "set replicas=1 -> 0pA
         fail 0 -> 0fA!
         sync -> events=SuccessfulCreate Create Pod web-0 in StatefulSet web successful;SuccessfulDelete Delete Pod web-0 in StatefulSet web successful
         gone 0 -> 0pA
         succeed 0 -> 0sA!",
    ),
    (
        "S-STS-07 scale-down from the top, one at a time",
        "set replicas=3 policy=OrderedReady -> 0pA
         ready 0 -> 0rA 1pA
         ready 1 -> 0rA 1rA 2pA
         ready 2 -> 0rA 1rA 2rA
         scale 1 -> 0rA 1rA 2rA!
         sync -> events=SuccessfulDelete Delete Pod web-2 in StatefulSet web successful
         gone 2 -> 0rA 1rA!
         gone 1 -> 0rA
         sync -> status=1/1/1/1",
    ),
    (
        "S-STS-08 no scale-down while a remaining pod is unready",
        "set replicas=2 -> 0pA
         ready 0 -> 0rA 1pA
         ready 1 -> 0rA 1rA
         unready 0 -> 0uA 1rA
         scale 1 -> 0uA 1rA
         ready 0 -> 0rA 1rA!",
    ),
    (
        "S-STS-09 an unready condemned pod goes only when it is the lowest unhealthy one",
        "set replicas=3 policy=Parallel -> 0pA 1pA 2pA
         ready 0 -> 0rA 1pA 2pA
         scale 1 -> 0rA 1pA! 2pA!",
    ),
    (
        "S-STS-09 ordered: the lower unready one blocks the higher",
        "set replicas=3 -> 0pA
         ready 0 -> 0rA 1pA
         ready 1 -> 0rA 1rA 2pA
         unready 2 -> 0rA 1rA 2uA
         unready 1 -> 0rA 1uA 2uA
         scale 1 -> 0rA 1uA 2uA
         ready 1 -> 0rA 1rA 2uA!",
    ),
    (
        "S-STS-10 Parallel scale-down deletes all at once",
        "set replicas=4 policy=Parallel -> 0pA 1pA 2pA 3pA
         scale 1 -> 0pA 1pA! 2pA! 3pA!",
    ),
    (
        "S-STS-11 scaling goes before the rollout",
        "set replicas=2 -> 0pA
         ready 0 -> 0rA 1pA
         ready 1 -> 0rA 1rA
         scale 3 -> 0rA 1rA 2pA
         image B -> 0rA 1rA 2pA
         ready 2 -> 0rA 1rA 2rA!",
    ),
    (
        "S-STS-12 S-STS-13 S-STS-65 S-STS-75 rollout from the top, waiting for each",
        "set replicas=3 policy=OrderedReady -> 0pA
         ready 0 -> 0rA 1pA
         ready 1 -> 0rA 1rA 2pA
         ready 2 -> 0rA 1rA 2rA
         image B -> 0rA 1rA 2rA!
         sync -> status=3/3/2/0
         gone 2 -> 0rA 1rA 2pB
         sync -> status=3/2/2/1
         ready 2 -> 0rA 1rA! 2rB
         sync -> status=3/3/1/1
         gone 1 -> 0rA 1pB 2rB
         ready 1 -> 0rA! 1rB 2rB
         gone 0 -> 0pB 1rB 2rB
         ready 0 -> 0rB 1rB 2rB
         sync -> status=3/3/3/3
         sync -> history=1A 2B current B update B",
    ),
    (
        "S-STS-46 S-STS-65 S-STS-75 every status write of a creation and of a rollout",
        "set replicas=2 -> writes=0/0/0/0 1/0/1/1
         ready 0 -> writes=1/1/1/1 2/1/2/2
         ready 1 -> writes=2/2/2/2
         image B -> writes=2/2/1/0
         gone 1 -> writes=1/1/1/0 2/1/1/1
         ready 1 -> writes=2/2/0/1
         gone 0 -> writes=1/1/0/1 2/1/0/2
         ready 0 -> writes=2/2/2/2",
    ),
    (
        "S-STS-14 S-STS-15 partition",
        "set replicas=2 partition=1 policy=Parallel -> 0pA 1pA
         ready 0 -> 0rA 1pA
         ready 1 -> 0rA 1rA
         image B -> 0rA 1rA!
         gone 1 -> 0rA 1pB
         ready 1 -> 0rA 1rB
         delete 0 -> 0rA! 1rB
         gone 0 -> 0pA 1rB
         ready 0 -> history=1A 2B current A update B
         partition 0 -> 0rA! 1rB",
    ),
    (
        "S-STS-15 a partition above replicas changes nothing but the update revision",
        "set replicas=1 partition=5 -> 0pA
         ready 0 -> 0rA
         image B -> 0rA
         sync -> history=1A 2B current A update B",
    ),
    (
        "S-STS-16 a pod deleted by hand during a rollout comes back updated",
        "set replicas=3 policy=Parallel -> 0pA 1pA 2pA
         ready 0 -> 0rA 1pA 2pA
         ready 1 -> 0rA 1rA 2pA
         ready 2 -> 0rA 1rA 2rA
         image B -> 0rA 1rA 2rA!
         delete 0 -> 0rA! 1rA 2rA!
         gone 0 -> 0pB 1rA 2rA!",
    ),
    (
        "S-STS-17 without a rollingUpdate block a low ordinal comes back at the current revision",
        "set replicas=3 plain-rolling policy=Parallel -> 0pA 1pA 2pA
         ready 0 -> 0rA 1pA 2pA
         ready 1 -> 0rA 1rA 2pA
         ready 2 -> 0rA 1rA 2rA
         image B -> 0rA 1rA 2rA!
         delete 0 -> 0rA! 1rA 2rA!
         gone 0 -> 0pA 1rA 2rA!",
    ),
    (
        "S-STS-18 S-STS-19 OnDelete",
        "set replicas=2 on-delete policy=Parallel -> 0pA 1pA
         ready 0 -> 0rA 1pA
         ready 1 -> 0rA 1rA
         image B -> 0rA 1rA
         delete 1 -> 0rA 1rA!
         gone 1 -> 0rA 1pB
         ready 1 -> 0rA 1rB
         delete 0 -> 0rA! 1rB
         gone 0 -> 0pB 1rB
         ready 0 -> history=1A 2B current A update B
         sync -> status=2/2/0/2",
    ),
    (
        "S-STS-20 ordered: a revert does not replace the broken pod, a deletion does",
        "set replicas=2 -> 0pA
         ready 0 -> 0rA 1pA
         ready 1 -> 0rA 1rA
         image B -> 0rA 1rA!
         gone 1 -> 0rA 1pB
         unready 1 -> 0rA 1uB
         image A -> 0rA 1uB
         delete 1 -> 0rA 1uB!
         gone 1 -> 0rA 1pA
         ready 1 -> 0rA 1rA
         sync -> history=2B 3A current A update A",
    ),
    (
        "S-STS-21 parallel: a revert replaces the broken pod",
        "set replicas=2 policy=Parallel -> 0pA 1pA
         ready 0 -> 0rA 1pA
         ready 1 -> 0rA 1rA
         image B -> 0rA 1rA!
         gone 1 -> 0rA 1pB
         unready 1 -> 0rA 1uB
         image A -> 0rA 1uB!",
    ),
    (
        "S-STS-27 ordinals.start",
        "set replicas=3 start=5 policy=Parallel -> 5pA 6pA 7pA
         start 6 -> 5pA! 6pA 7pA 8pA",
    ),
    (
        "S-STS-30 a claim that is being deleted holds its pod back",
        "set replicas=1 claims -> 0pA
         hold-claim 0 -> 0pA
         delete 0 -> 0pA!
         end-claim 0 -> 0pA!
         gone 0 -> events=FailedCreate Create Pod web-0 in StatefulSet web failed error: pvc www-web-0 is being deleted
         free-claim 0
         wait 3000 -> 0pA",
    ),
    (
        "S-STS-36 a claim of an earlier pod must go before the next pod comes",
        "set replicas=1 claims retention=Delete/Retain -> 0pA
         ready 0 -> 0rA
         hold-claim 0 -> 0rA
         scale 0 -> owners=0:Pod
         gone 0 ->
         scale 1 ->
         sync -> waits=WaitsForStaleClaim { pod: \"web-0\" }",
    ),
    (
        "S-STS-31 S-STS-37 claims stay, and are made again for a waiting pod",
        "set replicas=2 claims policy=Parallel -> claims=0 1
         delete-claim 1 -> claims=0
         sync -> claims=0 1
         scale 0 -> 0pA! 1pA!
         gone 0 -> 1pA!
         gone 1 -> claims=0 1",
    ),
    (
        "S-STS-32 Retain/Delete: the set owns the claims",
        "set replicas=1 claims retention=Retain/Delete -> owners=0:StatefulSet
         delete-set -> claims=",
    ),
    (
        "S-STS-33 Delete/Retain: the pod owns the claim when it is condemned",
        "set replicas=1 claims retention=Delete/Retain -> owners=0:
         ready 0 -> 0rA
         scale 0 -> owners=0:Pod
         gone 0 -> claims=",
    ),
    (
        "S-STS-34 Delete/Delete: from the set to the pod",
        "set replicas=1 claims retention=Delete/Delete -> owners=0:StatefulSet
         ready 0 -> 0rA
         scale 0 -> owners=0:Pod",
    ),
    (
        "S-STS-35 a pod in range keeps its claim",
        "set replicas=1 claims retention=Delete/Retain -> owners=0:
         ready 0 -> 0rA
         delete 0 -> 0rA!
         gone 0 -> owners=0:",
    ),
    (
        "S-STS-38 S-STS-69 events in order",
        "set replicas=1 claims -> events=SuccessfulCreate Create Claim www-web-0 Pod web-0 in StatefulSet web success;SuccessfulCreate Create Pod web-0 in StatefulSet web successful",
    ),
    (
        "S-STS-40 a rollback uses the old revision again",
        "set replicas=1 -> 0pA
         ready 0 -> 0rA
         image B -> 0rA!
         gone 0 -> 0pB
         image A -> history=2B 3A current A update A",
    ),
    (
        "S-STS-41 replicas and partition make no revision",
        "set replicas=1 -> 0pA
         scale 2 -> history=1A current A update A
         partition 1 -> history=1A current A update A",
    ),
    (
        "S-STS-42 revisionHistoryLimit=1",
        "set replicas=1 on-delete limit=1 -> 0pA
         image B -> history=1A 2B current A update B
         image C -> history=1A 2B 3C current A update C
         image D -> history=1A 3C 4D current A update D",
    ),
    (
        "S-STS-43 revisionHistoryLimit=0",
        "set replicas=1 on-delete limit=0 -> 0pA
         image B -> history=1A 2B current A update B
         image C -> history=1A 3C current A update C",
    ),
    (
        "S-STS-45 replicas count terminating pods, current and updated do not",
        "set replicas=2 policy=Parallel -> 0pA 1pA
         sync -> status=2/0/2/2
         delete 1 -> 0pA 1pA!
         sync -> status=2/0/1/1",
    ),
    (
        "S-STS-48 foreground deletion: nothing is made any more",
        "set replicas=2 policy=Parallel -> 0pA 1pA
         delete-set foreground -> 0pA! 1pA!
         gone 0 -> 1pA!
         gone 1 -> ",
    ),
    (
        "S-STS-49 S-STS-63 an orphan of the right name is adopted, any other is not",
        "pod abc -> abcp-free
         pod 0 -> abcp-free 0p-free
         set replicas=1 -> abcp-free 0p",
    ),
    (
        "S-STS-50 S-GC-18 a pod that lost its label is released and blocks its ordinal",
        "set replicas=1 -> 0pA
         label 0 app=other -> 0pA-free
         delete 0 -> 0pA!-free
         gone 0 -> 0pA",
    ),
    (
        "S-STS-61 S-GC-17 orphans are adopted by the next set without a restart",
        "set replicas=2 policy=Parallel -> 0pA 1pA
         ready 0 -> 0rA 1pA
         ready 1 -> 0rA 1rA
         delete-set orphan -> 0rA-free 1rA-free
         set replicas=2 policy=Parallel -> 0rA 1rA
         sync -> history=1A current A update A",
    ),
    (
        "S-STS-62 S-GC-16 background deletion takes all pods at once",
        "set replicas=3 policy=Parallel -> 0pA 1pA 2pA
         delete-set background -> 0pA! 1pA! 2pA!",
    ),
    (
        "S-STS-67 S-STS-77 a lost pod-name label is repaired, a lost index is not",
        "set replicas=1 -> 0pA
         ready 0 -> 0rA
         label 0 apps.kubernetes.io/pod-index -> events=SuccessfulCreate Create Pod web-0 in StatefulSet web successful
         label 0 statefulset.kubernetes.io/pod-name=x -> events=SuccessfulUpdate Update Pod web-0 in StatefulSet web successful",
    ),
    (
        "S-STS-73 a changed retention policy is carried out on healthy pods",
        "set replicas=1 claims -> owners=0:
         ready 0 -> 0rA
         retention Retain/Delete -> owners=0:StatefulSet
         sync -> events=SuccessfulUpdate Update Pod web-0 in StatefulSet web successful",
    ),
];
