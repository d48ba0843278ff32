//! Words about links, files and what comes from elsewhere.

use super::{With, With2};
use crate::view::ShareTrouble;

/// The words of sharing in one language.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct ShareTexts {
    // The dialog.
    pub share: &'static str,
    pub title: &'static str,
    pub close: &'static str,
    pub as_link: &'static str,
    pub link_explained: &'static str,
    pub link: &'static str,
    pub link_length: With<usize>,
    pub copy: &'static str,
    pub copied: &'static str,
    pub copy_refused: &'static str,
    pub link_too_long: With2<usize, usize>,
    pub as_file: &'static str,
    pub file_explained: &'static str,
    pub download: &'static str,
    pub open_file: &'static str,
    pub manifests: &'static str,
    pub manifests_explained: &'static str,
    pub manifests_none: &'static str,
    pub download_yaml: &'static str,
    pub copy_yaml: &'static str,
    pub from_address: &'static str,
    pub address: &'static str,
    pub fetch: &'static str,
    pub fetching: &'static str,
    pub fetched: With<String>,

    // The banner.
    pub banner: &'static str,
    pub of_another: &'static str,
    pub keep: &'static str,
    pub back: &'static str,
    pub kept: &'static str,
    pub left: &'static str,
    pub undo: &'static str,
    pub return_to_it: &'static str,

    pub trouble: fn(&ShareTrouble) -> String,
}

pub(super) static EN: ShareTexts = ShareTexts {
    share: "Share",
    title: "Share and bring in",
    close: "Close",
    as_link: "As a link",
    link_explained: "The link holds files, commands and what you look at. Who opens it gets a copy; nothing is stored on a server.",
    link: "Link",
    link_length: |characters| format!("{characters} characters"),
    copy: "Copy the link",
    copied: "Copied",
    copy_refused: "The browser does not allow copying. Select the text and copy it.",
    link_too_long: |characters, limit| {
        format!(
            "This session would make a link of {characters} characters; many programs cut links of more than {limit}. Share the file instead."
        )
    },
    as_file: "As a file",
    file_explained: "The file holds the same as the link. Drop it on this page to open it.",
    download: "Save the session as a file",
    open_file: "Open a session file",
    manifests: "Manifests for a real cluster",
    manifests_explained: "Everything you made, as YAML that kubectl apply takes, without the fields that a server sets.",
    manifests_none: "There is nothing yet that you made in this cluster.",
    download_yaml: "Save as YAML",
    copy_yaml: "Copy as YAML",
    from_address: "A manifest from an address",
    address: "Address of a YAML file",
    fetch: "Fetch",
    fetching: "Fetching",
    fetched: |name| format!("Added as {name}"),

    banner: "Where this session comes from",
    of_another: "This session came from a link or a file. It stays in this browser tab; your own is kept as it was.",
    keep: "Make it mine",
    back: "Back to mine",
    kept: "This session is yours now, in place of the one you had.",
    left: "This is your own session again.",
    undo: "Undo",
    return_to_it: "Return to the other",

    trouble: trouble_en,
};

pub(super) static KO: ShareTexts = ShareTexts {
    share: "공유",
    title: "공유하기와 가져오기",
    close: "닫기",
    as_link: "링크",
    link_explained: "링크에 파일, 명령, 보고 있는 그림이 담겨요. 여는 사람은 사본을 받고, 서버에는 아무것도 저장되지 않아요.",
    link: "링크",
    link_length: |characters| format!("{characters}자"),
    copy: "링크 복사",
    copied: "복사했어요",
    copy_refused: "브라우저가 복사를 허용하지 않아요. 텍스트를 선택해서 복사하세요.",
    link_too_long: |characters, limit| {
        format!(
            "이 세션을 링크로 만들면 {characters}자예요. {limit}자가 넘는 링크는 중간에 잘리는 프로그램이 많으니 파일로 공유하세요."
        )
    },
    as_file: "파일",
    file_explained: "파일에는 링크와 같은 내용이 담겨요. 이 페이지에 끌어다 놓으면 열려요.",
    download: "세션을 파일로 저장",
    open_file: "세션 파일 열기",
    manifests: "실제 클러스터용 매니페스트",
    manifests_explained: "직접 만든 오브젝트 전체를 kubectl apply에 쓸 수 있는 YAML로 내보내요. 서버가 채운 필드는 빠져요.",
    manifests_none: "이 클러스터에 직접 만든 오브젝트가 아직 없어요.",
    download_yaml: "YAML로 저장",
    copy_yaml: "YAML로 복사",
    from_address: "주소에서 매니페스트 가져오기",
    address: "YAML 파일의 주소",
    fetch: "가져오기",
    fetching: "가져오는 중이에요",
    fetched: |name| format!("{name} 파일로 추가했어요"),

    banner: "세션의 출처",
    of_another: "링크나 파일에서 연 세션이에요. 이 브라우저 탭에만 보관되고, 내 세션은 그대로 남아 있어요.",
    keep: "내 세션으로 바꾸기",
    back: "내 세션으로 돌아가기",
    kept: "이제 이 세션이 내 세션이에요. 전에 있던 세션을 대신해요.",
    left: "다시 내 세션이에요.",
    undo: "되돌리기",
    return_to_it: "다른 세션으로 돌아가기",

    trouble: trouble_ko,
};

fn trouble_en(trouble: &ShareTrouble) -> String {
    match trouble {
        ShareTrouble::Later => "This was made by a later version of petset. Reload this page to get the newest version, then open it again.".into(),
        ShareTrouble::Damaged => "This link is damaged, perhaps cut off on its way. Ask for it again, or for a file. Your session is as it was.".into(),
        ShareTrouble::TooLarge => "This link holds more than a session can be. Your session is as it was.".into(),
        ShareTrouble::Unsupported => "This browser is too old for links: it cannot compress. Use a file instead.".into(),
        ShareTrouble::NotASession { name } => format!("{name} is not a petset session. Your session is as it was."),
        ShareTrouble::BadAddress => "Give an address that starts with https:// or http://.".into(),
        ShareTrouble::Unreachable => "Nothing came from that address. Either it cannot be reached, or its server does not let other pages read it (CORS). Download the file and drop it here.".into(),
        ShareTrouble::Status { code } => format!("The server answered with error {code}. Check the address."),
        ShareTrouble::FileTooLarge { limit_bytes } => format!("The file is larger than {} MiB.", limit_bytes / (1024 * 1024)),
        ShareTrouble::WebPage => "That address leads to a web page, not to a YAML file. On GitHub, take the address behind Raw.".into(),
        ShareTrouble::NotYaml { message } => format!("What came is not YAML: {message}"),
        ShareTrouble::NoManifest => "What came is YAML, but no manifest: no object in it has apiVersion and kind.".into(),
    }
}

fn trouble_ko(trouble: &ShareTrouble) -> String {
    match trouble {
        ShareTrouble::Later => "더 새로운 petset에서 만든 세션이에요. 페이지를 새로 고쳐 최신 버전을 받은 뒤 다시 열어 보세요.".into(),
        ShareTrouble::Damaged => "링크가 손상되었어요. 중간에 잘렸을 수 있으니 링크나 파일을 다시 받아 보세요. 내 세션은 그대로예요.".into(),
        ShareTrouble::TooLarge => "링크에 담긴 내용이 세션의 한도보다 커요. 내 세션은 그대로예요.".into(),
        ShareTrouble::Unsupported => "브라우저가 오래되어 압축을 지원하지 않아요. 링크 대신 파일을 쓰세요.".into(),
        ShareTrouble::NotASession { name } => format!("petset 세션이 아닌 파일이에요: {name}. 내 세션은 그대로예요."),
        ShareTrouble::BadAddress => "https:// 또는 http://로 시작하는 주소를 입력하세요.".into(),
        ShareTrouble::Unreachable => "주소에서 아무것도 받지 못했어요. 서버에 닿을 수 없거나, 서버가 다른 페이지의 읽기(CORS)를 허용하지 않아요. 파일을 내려받아 여기에 끌어다 놓으세요.".into(),
        ShareTrouble::Status { code } => format!("서버가 오류 {code}(으)로 응답했어요. 주소를 확인하세요."),
        ShareTrouble::FileTooLarge { limit_bytes } => format!("파일이 {} MiB보다 커요.", limit_bytes / (1024 * 1024)),
        ShareTrouble::WebPage => "YAML 파일이 아니라 웹 페이지의 주소예요. GitHub에서는 Raw 버튼의 주소를 쓰세요.".into(),
        ShareTrouble::NotYaml { message } => format!("받은 내용이 YAML이 아니에요: {message}"),
        ShareTrouble::NoManifest => "YAML이지만 매니페스트가 아니에요. apiVersion과 kind가 있는 오브젝트가 없어요.".into(),
    }
}
