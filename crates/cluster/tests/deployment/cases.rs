//! Scripts: what is done, and after `?` what is seen then. Names are those of the statements in the specification.

/// (statements, script).
pub const CASES: &[(&str, &str)] = &[
    (
        "S-WRK-08 a ReplicaSet reports what it makes and deletes",
        r#"
        rs {"spec":{"replicas":2}}
        ? events SuccessfulCreate Created pod: <pod>; SuccessfulCreate Created pod: <pod>
        ? pods ap ap
        patch-rs {"spec":{"replicas":1}}
        ? events SuccessfulDelete Deleted pod: <pod>
        ? sets a=1/1/0/0
        "#,
    ),
    (
        "S-WRK-05 S-WRK-30 a terminating pod is replaced at once and counted apart",
        r#"
        rs {"spec":{"replicas":2,"template":{"metadata":{"finalizers":["test.example/hold"]}}}}
        ready *
        ? sets a=2/2/2/2
        delete * 1
        ? pods ap ar ar!
        ? sets a=2/2/1/1~1
        gone
        ? sets a=2/2/1/1
        "#,
    ),
    (
        "S-WRK-05 a failed pod is replaced and stays",
        r#"
        rs {"spec":{"replicas":1}}
        fail *
        ? pods af ap
        "#,
    ),
    (
        "S-WRK-07 not-ready pods go before ready ones",
        r#"
        rs {"spec":{"replicas":3}}
        ready * 2
        patch-rs {"spec":{"replicas":2}}
        ? pods ar ar
        "#,
    ),
    (
        "S-WRK-06 more pods than one sync makes",
        r#"
        rs {"spec":{"replicas":250}}
        wait 1
        ? sets a=250/250/0/0
        patch-rs {"spec":{"replicas":0}}
        wait 1
        ? sets a=0/0/0/0
        "#,
    ),
    (
        "minReadySeconds: ready is not yet available",
        r#"
        rs {"spec":{"replicas":1,"minReadySeconds":10}}
        ready *
        ? sets a=1/1/1/0
        wait 11
        ? sets a=1/1/1/1
        "#,
    ),
    (
        "adoption and release",
        r#"
        pod stray
        rs {"spec":{"replicas":2}}
        ? pods ap ap
        mark {"labels":{"app":"other"}}
        ? pods -p ap ap
        orphan-rs
        ? pods -p -p -p
        rs {"spec":{"replicas":2}}
        ? pods -p ap ap
        "#,
    ),
    (
        "S-WRK-10 S-WRK-14 S-WRK-15 a first rollout",
        r#"
        deploy {"spec":{"replicas":3}}
        ? events ScalingReplicaSet Scaled up replica set a from 0 to 3; SuccessfulCreate Created pod: <pod>; SuccessfulCreate Created pod: <pod>; SuccessfulCreate Created pod: <pod>
        ? status 3/3/0/0/3~0 0
        ? conditions Available False MinimumReplicasUnavailable Deployment does not have minimum availability.; Progressing True ReplicaSetUpdated ReplicaSet "a" is progressing.
        ready * 2
        ? conditions Available False MinimumReplicasUnavailable Deployment does not have minimum availability.; Progressing True ReplicaSetUpdated ReplicaSet "a" is progressing.
        ready *
        ? status 3/3/3/3/0~0 0
        ? conditions Available True MinimumReplicasAvailable Deployment has minimum availability.; Progressing True NewReplicaSetAvailable ReplicaSet "a" has successfully progressed.
        "#,
    ),
    (
        "S-WRK-14 available flips at desired less unavailable",
        r#"
        deploy {"spec":{"replicas":4,"strategy":{"rollingUpdate":{"maxUnavailable":1}}}}
        ready * 2
        ? conditions Available False MinimumReplicasUnavailable Deployment does not have minimum availability.; Progressing True ReplicaSetUpdated ReplicaSet "a" is progressing.
        ready * 1
        ? conditions Available True MinimumReplicasAvailable Deployment has minimum availability.; Progressing True ReplicaSetUpdated ReplicaSet "a" is progressing.
        "#,
    ),
    (
        "S-WRK-11 a rolling update keeps to both limits",
        r#"
        deploy {"spec":{"replicas":4,"strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":1}}}}
        ready *
        image i:2
        ? sets a=3/3/3/3 b=2/2/0/0
        ready b 1
        ? sets a=2/2/2/2 b=3/3/1/1
        ready b 1
        ? sets a=1/1/1/1 b=4/4/2/2
        ready b 1
        ? sets a=0/0/0/0 b=4/4/3/3
        ready *
        ? sets a=0/0/0/0 b=4/4/4/4
        ? conditions Available True MinimumReplicasAvailable Deployment has minimum availability.; Progressing True NewReplicaSetAvailable ReplicaSet "b" has successfully progressed.
        "#,
    ),
    (
        "S-WRK-11 without surge pods go first, without unavailability they come first",
        r#"
        deploy {"spec":{"replicas":2,"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":1}}}}
        ready *
        image i:2
        ? sets a=1/1/1/1 b=1/1/0/0
        patch {"spec":{"strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}}
        ready b 1
        ? sets a=1/1/1/1 b=2/2/1/1
        "#,
    ),
    (
        "S-WRK-12 pods that are not available go first",
        r#"
        deploy {"spec":{"replicas":3,"strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}}
        ready *
        image i:2
        image i:3
        ? sets a=3/3/3/3 b=0/0/0/0 c=1/1/0/0
        "#,
    ),
    (
        "S-WRK-03 a template that comes back gets its ReplicaSet back and a new number",
        r#"
        deploy {"spec":{"replicas":1}}
        ready *
        image i:2
        ready *
        ? revisions a=1 b=2
        image i:1
        ready *
        ? revisions a=3(1) b=2
        image i:2
        ready *
        ? revisions a=3(1) b=4(2)
        image i:1
        ready *
        ? revisions a=5(1,3) b=4(2)
        ? sets a=1/1/1/1 b=0/0/0/0
        "#,
    ),
    (
        "S-WRK-13 S-WRK-28 old ReplicaSets go when the rollout is over, the lowest revision first",
        r#"
        deploy {"spec":{"replicas":1,"revisionHistoryLimit":1}}
        ready *
        image i:2
        ready *
        ? revisions a=1 b=2
        image i:3
        ? revisions a=1 b=2 c=3
        ready *
        ? revisions b=2 c=3
        "#,
    ),
    (
        "S-WRK-04 a name that is taken raises the count of collisions",
        r#"
        deploy {"spec":{"replicas":1}}
        clash
        image i:2
        ? status 2/1/0/0/2~0 1
        ? revisions a=1 b= c=2
        "#,
    ),
    (
        "S-WRK-16 a paused Deployment scales but does not roll out",
        r#"
        deploy {"spec":{"replicas":2}}
        ready *
        patch {"spec":{"paused":true}}
        ? conditions Available True MinimumReplicasAvailable Deployment has minimum availability.; Progressing Unknown DeploymentPaused Deployment is paused
        image i:2
        ? sets a=2/2/2/2
        scale 3
        ? sets a=3/3/2/2
        ready *
        patch {"spec":{"paused":false}}
        ? sets a=3/3/3/3 b=1/1/0/0
        "#,
    ),
    (
        "S-WRK-17 scaling in the middle of a rollout is shared in proportion",
        r#"
        deploy {"spec":{"replicas":10,"strategy":{"rollingUpdate":{"maxSurge":3,"maxUnavailable":2}}}}
        ready *
        image i:2
        ? sets a=8/8/8/8 b=5/5/0/0
        scale 15
        ? sets a=11/11/8/8 b=7/7/0/0
        "#,
    ),
    (
        "S-WRK-10 S-WRK-17 one ReplicaSet simply gets the new size",
        r#"
        deploy {"spec":{"replicas":1}}
        scale 3
        ? events ScalingReplicaSet Scaled up replica set a from 1 to 3; SuccessfulCreate Created pod: <pod>; SuccessfulCreate Created pod: <pod>
        ? sets a=3/3/0/0
        scale 0
        ? sets a=0/0/0/0
        "#,
    ),
    (
        "S-WRK-15 no progress until the deadline",
        r#"
        deploy {"spec":{"replicas":1,"progressDeadlineSeconds":60}}
        wait 55
        ? conditions Available False MinimumReplicasUnavailable Deployment does not have minimum availability.; Progressing True ReplicaSetUpdated ReplicaSet "a" is progressing.
        wait 10
        ? conditions Available False MinimumReplicasUnavailable Deployment does not have minimum availability.; Progressing False ProgressDeadlineExceeded ReplicaSet "a" has timed out progressing.
        ready *
        ? conditions Available True MinimumReplicasAvailable Deployment has minimum availability.; Progressing True NewReplicaSetAvailable ReplicaSet "a" has successfully progressed.
        "#,
    ),
    (
        "S-WRK-29 lost pods of a finished Deployment do not change how it progressed",
        r#"
        deploy {"spec":{"replicas":2}}
        ready *
        delete *
        ? conditions Available False MinimumReplicasUnavailable Deployment does not have minimum availability.; Progressing True NewReplicaSetAvailable ReplicaSet "a" has successfully progressed.
        "#,
    ),
    (
        "Recreate: all old pods go before new ones come",
        r#"
        deploy {"spec":{"replicas":2,"strategy":{"type":"Recreate"},"template":{"metadata":{"finalizers":["test.example/hold"]}}}}
        ready *
        image i:2
        ? pods ar! ar!
        ? events ScalingReplicaSet Scaled down replica set a from 2 to 0; SuccessfulDelete Deleted pod: <pod>; SuccessfulDelete Deleted pod: <pod>
        ? status 0/0/0/0/0~2 0
        gone
        ? pods bp bp
        ? events ScalingReplicaSet Scaled up replica set b from 0 to 2; SuccessfulCreate Created pod: <pod>; SuccessfulCreate Created pod: <pod>
        "#,
    ),
    (
        "orphans are adopted by the next Deployment of the same template",
        r#"
        deploy {"spec":{"replicas":2}}
        ready *
        orphan
        ? sets a=2/2/2/2
        deploy {"spec":{"replicas":2}}
        ? sets a=2/2/2/2
        ? events 
        ? revisions a=1
        "#,
    ),
    (
        "deleting a Deployment deletes its ReplicaSets and pods",
        r#"
        deploy {"spec":{"replicas":2}}
        delete-all
        wait 1
        ? sets 
        ? pods 
        "#,
    ),
    (
        "S-WRK-09 creates that are refused are told by a condition, which the Deployment takes over",
        r#"
        deploy {"spec":{"replicas":1,"template":{"spec":{"serviceAccountName":"none"}}}}
        ? conditions Available False MinimumReplicasUnavailable Deployment does not have minimum availability.; Progressing True NewReplicaSetCreated Created new replica set "a"; ReplicaFailure True FailedCreate pods "a-" is forbidden: error looking up service account default/none: serviceaccount "none" not found
        patch {"spec":{"template":{"spec":{"serviceAccountName":"default","serviceAccount":"default"}}}}
        ready *
        ? conditions Available True MinimumReplicasAvailable Deployment has minimum availability.; Progressing True NewReplicaSetAvailable ReplicaSet "b" has successfully progressed.
        "#,
    ),
    (
        "annotations of the Deployment are its ReplicaSet's too",
        r#"
        deploy {"metadata":{"annotations":{"kubernetes.io/change-cause":"first"}},"spec":{"replicas":1}}
        patch {"metadata":{"annotations":{"kubernetes.io/change-cause":"second"}}}
        ? revisions a=1
        "#,
    ),
];
