//! Statements about identity, claims, revisions and the gate for `maxUnavailable`, as scripts.

/// Number and meaning of the statement, and the script that shows it.
pub const EDGES: &[(&str, &str)] = &[
    (
        "S-STS-22 a share is rounded down, and one always may be unavailable",
        "gate
         set replicas=5 policy=Parallel max=50% -> rolling=partition 0 maxUnavailable \"50%\"
         ready 0
         ready 1
         ready 2
         ready 3
         ready 4
         image B -> 0rA 1rA 2rA 3rA! 4rA!",
    ),
    (
        "S-STS-22 ten per cent of five is one",
        "gate
         set replicas=5 policy=Parallel max=10%
         ready 0
         ready 1
         ready 2
         ready 3
         ready 4
         image B -> 0rA 1rA 2rA 3rA 4rA!",
    ),
    (
        "S-STS-23 S-STS-24 two at once from the top; an unavailable pod of any revision counts",
        "gate
         set replicas=4 max=2
         ready 0
         ready 1
         ready 2
         ready 3 -> 0rA 1rA 2rA 3rA
         image B -> 0rA 1rA 2rA! 3rA!
         sync -> status=4/4/2/0
         gone 3 -> 0rA 1rA 2rA!
         gone 2 -> 0rA 1rA 2pB
         ready 2 -> 0rA 1rA 2rB 3pB
         ready 3 -> 0rA! 1rA! 2rB 3rB
         gone 0 -> 0pB 1rA! 2rB 3rB
         ready 0
         gone 1 -> 0rB 1pB 2rB 3rB",
    ),
    (
        "S-STS-24 with the gate, parallel: an unready pod of the old revision uses the budget up",
        "gate
         set replicas=3 max=2 policy=Parallel
         ready 0
         ready 1
         ready 2
         unready 0 -> 0uA 1rA 2rA
         image B -> 0uA 1rA 2rA!",
    ),
    (
        "S-STS-71 with the gate, a broken first revision is never replaced",
        "gate
         set replicas=2 policy=Parallel -> rolling=partition 0 maxUnavailable 1
         unready 0 -> 0uA 1pA
         unready 1 -> 0uA 1uA
         image B -> 0uA 1uA
         delete 1 -> 0uA 1uA!
         gone 1 -> 0uA 1pB",
    ),
    (
        "S-STS-70 without the gate the field is dropped and one pod at a time is replaced",
        "set replicas=3 policy=Parallel max=2 -> rolling=partition 0 maxUnavailable null
         ready 0
         ready 1
         ready 2
         image B -> 0rA 1rA 2rA!",
    ),
    (
        "S-STS-25 S-STS-26 S-STS-66 identity of a pod, and claims before its other volumes",
        "set replicas=1 claims -> identity=web-0 0 A web-0 nginx www:www-web-0 scratch:",
    ),
    (
        "S-STS-66 without claim templates the pod's own volumes stay",
        "set replicas=1 -> identity=web-0 0 A web-0 nginx www: scratch:",
    ),
    (
        "S-STS-28 the selector's labels win over those of the claim template",
        "set replicas=1 claims -> claim=app:nginx tier:disk 1Gi",
    ),
    (
        "S-STS-29 a claim that is there is used as it is",
        "claim 0
         set replicas=1 claims -> claim=app:other tier:disk 5Gi
         sync -> events=SuccessfulCreate Create Pod web-0 in StatefulSet web successful",
    ),
    (
        "S-STS-39 a name that is taken by other data raises the count of collisions",
        "clash B
         set replicas=0 -> collisions=0
         image B -> collisions=1
         sync -> history=1B 2C 2A current A update A",
    ),
    (
        "S-STS-44 a revision keeps the set's annotations of its time",
        "set replicas=0 -> causes=-
         cause first
         image B -> causes=- first
         cause second -> causes=- first
         image C -> causes=- first second",
    ),
    (
        "S-STS-47 observedGeneration follows",
        "set replicas=1 -> generation=1 observed 1
         scale 2 -> generation=2 observed 2
         sync -> generation=2 observed 2
         image B -> generation=3 observed 3",
    ),
    (
        "S-STS-50 a stranger in an ordinal's place blocks it, and no event says so",
        "pod 0 stranger -> 0p-free
         set replicas=1 -> 0p-free
         sync -> status=0/0/0/0
         sync -> events=
         delete 0 -> 0p!-free
         gone 0
         wait 60000 -> 0pA",
    ),
    (
        "S-STS-49 a pod made by hand is adopted and, being of no revision, replaced by the rollout",
        "pod 0 -> 0p-free
         ready 0 -> 0r-free
         set replicas=1 -> 0r!
         sync -> events=SuccessfulUpdate Update Pod web-0 in StatefulSet web successful;SuccessfulDelete Delete Pod web-0 in StatefulSet web successful
         gone 0 -> 0pA",
    ),
    (
        "section 5: a pod made by hand cannot get the claims it lacks",
        "pod 0
         ready 0 -> 0r-free
         set replicas=1 claims -> claims=0
         sync -> reasons=SuccessfulCreate FailedUpdate",
    ),
    (
        "section 15: a name that leaves no room for the hash makes no pod",
        "set replicas=1 name=a23456789-123456789-123456789-123456789-123456789-123456789-12 ->
         wait 1 -> reasons=FailedCreate",
    ),
    (
        "section 8.4: the partition counts slots, not ordinals",
        "set replicas=2 start=5 partition=1 policy=Parallel -> 5pA 6pA
         ready 5 -> 5rA 6pA
         ready 6 -> 5rA 6rA
         image B -> 5rA 6rA!",
    ),
    (
        "section 6: a condemned pod that has finished goes like an unready one",
        "set replicas=2 -> 0pA
         ready 0 -> 0rA 1pA
         ready 1 -> 0rA 1rA
         scale 1 -> 0rA 1rA!
         succeed 1 -> 0rA 1sA!
         gone 1 -> 0rA",
    ),
    (
        "section 9: the third template during a rollout: pods of no live counter are replaced too",
        "set replicas=2 policy=Parallel
         ready 0
         ready 1 -> 0rA 1rA
         image B -> 0rA 1rA!
         gone 1 -> 0rA 1pB
         ready 1 -> 0rA! 1rB
         gone 0 -> 0pB 1rB
         image C -> 0pB 1rB!
         sync -> status=2/1/0/0",
    ),
    (
        "S-STS-74 a claim with another controller keeps it, and an event says so",
        "set replicas=1 claims -> owners=0:
         ready 0
         own-claim 0 -> owners=0:ConfigMap
         retention Retain/Delete -> owners=0:ConfigMap
         scale 2 -> reasons=SuccessfulCreate SuccessfulCreate SuccessfulCreate SuccessfulCreate",
    ),
    (
        "S-STS-74 a policy of deletion is ignored for it when its pod is made again",
        "set replicas=1 claims retention=Retain/Delete -> owners=0:StatefulSet
         ready 0
         own-claim 0 -> owners=0:ConfigMap
         delete 0 -> 0rA!
         gone 0 -> events=ConflictingController PersistentVolumeClaim www-web-0 has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim
         sync -> owners=0:ConfigMap",
    ),
    (
        "S-STS-36 the next pod comes when the earlier pod's claim is gone",
        "set replicas=1 claims retention=Delete/Retain -> 0pA
         ready 0 -> 0rA
         hold-claim 0
         scale 0 -> owners=0:Pod
         gone 0 ->
         scale 1 ->
         free-claim 0
         sync -> 0pA
         sync -> owners=0:",
    ),
];
