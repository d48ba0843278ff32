//! 한국어: 이름표는 명사, 안내는 해요체 한 문장.

use super::{Language, Texts};
use crate::view::{
    AttemptOutcome, Deed, DiskKind, Fate, FileError, Hint, Meaning, NextEventKind, RecordWhy,
    WayAsker, WayStep, WayView, Why, WriteKind, WriteView,
};

pub(super) static TEXTS: Texts = Texts {
    language: Language::Ko,
    title: "petset – 브라우저 탭 안의 스테이트풀셋",
    skip_to_terminal: "터미널로 건너뛰기",
    language_label: "언어",
    theme_auto: "자동",
    theme_light: "밝게",
    theme_dark: "어둡게",
    theme_label: |theme| format!("화면 밝기: {theme}"),
    close: "닫기",
    cancel: "취소",
    crash_title: "페이지에 문제가 생겼어요",
    crash_body: "petset의 잘못이에요. 파일은 그대로 남아 있어요.",
    crash_reload: "페이지 다시 열기",

    share: &super::share::KO,
    offline: &super::offline::KO,
    transcript: &super::transcript::KO,

    restart: "처음부터",
    restart_question: "새 클러스터로 처음부터 시작할까요?",
    restart_explained: "모든 오브젝트와 터미널의 출력, 명령 기록이 사라져요.",
    restart_cluster: "파일은 두고 클러스터만 새로",
    restart_everything: "파일까지 처음 그대로",

    time_controls: "시간",
    pause: "일시정지",
    resume: "계속",
    step: "한 단계",
    step_explained: "다음 사건으로 가기",
    run_until_quiet: "클러스터가 잠잠해질 때까지 진행",
    run_until_quiet_short: "잠잠할 때까지",
    speed: "속도",
    speed_times: |n| format!("{n}배"),
    clock_label: "클러스터 시간",
    quiet: "잠잠함: 무언가 하기 전에는 바뀌지 않아요",
    paused: "시간이 멈춰 있어요",
    running_ahead: "잠잠해질 때까지 빠르게 진행 중",
    next_in: |what, seconds| format!("{seconds}초 뒤: {what}"),
    next_kind,

    past: "지나온 시간",
    past_range: "시점",
    past_kept: |most| {
        format!(
            "메모리가 끝없이 늘지 않도록 시점을 {most}개까지만 보관해요. 오래된 시점일수록 간격이 넓어져요."
        )
    },
    past_present: "지금",
    past_before: |command, at| format!("{at}, {command} 실행 직전"),
    past_back: "한 시점 뒤로",
    past_forward: "한 시점 앞으로",
    past_looking: |at| format!("{at} 시점을 보고 있어요. 보는 동안에는 아무것도 바뀌지 않아요."),
    past_continue: "여기서부터 계속",
    past_continue_explained: "이 시점을 현재로 만들어요. 이후의 일은 사라지지 않고, 다시 돌아갈 수 있어요.",
    past_to_present: "지금으로 돌아가기",
    past_undo: "실행 취소",
    past_undo_command: |command| format!("명령 되돌리기: {command}"),
    past_return: |at| format!("{at}까지 진행했던 다른 미래로 돌아가기"),
    past_return_command: |command, at| {
        format!("{command} 명령을 실행했던 미래로 돌아가기({at}까지 진행)")
    },

    pane_editor: "파일",
    pane_pictures: "그림",
    pane_terminal: "터미널",
    pane_switch: "보기",
    resize_editor: "파일 영역의 너비",
    resize_terminal: "그림 영역의 높이",
    resize_terminals: "첫째 터미널의 너비",

    files: "파일",
    editor_label: |file| format!("{file} 내용"),
    editor_escape: "편집기에서 나가려면 Esc를 누르고 Tab을 누르세요.",
    file_add: "새 파일",
    file_rename: "파일 이름 바꾸기",
    file_delete: "파일 삭제",
    file_name: "파일 이름",
    file_save_name: "이름 저장",
    file_deleted: |name| format!("{name} 파일을 삭제했어요."),
    undo: "되돌리기",
    drop_here: "여기에 파일을 놓으면 추가돼요",
    no_files: "파일 없음",
    no_files_hint: "파일을 추가하거나 끌어다 놓고 kubectl로 적용해 보세요.",
    file_unreadable: |name| format!("{name} 파일은 텍스트로 읽을 수 없어요."),
    file_error,
    problems: "문제",
    problems_count: |n| format!("문제 {n}개"),
    no_problems: "문제 없음",
    line_column: |line, column| format!("{line}:{column}"),
    go_to_problem: "그 자리로 가기",
    hint,

    terminal_name: |n| format!("터미널 {n}"),
    terminal_log: |n| format!("터미널 {n} 출력"),
    terminal_input: "명령",
    terminal_keys: "Tab은 자동 완성, 위아래 화살표는 명령 기록, Ctrl-R은 기록 검색, Ctrl-C는 명령 중지예요. 나가려면 Esc를 누르고 Tab을 누르세요.",
    terminal_open: "둘째 터미널",
    terminal_close: "터미널 닫기",
    terminal_clear: "지우기 (Ctrl-L)",
    terminal_interrupt: "중지 (Ctrl-C)",
    terminal_running: "명령 실행 중",
    terminal_looking_back: "명령을 입력하려면 ‘여기서부터 계속’을 누르세요",
    suggestion: |command| format!("다음 명령: {command}. 오른쪽 화살표를 누르면 입력돼요."),
    suggestion_accept: "추천 명령 입력",
    exit_code: |code| format!("종료 코드 {code}"),
    interrupted: "중지됨",
    stderr: "오류 출력",
    lines_hidden: |n| format!("앞의 {n}줄을 접어 두었어요."),
    lines_dropped: |n| format!("출력이 너무 길어 {n}줄을 버렸어요."),
    show_all: "펼치기",
    search_history: "명령 기록 검색",
    search_none: "찾은 명령 없음",
    candidates: "자동 완성 후보",
    welcome: "시작하는 세 걸음",
    welcome_steps: [
        "두 파일을 읽어 보세요. 헤드리스 서비스와 레플리카 세 개의 스테이트풀셋이에요.",
        "→ 키로 회색 명령을 받고 Enter로 실행하세요.",
        "자리가 차례로 채워지는 모습을 보고 왜 그런지 눌러 보세요.",
    ],

    pictures: "클러스터 그림",
    tab_set: "세트",
    tab_dns: "DNS",
    tab_nodes: "노드",
    tab_events: "이벤트",
    meaning: |m| match m {
        Meaning::Ready => "준비됨",
        Meaning::Progress => "진행 중",
        Meaning::Waiting => "기다림",
        Meaning::Failed => "실패",
        Meaning::Gone => "떠남",
    },
    changed: "지난 명령 뒤에 바뀜",
    why_label: "왜?",
    why,
    legend: "모양의 뜻",

    set_ready: |ready, replicas| format!("{ready}/{replicas} 준비"),
    set_summary: |name, ready, replicas| {
        format!("스테이트풀셋 {name}: 자리 {replicas}개 가운데 {ready}개에 준비된 파드가 있어요.")
    },
    set_in_file: |file| format!("아직 {file} 파일에만 있음"),
    set_apply: "파일을 적용하면 이 자리가 채워져요.",
    set_service: "헤드리스 서비스",
    set_service_missing: "아직 없음",
    set_policy: "순서",
    set_none: "스테이트풀셋 없음",
    set_none_hint: "파일에 스테이트풀셋을 쓰고 kubectl로 적용하면 레플리카마다 자리가 생겨요.",
    place_of: |ordinal, pod| format!("{ordinal}번 자리, {pod}"),
    place_empty: "빈 자리",
    place_beyond: "레플리카 밖",
    places: "자리",
    places_shown: |first, last, all| format!("{all}개 중 {first}–{last}"),
    places_previous: "앞 자리들",
    places_next: "다음 자리들",
    pod: "파드",
    node: "노드",
    node_none: "노드 없음",
    claim: "클레임",
    claim_kept: "보관 중",
    volume: "볼륨",
    volume_none: "볼륨 없음",
    reclaim_policy: "반환 정책",
    storage_class: "스토리지 클래스",
    files_on_disk: |n| format!("파일 {n}개"),

    nodes_pods: |count, capacity| format!("파드 {count}/{capacity}"),
    nodes_none_here: "실행 중인 파드 없음",
    nodes_unplaced: "노드 미정",
    nodes_unplaced_explained: "스케줄러가 이 파드를 둘 노드를 아직 찾지 못했어요.",
    nodes_more: |count| format!("외 {count}개"),
    nodes_taints: "테인트",

    dns_zone_of: |service| format!("{service}의 레코드"),
    dns_headless: "헤드리스",
    dns_cluster_ip: "클러스터 IP",
    dns_name: "이름",
    dns_type: "유형",
    dns_data: "응답",
    dns_state: "상태",
    dns_reason: "있는 까닭",
    dns_published: "응답함",
    dns_withheld: "보류",
    dns_none: "아직 이름이 없음",
    dns_none_hint: "헤드리스 서비스를 적용하면 준비된 파드마다 이름이 여기에 생겨요.",
    dns_no_records: "레코드 없음",
    dns_no_records_hint: "서비스가 고르는 파드를 띄우면 준비됐을 때 이름이 생겨요.",
    dns_selects: |selector| format!("셀렉터 {selector}"),
    dns_more: |n| format!("레코드 {n}개는 그리지 않았어요."),
    record_why,
    resolve_title: "이름 찾아보기",
    resolve_name: "이름",
    resolve_from: "묻는 파드",
    resolve_any_pod: "default의 아무 파드",
    resolve: "찾기",
    resolve_hint: "짧은 이름이나 전체 이름을 넣으면 시도한 이름을 모두 보여 드려요.",
    resolve_server: |server, ndots| format!("서버 {server}, ndots:{ndots}"),
    resolve_attempts: "시도한 이름, 차례대로",
    resolve_answer: |records| format!("응답: {records}"),
    resolve_no_data: "이름은 있지만 주소가 없음",
    resolve_nx_domain: "없는 이름 (NXDOMAIN)",
    resolve_found: |n| format!("주소 {n}개"),
    resolve_not_found: "찾을 수 없는 이름이에요.",
    dns_vanished: "사라짐",
    dns_text: |view| super::plain::dns(view, &TEXTS),
    resolve_hosts: |address| format!("/etc/hosts: {address}, DNS에 묻지 않아요"),
    resolve_cached: cached,
    ways: "최근 조회와 요청",
    ways_none: "curl, wget, nslookup을 실행하면 거쳐 간 길이 여기에 보여요.",
    way,
    way_step,

    tab_storage: "디스크",
    disks_none: "아직 디스크가 없어요",
    disks_none_hint: "volumeClaimTemplates가 있는 스테이트풀셋을 적용해 보세요. 파드마다 디스크와 파일이 여기에 나타나요.",
    disks_of: "스테이트풀셋",
    disks_of_all: "모든 디스크",
    disks_more: |n| format!("디스크 {n}개는 그리지 않았어요."),
    disks_lost: "사라진 데이터",
    disk_lost: |lost| {
        let files = lost.files.join(", ");
        match lost.with_pod {
            true => format!("{files}: {} 파드가 썼고, 파드와 함께 사라졌어요.", lost.pod),
            false => format!(
                "{files}: {} 파드가 썼고, 클레임과 함께 삭제됐어요.",
                lost.pod
            ),
        }
    },
    disk_kind: |kind| match kind {
        DiskKind::Claim => "PVC",
        DiskKind::EmptyDir => "emptyDir",
        DiskKind::Memory => "메모리 emptyDir",
        DiskKind::HostPath => "hostPath",
        DiskKind::Volume => "클레임 없는 PV",
    },
    disk_no_pod: "파드 없음",
    disk_used: |bytes, capacity| match (bytes, capacity.as_str()) {
        (bytes, "") => format!("{bytes}바이트"),
        (bytes, capacity) => format!("{capacity} 중 {bytes}바이트"),
    },
    disk_empty: "아직 아무것도 쓰지 않았어요.",
    disk_files_of: |disk| format!("{disk} 디스크의 파일"),
    disk_history: "누가 무엇을 썼는지",
    disk_write,
    disk_fate: "데이터의 앞날",
    fate,
    file_path: "파일",
    file_size: "바이트",
    file_writer: "마지막으로 쓴 파드",
    file_content: "내용",
    file_binary: "텍스트가 아님",
    storage_text: |view| super::plain::storage(view, &TEXTS),
    copy_text: "텍스트로 복사",

    events_age: "나이",
    events_type: "유형",
    events_reason: "이유",
    events_object: "대상",
    events_message: "내용",
    events_times: |n| format!("×{n}"),
    events_none: "아직 이벤트가 없음",
    events_none_hint: "파일을 적용하면 컨트롤러, 스케줄러, kubelet이 한 일이 여기에 적혀요.",

    views: super::views::KO,
    reasons: super::reasons::KO,
    commentary: super::commentary::KO,

    inspector: "오브젝트",
    inspector_command: "이것을 보여 주는 명령",
    inspector_run: "실행",
    inspector_copy: "복사",
    inspector_copied: "복사됨",
    inspector_gone: "사라진 오브젝트예요. 마지막 모습을 보여 드려요.",
    inspector_yaml: |name| format!("{name}의 YAML"),
    deeds: "해 보기",
    deed,
    deed_effect,
};

fn next_kind(kind: &NextEventKind) -> String {
    match kind {
        NextEventKind::ControllerSync { controller, name } => {
            format!("{controller} 컨트롤러의 {name} 확인")
        }
        NextEventKind::Schedule { pod } => format!("{pod}의 노드 결정"),
        NextEventKind::Provision { claim } => format!("{claim}의 볼륨 생성"),
        NextEventKind::ImagePulled { pod, image } => {
            format!("{pod}의 이미지 {image} 내려받기 완료")
        }
        NextEventKind::Start { pod } => format!("{pod} 시작"),
        NextEventKind::Ready { pod } => format!("{pod} 준비 완료"),
        NextEventKind::Stop { pod } => format!("{pod} 종료"),
        NextEventKind::Remove { pod } => format!("{pod} 삭제"),
        NextEventKind::Command { command } => format!("{command} 계속"),
        NextEventKind::Other => "클러스터 작업".to_owned(),
    }
}

fn why(why: &Why) -> String {
    match why {
        Why::NotApplied { file } => {
            format!("아직 {file} 파일에만 쓰여 있어요. kubectl apply -f {file} 명령을 실행해 보세요.")
        }
        Why::PreviousNotReady { pod } => {
            format!("파드는 차례로 만들어져요(OrderedReady). {pod} 파드가 먼저 준비되어야 해요.")
        }
        Why::HigherStillThere { pod } => format!("파드는 높은 번호부터 지워져요. {pod} 파드가 먼저 사라져야 해요."),
        Why::NotCreatedYet => "스테이트풀셋 컨트롤러가 곧 확인하고 파드를 만들어요.".to_owned(),
        Why::NotScheduled { message } if message.is_empty() => "스케줄러가 아직 노드를 정하지 않았어요.".to_owned(),
        Why::NotScheduled { message } => format!("스케줄러가 알맞은 노드를 찾지 못했어요: {message}"),
        Why::ClaimNotBound { claim } => format!("파드에 필요한 {claim} 클레임이 아직 볼륨에 바인딩되지 않았어요."),
        Why::PullingImage { image } => format!("노드가 {image} 이미지를 내려받고 있어요."),
        Why::Starting => "노드의 kubelet이 컨테이너를 시작하고 있어요.".to_owned(),
        Why::NotReady => "컨테이너는 실행 중이지만 아직 준비되지 않았어요.".to_owned(),
        Why::Terminating { grace_period_s } => {
            format!("종료 신호를 받았고 최대 {grace_period_s}초 안에 떠나요.")
        }
        Why::Provisioning { storage_class } => format!("{storage_class} 클래스의 볼륨을 만들고 있어요."),
        Why::NoStorageClass { storage_class } if storage_class.is_empty() => {
            "클레임에 스토리지 클래스가 없고 기본 클래스도 없어요.".to_owned()
        }
        Why::NoStorageClass { storage_class } => format!("{storage_class} 스토리지 클래스가 없어요."),
        Why::KeptByRetentionPolicy => {
            "스케일을 줄여도 클레임과 볼륨은 남아요(whenScaled: Retain). 같은 번호가 돌아오면 다시 써요.".to_owned()
        }
        Why::InUse { pod } => format!("{pod} 파드가 쓰지 않게 되면 사라져요."),
        Why::ServiceMissing { service } => format!("{service} 서비스가 없어서 파드에 이름이 생기지 않아요."),
        Why::Reported { reason, message } => format!("{reason}: {message}"),
    }
}

fn record_why(why: &RecordWhy) -> String {
    match why {
        RecordWhy::ReadyEndpoint { pod } => {
            format!("{pod} 파드가 준비되어 서비스 이름이 이 주소로 응답해요.")
        }
        RecordWhy::PodHostname { pod } => {
            format!("{pod} 파드의 서브도메인이 이 서비스라서 자기 이름이 있어요.")
        }
        RecordWhy::PodAddress { pod } => {
            format!("{pod} 파드에 호스트 이름이 없어 주소로 이름을 지었어요.")
        }
        RecordWhy::NotReady { pod } => format!("{pod} 파드가 아직 준비되지 않아 응답을 보류해요."),
        RecordWhy::PublishedNotReady { pod } => {
            format!("{pod} 파드가 준비되지 않아도 응답하는 서비스예요.")
        }
        RecordWhy::NamedPort { port } => format!("서비스 포트의 이름이 {port}예요."),
        RecordWhy::ClusterIp => "서비스가 자기 주소를 가지고 있어요.".to_owned(),
        RecordWhy::ExternalName => "바깥 이름을 가리키는 서비스예요.".to_owned(),
        RecordWhy::Vanished => "지난 명령 전에는 응답했지만 지금은 없어요.".to_owned(),
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{}초", ms / 1000, ms % 1000 / 100)
}

fn disk_write(write: &WriteView) -> String {
    let (at, pod, path) = (seconds(write.at_ms), &write.pod, &write.path);
    match write.change {
        WriteKind::Written => format!("{at}: {pod} 파드가 {path} 파일을 썼어요"),
        WriteKind::Made => format!("{at}: {pod} 파드가 {path} 항목을 만들었어요"),
        WriteKind::Removed => format!("{at}: {pod} 파드가 {path} 항목을 지웠어요"),
    }
}

fn fate(fate: &Fate) -> String {
    let text = match fate {
        Fate::GoWithPod => "파드와 함께 사라져요. 같은 이름의 다음 파드는 빈 디스크로 시작해요.",
        Fate::OutlivePod => "파드가 사라져도 남아요. 같은 이름의 다음 파드가 그대로 이어서 써요.",
        Fate::GoWithClaim => "클레임을 삭제하면 데이터도 삭제돼요(Delete).",
        Fate::OutliveClaim => {
            "클레임을 삭제해도 데이터는 남아요. 볼륨은 Released가 되고 다른 클레임은 쓸 수 없어요(Retain)."
        }
        Fate::ScrubbedAfterClaim => {
            "클레임을 삭제하면 디스크를 비워 다음 클레임에 내줘요(Recycle)."
        }
        Fate::ClaimGoesWithSet => "스테이트풀셋을 삭제하면 클레임도 삭제돼요(whenDeleted: Delete).",
        Fate::ClaimGoesWithScaleDown => "스케일을 줄이면 클레임도 삭제돼요(whenScaled: Delete).",
        Fate::KeptAfterRelease => {
            "클레임이 사라졌어요. 볼륨을 삭제하거나 spec.claimRef를 지울 때까지 데이터가 남아 있어요."
        }
        Fate::StayOnNode => "노드에 남아요. 다른 노드의 파드에서는 보이지 않아요.",
    };
    text.to_owned()
}

fn cached(age: u32) -> String {
    format!("서버 캐시의 {age}초 된 응답이에요. 30초 동안 보관해요")
}

fn way(way: &WayView) -> String {
    let who = match &way.asker {
        WayAsker::Prompt => "내 프롬프트".to_owned(),
        WayAsker::Pod { pod } => format!("{pod} 파드"),
    };
    match way.is_lookup {
        true => format!("{who}에서 {} 이름을 조회했어요", way.target),
        false => format!("{who}에서 {}에 연결했어요", way.target),
    }
}

fn way_step(step: &WayStep) -> String {
    match step {
        WayStep::HostsFile { name } => {
            format!("/etc/hosts에 {name} 줄이 있어 DNS에 묻지 않았어요.")
        }
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
            AttemptOutcome::NoData => format!("{name}: 이름은 있지만 그런 레코드가 없어요"),
            AttemptOutcome::NxDomain => format!("{name}: 없는 이름이에요(NXDOMAIN)"),
            AttemptOutcome::TimedOut => format!("{name}: 응답이 없어 시간이 초과됐어요"),
            AttemptOutcome::HostsFile { address } => format!("{name}: /etc/hosts의 {address}"),
        },
        WayStep::Service {
            service,
            node_port: true,
        } => format!("{service} 서비스의 노드 포트예요."),
        WayStep::Service { service, .. } => format!("{service} 서비스의 주소예요."),
        WayStep::Endpoints { eligible, skipped } => {
            let list = |names: &[String]| match names.is_empty() {
                true => "없음".to_owned(),
                false => names.join(", "),
            };
            match skipped.is_empty() {
                true => format!("엔드포인트: {}", list(eligible)),
                false => format!("엔드포인트: {} / 제외: {}", list(eligible), list(skipped)),
            }
        }
        WayStep::Chosen { pod, endpoint, of } if pod.is_empty() => {
            format!("{of}개 가운데 무작위로 {endpoint} 엔드포인트를 골랐어요.")
        }
        WayStep::Chosen { pod, endpoint, of } => {
            format!("{of}개 가운데 무작위로 {pod}({endpoint}) 파드를 골랐어요.")
        }
        WayStep::Affinity { pod } => format!("세션 어피니티에 따라 이번에도 {pod} 파드예요."),
        WayStep::NoSuchPort => "서비스에 그런 포트가 없어요.".to_owned(),
        WayStep::NoEndpoints => "서비스에 준비된 엔드포인트가 없어요.".to_owned(),
        WayStep::NoLocalEndpoints => "Local 정책인데 이 노드에는 엔드포인트가 없어요.".to_owned(),
        WayStep::Status { status } => format!("응답: HTTP {status}"),
        WayStep::Connected => "연결됐어요.".to_owned(),
        WayStep::Refused => "바로 거부됐어요. 그 포트에서 듣는 프로그램이 없어요.".to_owned(),
        WayStep::Dropped => "응답이 없어요. 패킷이 버려져서 프로그램이 기다려요.".to_owned(),
        WayStep::Unreachable => "경로가 없어요. 이 주소를 쓰는 파드가 더는 없어요.".to_owned(),
        WayStep::EmptyReply => "응답 없이 연결이 끊겼어요.".to_owned(),
    }
}

fn file_error(error: &FileError) -> String {
    match error {
        FileError::NotFound { name } => format!("{name} 파일이 없어요."),
        FileError::Exists { name } => format!("{name} 파일이 이미 있어요. 다른 이름을 써 보세요."),
        FileError::BadName { name } if name.is_empty() => "이름을 입력해 주세요.".to_owned(),
        FileError::BadName { .. } => "공백, 따옴표, 빗금 없이 100자 안으로 지어 주세요.".to_owned(),
        FileError::TooLarge { limit_bytes } => {
            format!(
                "{} MB보다 커서 반영하지 않았어요.",
                limit_bytes / (1024 * 1024)
            )
        }
        FileError::TooMany { limit } => {
            format!("파일은 {limit}개까지 둘 수 있어요. 먼저 하나를 삭제해 주세요.")
        }
    }
}

fn hint(hint: &Hint) -> String {
    match hint {
        Hint::DidYouMean { name } => format!("혹시 {name}인가요?"),
        Hint::TabsAreNotAllowed => {
            "탭 대신 공백으로 들여써 보세요. YAML은 탭을 허용하지 않아요.".to_owned()
        }
        Hint::CloseTheQuote => "따옴표를 닫아 보세요.".to_owned(),
        Hint::AlignIndentation => "이웃한 줄과 들여쓰기를 맞춰 보세요.".to_owned(),
        Hint::ExpectedType { expected } => format!("{expected} 타입의 값을 써 보세요."),
        Hint::MatchTemplateLabels => "selector와 template의 레이블을 같게 해 보세요.".to_owned(),
        Hint::CreateService { service } => {
            format!("{service} 서비스를 먼저 만들면 파드에 이름이 생겨요.")
        }
        Hint::NotSimulated => "실제 쿠버네티스에는 있지만 여기서는 흉내 내지 않아요.".to_owned(),
        Hint::ZeroOrMore => "0 이상의 수를 써 보세요.".to_owned(),
        Hint::AddField { path } => format!("{path} 필드를 넣어 보세요."),
        Hint::UseDnsName => "이름에는 소문자, 숫자, -, .만 써 보세요.".to_owned(),
    }
}

fn deed(deed: Deed) -> &'static str {
    match deed {
        Deed::DeletePod => "파드 삭제",
        Deed::DeleteLonePod => "파드 삭제",
        Deed::KillProcess => "프로세스 종료",
        Deed::Cordon => "새 파드 막기",
        Deed::Uncordon => "새 파드 허용",
        Deed::Drain => "노드 비우기",
        Deed::CutOff => "노드 연결 끊기",
        Deed::Reconnect => "노드 다시 연결",
        Deed::PowerOff => "노드 고장 내기",
        Deed::PowerOn => "노드 전원 켜기",
        Deed::Hang => "응답 멈추기",
        Deed::Unhang => "다시 응답하기",
        Deed::BreakPull => "이미지 레지스트리 고장 내기",
        Deed::SlowPull => "이미지 레지스트리 느리게 하기",
        Deed::MendPull => "레지스트리 고치기",
        Deed::FillDisk => "디스크 채우기",
        Deed::FreeDisk => "디스크 비우기",
        Deed::CutDns => "DNS 끊기",
        Deed::MendDns => "DNS 다시 연결하기",
        Deed::DeleteClaim => "클레임 삭제",
        Deed::ScaleUp => "레플리카 하나 늘리기",
        Deed::ScaleDown => "레플리카 하나 줄이기",
        Deed::Restart => "모든 파드 교체",
        Deed::Orphan => "세트만 삭제",
    }
}

fn deed_effect(deed: Deed) -> &'static str {
    match deed {
        Deed::DeletePod => {
            "유예 시간 동안 종료해요. 그다음 컨트롤러가 새 파드를 만들고, 스테이트풀셋이라면 이름과 디스크가 그대로 이어져요."
        }
        Deed::DeleteLonePod => "유예 시간 동안 종료해요. 다시 만들어 주는 컨트롤러가 없어요.",
        Deed::KillProcess => {
            "프로그램이 시그널을 받아들이면 컨테이너가 끝나고, kubelet이 같은 파드 안에서 다시 시작해요. 주소와 디스크는 그대로이고 RESTARTS가 하나 늘어요."
        }
        Deed::Cordon => "스케줄러가 이 노드에 더는 파드를 두지 않아요. 실행 중인 파드는 남아요.",
        Deed::Uncordon => {
            "스케줄러가 다시 이 노드에 파드를 둘 수 있어요. 떠난 파드가 저절로 돌아오지는 않아요."
        }
        Deed::Drain => "새 파드를 막은 다음, 중단 예산이 허용하는 만큼 실행 중인 파드를 내보내요.",
        Deed::CutOff => {
            "kubelet의 소식이 끊겨요. 약 50초 뒤 노드가 NotReady가 되고, 5분 더 지나면 파드에 삭제 표시가 붙어요. 스테이트풀셋은 노드를 기다리며 새 파드를 만들지 않아요."
        }
        Deed::Reconnect => {
            "kubelet이 다시 보고하고 노드가 Ready가 돼요. 삭제 표시가 붙은 파드는 그제야 정말로 끝나요."
        }
        Deed::PowerOff => {
            "전원이 꺼져 모든 프로세스가 바로 끝나지만 알려 줄 kubelet이 없어요. 약 50초 뒤 노드가 NotReady가 되고, 5분 더 지나면 파드에 삭제 표시가 붙어요. 스테이트풀셋은 노드를 기다려요."
        }
        Deed::PowerOn => {
            "노드가 부팅되고 Rebooted 이벤트를 남겨요. kubelet이 파드의 컨테이너를 다시 시작하므로 주소가 바뀌고 재시작 횟수가 하나 늘어요(종료 코드 255). 디스크는 그대로예요."
        }
        Deed::Hang => {
            "프로그램이 프로브에 답하지 않아요. failureThreshold만큼 실패하면 준비되지 않은 상태가 되어 트래픽을 받지 않고, 라이브니스 프로브가 있으면 컨테이너가 다시 시작돼요."
        }
        Deed::Unhang => "다음 프로브가 성공하면 다시 준비돼요.",
        Deed::BreakPull => {
            "노드에서 이미지가 사라지고 레지스트리가 응답하지 않아요. 실행 중인 컨테이너는 그대로이고, 다음 컨테이너는 ErrImagePull, 이어서 ImagePullBackOff로 10초, 20초, 최대 300초를 기다려요."
        }
        Deed::SlowPull => {
            "노드에서 이미지가 사라지고 레지스트리가 느려져요. 노드마다 다음 컨테이너가 ContainerCreating에서 1분 더 기다려요."
        }
        Deed::MendPull => "다음 시도에서 이미지를 내려받아요. 이미 시작된 백오프는 기다려요.",
        Deed::FillDisk => {
            "쓰려는 프로그램은 No space left on device 오류를 받아요. 쿠버네티스는 볼륨 안을 보지 않으므로 저절로 일어나는 일은 없어요."
        }
        Deed::FreeDisk => "다시 쓸 수 있어요.",
        Deed::CutDns => {
            "모든 파드에서 이름이 조회되지 않아요. 주소로는 연결돼요. 실제 프로그램은 15초쯤 기다린 뒤 포기해요."
        }
        Deed::MendDns => "바로 다시 조회돼요.",
        Deed::DeleteClaim => {
            "파드가 쓰는 동안에는 Terminating으로 남아요. 그다음 볼륨은 회수 정책을 따라요."
        }
        Deed::ScaleUp => {
            "다음 번호의 자리가 생겨요. 남아 있던 클레임이 있으면 파드가 예전 디스크를 되찾아요."
        }
        Deed::ScaleDown => {
            "번호가 가장 큰 파드가 사라져요. 세트의 보존 정책이 다르게 정하지 않는 한 클레임과 디스크는 남아요."
        }
        Deed::Restart => {
            "내용은 그대로인 롤링 업데이트예요. 가장 큰 번호부터, 앞의 파드가 준비되면 다음 파드를 교체해요."
        }
        Deed::Orphan => {
            "파드는 컨트롤러 없이 계속 실행돼요. 같은 셀렉터를 가진 세트가 나중에 다시 맡을 수 있어요."
        }
    }
}
