//! English: plain, short, no exclamation marks.

use super::{Language, Texts};
use crate::view::{
    AttemptOutcome, Deed, DiskKind, Fate, FileError, Hint, Meaning, NextEventKind, RecordWhy,
    WayAsker, WayStep, WayView, Why, WriteKind, WriteView,
};

pub(super) static TEXTS: Texts = Texts {
    language: Language::En,
    title: "petset – StatefulSets in a browser tab",
    skip_to_terminal: "Skip to the terminal",
    language_label: "Language",
    theme_auto: "automatic",
    theme_light: "light",
    theme_dark: "dark",
    theme_label: |theme| format!("Theme: {theme}"),
    close: "Close",
    cancel: "Cancel",
    crash_title: "Something broke in this page",
    crash_body: "This is a fault of petset, not yours. Your files are kept.",
    crash_reload: "Reload the page",

    share: &super::share::EN,
    offline: &super::offline::EN,
    transcript: &super::transcript::EN,

    restart: "Start over",
    restart_question: "Start over with a new cluster?",
    restart_explained: "All objects and the terminal's output go. The history of commands goes too.",
    restart_cluster: "New cluster, keep my files",
    restart_everything: "New cluster, first files",

    time_controls: "Time",
    pause: "Pause",
    resume: "Resume",
    step: "Step",
    step_explained: "Go to the next event",
    run_until_quiet: "Run until the cluster is quiet",
    run_until_quiet_short: "Until quiet",
    speed: "Speed",
    speed_times: |n| format!("{n}×"),
    clock_label: "Time in the cluster",
    quiet: "Quiet: nothing changes until you do something",
    paused: "Time is paused",
    running_ahead: "Running ahead until quiet",
    next_in: |what, seconds| format!("{what} in {seconds} s"),
    next_kind,

    past: "What was",
    past_range: "Moment",
    past_kept: |most| {
        format!(
            "At most {most} moments are kept, so that memory has a bound. Older ones grow further apart."
        )
    },
    past_present: "Now",
    past_before: |command, at| format!("{at}, before: {command}"),
    past_back: "One moment back",
    past_forward: "One moment forward",
    past_looking: |at| format!("Looking at {at}. Nothing changes while you look."),
    past_continue: "Go on from here",
    past_continue_explained: "Make this moment the present. You can still return to what came after it.",
    past_to_present: "Back to now",
    past_undo: "Undo",
    past_undo_command: |command| format!("Take back: {command}"),
    past_return: |at| format!("Return to the other future, as it was at {at}"),
    past_return_command: |command, at| {
        format!("Return to the future with {command}, as it was at {at}")
    },

    pane_editor: "Files",
    pane_pictures: "Pictures",
    pane_terminal: "Terminal",
    pane_switch: "Show",
    resize_editor: "Width of the files",
    resize_terminal: "Height of the pictures",
    resize_terminals: "Width of the first terminal",

    files: "Files",
    editor_label: |file| format!("Text of {file}"),
    editor_escape: "Press Escape, then Tab, to leave the editor.",
    file_add: "New file",
    file_rename: "Rename file",
    file_delete: "Delete file",
    file_name: "File name",
    file_save_name: "Save name",
    file_deleted: |name| format!("{name} was deleted."),
    undo: "Undo",
    drop_here: "Drop files here to add them",
    no_files: "No files",
    no_files_hint: "Add a file, or drop one here, and apply it with kubectl.",
    file_unreadable: |name| format!("{name} cannot be read as text."),
    file_error,
    problems: "Problems",
    problems_count: |n| {
        if n == 1 {
            "1 problem".to_owned()
        } else {
            format!("{n} problems")
        }
    },
    no_problems: "No problems",
    line_column: |line, column| format!("{line}:{column}"),
    go_to_problem: "Go to the place",
    hint,

    terminal_name: |n| format!("Terminal {n}"),
    terminal_log: |n| format!("Output of terminal {n}"),
    terminal_input: "Command",
    terminal_keys: "Tab completes, up and down go through the history, Ctrl-R searches it, Ctrl-C stops a command. Press Escape, then Tab, to leave.",
    terminal_open: "Second terminal",
    terminal_close: "Close terminal",
    terminal_clear: "Clear (Ctrl-L)",
    terminal_interrupt: "Stop (Ctrl-C)",
    terminal_running: "A command is running",
    terminal_looking_back: "Go on from here to type commands",
    suggestion: |command| format!("Next command: {command}. Press the right arrow to take it."),
    suggestion_accept: "Take the suggested command",
    exit_code: |code| format!("exit code {code}"),
    interrupted: "stopped",
    stderr: "error output",
    lines_hidden: |n| format!("{n} earlier lines are hidden."),
    lines_dropped: |n| format!("{n} lines were dropped: the output is too long."),
    show_all: "Show them",
    search_history: "Search the history",
    search_none: "Nothing found",
    candidates: "Completions",
    welcome: "Three steps to begin",
    welcome_steps: [
        "Read the two files: a headless service and a StatefulSet with three replicas.",
        "Press → to take the grey command, then Enter to run it.",
        "Watch the places fill, one after another, and ask why.",
    ],

    pictures: "Pictures of the cluster",
    tab_set: "Set",
    tab_dns: "DNS",
    tab_nodes: "Nodes",
    tab_events: "Events",
    meaning: |m| match m {
        Meaning::Ready => "ready",
        Meaning::Progress => "in progress",
        Meaning::Waiting => "waiting",
        Meaning::Failed => "failed",
        Meaning::Gone => "gone",
    },
    changed: "changed since the last command",
    why_label: "why?",
    why,
    legend: "What the shapes mean",

    set_ready: |ready, replicas| format!("{ready}/{replicas} ready"),
    set_summary: |name, ready, replicas| {
        format!("StatefulSet {name}: {ready} of {replicas} places have a ready pod.")
    },
    set_in_file: |file| format!("Only in {file} so far"),
    set_apply: "Apply the file to fill these places.",
    set_service: "Headless service",
    set_service_missing: "not created yet",
    set_policy: "Order",
    set_none: "No StatefulSet",
    set_none_hint: "Write a StatefulSet in a file, and apply it with kubectl: each replica gets a place here.",
    place_of: |ordinal, pod| format!("Place {ordinal}, {pod}"),
    place_empty: "empty place",
    place_beyond: "beyond replicas",
    places: "Places",
    places_shown: |first, last, all| format!("{first}–{last} of {all}"),
    places_previous: "Previous places",
    places_next: "Next places",
    pod: "Pod",
    node: "Node",
    node_none: "no node",
    claim: "Claim",
    claim_kept: "kept",
    volume: "Volume",
    volume_none: "no volume yet",
    reclaim_policy: "Reclaim policy",
    storage_class: "Storage class",
    files_on_disk: |n| {
        if n == 1 {
            "1 file".to_owned()
        } else {
            format!("{n} files")
        }
    },

    nodes_pods: |count, capacity| format!("{count} of {capacity} pods"),
    nodes_none_here: "No pod runs here",
    nodes_unplaced: "No node yet",
    nodes_unplaced_explained: "The scheduler has found no node for these pods.",
    nodes_more: |count| format!("and {count} more"),
    nodes_taints: "Taints",

    dns_zone_of: |service| format!("Records of {service}"),
    dns_headless: "headless",
    dns_cluster_ip: "cluster IP",
    dns_name: "Name",
    dns_type: "Type",
    dns_data: "Answer",
    dns_state: "State",
    dns_reason: "Why it is here",
    dns_published: "given out",
    dns_withheld: "withheld",
    dns_none: "No names yet",
    dns_none_hint: "Apply the headless service: every ready pod behind it gets a name here.",
    dns_no_records: "No records",
    dns_no_records_hint: "Start pods that the service selects: they get a name when they are ready.",
    dns_selects: |selector| format!("selects {selector}"),
    dns_more: |n| format!("{n} more records are not drawn."),
    record_why,
    resolve_title: "Look up a name",
    resolve_name: "Name",
    resolve_from: "Asked by",
    resolve_any_pod: "any pod in default",
    resolve: "Look up",
    resolve_hint: "Type a short or a full name, and see each name that is tried.",
    resolve_server: |server, ndots| format!("Server {server}, ndots:{ndots}"),
    resolve_attempts: "Names tried, in order",
    resolve_answer: |records| format!("answer: {records}"),
    resolve_no_data: "the name exists, without an address",
    resolve_nx_domain: "no such name (NXDOMAIN)",
    resolve_found: |n| {
        if n == 1 {
            "1 address".to_owned()
        } else {
            format!("{n} addresses")
        }
    },
    resolve_not_found: "The name does not resolve.",
    dns_vanished: "gone",
    dns_text: |view| super::plain::dns(view, &TEXTS),
    resolve_hosts: |address| format!("/etc/hosts: {address}, DNS is not asked"),
    resolve_cached: cached,
    ways: "Latest lookups and requests",
    ways_none: "Run curl, wget or nslookup, and see the way each one takes.",
    way,
    way_step,

    tab_storage: "Disks",
    disks_none: "No disks yet",
    disks_none_hint: "Apply a set with volumeClaimTemplates: each pod's disk shows up here with its files.",
    disks_of: "Set",
    disks_of_all: "all disks",
    disks_more: |n| format!("{n} more disks are not drawn."),
    disks_lost: "Bytes that are gone",
    disk_lost: |lost| {
        let files = lost.files.join(", ");
        match lost.with_pod {
            true => format!("{files}, written by {}: gone with the pod.", lost.pod),
            false => format!("{files}, written by {}: deleted with the claim.", lost.pod),
        }
    },
    disk_kind: |kind| match kind {
        DiskKind::Claim => "PVC",
        DiskKind::EmptyDir => "emptyDir",
        DiskKind::Memory => "emptyDir in memory",
        DiskKind::HostPath => "hostPath",
        DiskKind::Volume => "PV without a claim",
    },
    disk_no_pod: "no pod",
    disk_used: |bytes, capacity| match (bytes, capacity.as_str()) {
        (bytes, "") => format!("{bytes} bytes"),
        (bytes, capacity) => format!("{bytes} bytes of {capacity}"),
    },
    disk_empty: "Nothing has been written here yet.",
    disk_files_of: |disk| format!("Files on {disk}"),
    disk_history: "Who wrote what",
    disk_write,
    disk_fate: "What becomes of the bytes",
    fate,
    file_path: "File",
    file_size: "Bytes",
    file_writer: "Last written by",
    file_content: "Content",
    file_binary: "no text",
    storage_text: |view| super::plain::storage(view, &TEXTS),
    copy_text: "Copy as text",

    events_age: "Age",
    events_type: "Type",
    events_reason: "Reason",
    events_object: "Object",
    events_message: "Message",
    events_times: |n| format!("×{n}"),
    events_none: "No events yet",
    events_none_hint: "Apply a file: what controllers, the scheduler and the kubelets do is written down here.",

    views: super::views::EN,
    reasons: super::reasons::EN,
    commentary: super::commentary::EN,

    inspector: "Object",
    inspector_command: "The command that prints this",
    inspector_run: "Run it",
    inspector_copy: "Copy",
    inspector_copied: "Copied",
    inspector_gone: "The object is gone. This is how it was last seen.",
    inspector_yaml: |name| format!("YAML of {name}"),
    deeds: "Try it",
    deed,
    deed_effect,
};

fn next_kind(kind: &NextEventKind) -> String {
    match kind {
        NextEventKind::ControllerSync { controller, name } => {
            format!("The {controller} controller looks at {name}")
        }
        NextEventKind::Schedule { pod } => format!("{pod} gets a node"),
        NextEventKind::Provision { claim } => format!("A volume is made for {claim}"),
        NextEventKind::ImagePulled { pod, image } => format!("{image} is pulled for {pod}"),
        NextEventKind::Start { pod } => format!("{pod} starts"),
        NextEventKind::Ready { pod } => format!("{pod} is ready"),
        NextEventKind::Stop { pod } => format!("{pod} stops"),
        NextEventKind::Remove { pod } => format!("{pod} is removed"),
        NextEventKind::Command { command } => format!("{command} goes on"),
        NextEventKind::Other => "The cluster works".to_owned(),
    }
}

fn why(why: &Why) -> String {
    match why {
        Why::NotApplied { file } => format!("The set is only written in {file}. Run kubectl apply -f {file}."),
        Why::PreviousNotReady { pod } => {
            format!("Pods are created in order (OrderedReady): {pod} must be ready first.")
        }
        Why::HigherStillThere { pod } => {
            format!("Pods are removed from the highest ordinal down: {pod} must be gone first.")
        }
        Why::NotCreatedYet => "The StatefulSet controller creates the pod with its next look.".to_owned(),
        Why::NotScheduled { message } if message.is_empty() => "The scheduler has not chosen a node yet.".to_owned(),
        Why::NotScheduled { message } => format!("The scheduler found no node: {message}"),
        Why::ClaimNotBound { claim } => format!("The pod needs {claim}, and it is not bound to a volume yet."),
        Why::PullingImage { image } => format!("The node is pulling {image}."),
        Why::Starting => "The node's kubelet is starting the containers.".to_owned(),
        Why::NotReady => "The containers run, and are not ready yet.".to_owned(),
        Why::Terminating { grace_period_s } => {
            format!("The pod was told to stop and has up to {grace_period_s} s to leave.")
        }
        Why::Provisioning { storage_class } => format!("A volume of class {storage_class} is being made."),
        Why::NoStorageClass { storage_class } if storage_class.is_empty() => {
            "The claim names no storage class, and there is no default one.".to_owned()
        }
        Why::NoStorageClass { storage_class } => format!("There is no storage class {storage_class}."),
        Why::KeptByRetentionPolicy => {
            "Scaling down keeps claim and volume (whenScaled: Retain). The ordinal gets them back when it returns."
                .to_owned()
        }
        Why::InUse { pod } => format!("It goes when {pod} no longer uses it."),
        Why::ServiceMissing { service } => format!("The service {service} does not exist, so the pods get no names."),
        Why::Reported { reason, message } => format!("{reason}: {message}"),
    }
}

fn record_why(why: &RecordWhy) -> String {
    match why {
        RecordWhy::ReadyEndpoint { pod } => {
            format!("{pod} is ready, so the service's name answers with it.")
        }
        RecordWhy::PodHostname { pod } => {
            format!("{pod} carries the service as its subdomain: a name of its own.")
        }
        RecordWhy::PodAddress { pod } => {
            format!("{pod} has no hostname, so it is named after its address.")
        }
        RecordWhy::NotReady { pod } => format!("{pod} is not ready: it is withheld until then."),
        RecordWhy::PublishedNotReady { pod } => {
            format!("{pod} is not ready, and the service publishes it all the same.")
        }
        RecordWhy::NamedPort { port } => format!("The service's port is named {port}."),
        RecordWhy::ClusterIp => "The service has an address of its own.".to_owned(),
        RecordWhy::ExternalName => "The service stands for a name outside.".to_owned(),
        RecordWhy::Vanished => {
            "It was given out before the last command; now it is gone.".to_owned()
        }
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

fn disk_write(write: &WriteView) -> String {
    let (at, pod, path) = (seconds(write.at_ms), &write.pod, &write.path);
    match write.change {
        WriteKind::Written => format!("{at}: {pod} wrote {path}"),
        WriteKind::Made => format!("{at}: {pod} made {path}"),
        WriteKind::Removed => format!("{at}: {pod} removed {path}"),
    }
}

fn fate(fate: &Fate) -> String {
    let text = match fate {
        Fate::GoWithPod => "Goes with the pod: the next pod of this name starts empty.",
        Fate::OutlivePod => "Stays when the pod goes: the next pod of this name finds it again.",
        Fate::GoWithClaim => "Deleting the claim deletes the bytes (Delete).",
        Fate::OutliveClaim => {
            "Deleting the claim leaves the bytes; the volume is Released, and no other claim gets it (Retain)."
        }
        Fate::ScrubbedAfterClaim => {
            "Deleting the claim scrubs the disk for the next claim (Recycle)."
        }
        Fate::ClaimGoesWithSet => "Deleting the set deletes the claim (whenDeleted: Delete).",
        Fate::ClaimGoesWithScaleDown => {
            "Scaling the set down deletes the claim (whenScaled: Delete)."
        }
        Fate::KeptAfterRelease => {
            "Its claim is gone. The bytes wait until somebody deletes the volume or removes spec.claimRef."
        }
        Fate::StayOnNode => "Stays on the node: a pod on another node does not see it.",
    };
    text.to_owned()
}

fn cached(age: u32) -> String {
    format!("from the server's cache, {age} s old; it is kept for 30 s")
}

fn way(way: &WayView) -> String {
    let who = match &way.asker {
        WayAsker::Prompt => "Your prompt",
        WayAsker::Pod { pod } => pod,
    };
    match way.is_lookup {
        true => format!("{who} looked up {}", way.target),
        false => format!("{who} connected to {}", way.target),
    }
}

fn way_step(step: &WayStep) -> String {
    match step {
        WayStep::HostsFile { name } => format!("/etc/hosts has it as {name}: DNS is not asked."),
        WayStep::Asked {
            cached_s: Some(age),
            name,
            answer,
        } => {
            let (name, answer) = (name.clone(), answer.clone());
            let fresh = WayStep::Asked {
                name,
                answer,
                cached_s: None,
            };
            format!("{} ({})", way_step(&fresh), cached(*age))
        }
        WayStep::Asked { name, answer, .. } => match answer {
            AttemptOutcome::Answer { records } => format!("{name}: {}", records.join(", ")),
            AttemptOutcome::NoData => format!("{name}: it exists, without such a record"),
            AttemptOutcome::NxDomain => format!("{name}: no such name (NXDOMAIN)"),
            AttemptOutcome::TimedOut => format!("{name}: no answer, timed out"),
            AttemptOutcome::HostsFile { address } => format!("{name}: {address} from /etc/hosts"),
        },
        WayStep::Service {
            service,
            node_port: true,
        } => format!("The node's port belongs to the service {service}."),
        WayStep::Service { service, .. } => {
            format!("The address belongs to the service {service}.")
        }
        WayStep::Endpoints { eligible, skipped } => {
            let list = |names: &[String]| match names.is_empty() {
                true => "none".to_owned(),
                false => names.join(", "),
            };
            match skipped.is_empty() {
                true => format!("Endpoints: {}.", list(eligible)),
                false => format!(
                    "Endpoints: {}; left out: {}.",
                    list(eligible),
                    list(skipped)
                ),
            }
        }
        WayStep::Chosen { pod, endpoint, of } if pod.is_empty() => {
            format!("Drawn at random, one of {of}: {endpoint}.")
        }
        WayStep::Chosen { pod, endpoint, of } => {
            format!("Drawn at random, one of {of}: {pod} ({endpoint}).")
        }
        WayStep::Affinity { pod } => format!("{pod} again, as the session affinity wants."),
        WayStep::NoSuchPort => "The service has no such port.".to_owned(),
        WayStep::NoEndpoints => "The service has no ready endpoint.".to_owned(),
        WayStep::NoLocalEndpoints => {
            "The policy Local wants an endpoint on this node; there is none.".to_owned()
        }
        WayStep::Status { status } => format!("Answer: HTTP {status}."),
        WayStep::Connected => "Connected.".to_owned(),
        WayStep::Refused => "Refused at once: nobody listens there.".to_owned(),
        WayStep::Dropped => "No answer: the packets are dropped, and the program waits.".to_owned(),
        WayStep::Unreachable => "No route: nobody has this address any more.".to_owned(),
        WayStep::EmptyReply => "Closed without an answer.".to_owned(),
    }
}

fn file_error(error: &FileError) -> String {
    match error {
        FileError::NotFound { name } => format!("There is no file {name}."),
        FileError::Exists { name } => {
            format!("There is a file {name} already. Choose another name.")
        }
        FileError::BadName { name } if name.is_empty() => "Type a name.".to_owned(),
        FileError::BadName { .. } => {
            "Use a name without spaces, quotes and slashes, up to 100 characters.".to_owned()
        }
        FileError::TooLarge { limit_bytes } => {
            format!(
                "The text is larger than {} MB and was not taken over.",
                limit_bytes / (1024 * 1024)
            )
        }
        FileError::TooMany { limit } => {
            format!("No more than {limit} files can be kept. Delete one first.")
        }
    }
}

fn hint(hint: &Hint) -> String {
    match hint {
        Hint::DidYouMean { name } => format!("Did you mean {name}?"),
        Hint::TabsAreNotAllowed => "Indent with spaces: YAML does not allow tabs.".to_owned(),
        Hint::CloseTheQuote => "Close the quote.".to_owned(),
        Hint::AlignIndentation => "Indent this line like its neighbours.".to_owned(),
        Hint::ExpectedType { expected } => format!("Write a value of type {expected}."),
        Hint::MatchTemplateLabels => "Give selector and template the same labels.".to_owned(),
        Hint::CreateService { service } => {
            format!("Create the service {service} first, so that the pods get names.")
        }
        Hint::NotSimulated => "Real Kubernetes knows this; it is not simulated here.".to_owned(),
        Hint::ZeroOrMore => "Write zero or a larger number.".to_owned(),
        Hint::AddField { path } => format!("Add {path}."),
        Hint::UseDnsName => "Use lower-case letters, digits, - and . in names.".to_owned(),
    }
}

fn deed(deed: Deed) -> &'static str {
    match deed {
        Deed::DeletePod => "Delete the pod",
        Deed::DeleteLonePod => "Delete the pod",
        Deed::KillProcess => "End its process",
        Deed::Cordon => "Keep new pods off",
        Deed::Uncordon => "Let pods on again",
        Deed::Drain => "Drain the node",
        Deed::CutOff => "Cut the node off",
        Deed::Reconnect => "Connect the node again",
        Deed::PowerOff => "Fail the node",
        Deed::PowerOn => "Switch the node on",
        Deed::Hang => "Let it hang",
        Deed::Unhang => "Let it answer again",
        Deed::BreakPull => "Break its image's registry",
        Deed::SlowPull => "Slow its image's registry down",
        Deed::MendPull => "Mend the registry",
        Deed::FillDisk => "Fill the disk",
        Deed::FreeDisk => "Free the disk",
        Deed::CutDns => "Cut DNS off",
        Deed::MendDns => "Connect DNS again",
        Deed::DeleteClaim => "Delete the claim",
        Deed::ScaleUp => "One replica more",
        Deed::ScaleDown => "One replica less",
        Deed::Restart => "Replace every pod",
        Deed::Orphan => "Delete the set alone",
    }
}

fn deed_effect(deed: Deed) -> &'static str {
    match deed {
        Deed::DeletePod => {
            "It gets its grace period to end. Its controller then makes another; a StatefulSet gives that one the same name and the same disk."
        }
        Deed::DeleteLonePod => "It gets its grace period to end. Nobody makes another one.",
        Deed::KillProcess => {
            "If the program heeds the signal, the container ends, and the kubelet starts it again in the same pod. The pod keeps its address and its disk; RESTARTS counts one more."
        }
        Deed::Cordon => "The scheduler places nothing more here. The pods that run stay.",
        Deed::Uncordon => {
            "The scheduler may place pods here again. Those that left do not come back by themselves."
        }
        Deed::Drain => {
            "Keeps new pods off, then evicts those that run here, as far as disruption budgets allow."
        }
        Deed::CutOff => {
            "Its kubelet falls silent. After about 50 seconds the node is NotReady; five minutes later its pods are marked for deletion. A StatefulSet waits for the node before it replaces them."
        }
        Deed::Reconnect => {
            "The kubelet reports again, the node becomes Ready, and pods that were marked for deletion really end."
        }
        Deed::PowerOff => {
            "It loses its power: every process on it ends at once, and nobody can say so. After about 50 seconds it is NotReady; five minutes later its pods are marked for deletion, and a StatefulSet waits for it."
        }
        Deed::PowerOn => {
            "The node boots and says Rebooted. Its kubelet starts the containers of its pods again, with a new address and one restart more (exit code 255); disks are as they were."
        }
        Deed::Hang => {
            "Its programs answer no probe. After failureThreshold tries the pod is not ready and gets no traffic; with a liveness probe its container is started again."
        }
        Deed::Unhang => "The next successful probe makes it ready again.",
        Deed::BreakPull => {
            "Nodes have lost the image, and its registry does not answer. Containers that run stay; the next one waits in ErrImagePull, then ImagePullBackOff: 10 s, 20 s, up to 300 s."
        }
        Deed::SlowPull => {
            "Nodes have lost the image, and its registry is slow. The next container on each node waits a minute longer in ContainerCreating."
        }
        Deed::MendPull => "The next try pulls the image; a back-off under way is waited for.",
        Deed::FillDisk => {
            "Whoever writes gets No space left on device. Nothing else happens by itself: Kubernetes does not look into volumes."
        }
        Deed::FreeDisk => "There is room again for whoever writes.",
        Deed::CutDns => {
            "Names do not resolve in any pod; addresses still work. Real programs wait for about 15 seconds before they give up."
        }
        Deed::MendDns => "Names resolve again at once.",
        Deed::DeleteClaim => {
            "It stays as Terminating while a pod uses it. Then its volume goes the way of its reclaim policy."
        }
        Deed::ScaleUp => {
            "A place with the next ordinal appears. If its claim was kept, the pod finds its old disk."
        }
        Deed::ScaleDown => {
            "The pod with the highest ordinal goes. Its claim and disk stay, unless the set's retention policy says otherwise."
        }
        Deed::Restart => {
            "A rolling update without another change: from the highest ordinal down, each next one when the last is ready."
        }
        Deed::Orphan => {
            "The pods stay and run on, without a controller. A set with the same selector adopts them later."
        }
    }
}
