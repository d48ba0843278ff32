//! The timeline in words.

use crate::text::{With, With2};
use crate::view::{Lane, TimelineView};

/// The texts of the timeline.
#[allow(
    missing_docs,
    reason = "each field's name says where it stands; the catalogue is the documentation"
)]
pub struct TimelineTexts {
    pub tab: &'static str,
    pub none: &'static str,
    pub none_hint: &'static str,
    pub lanes: &'static str,
    pub keys: &'static str,
    pub zoom_in: &'static str,
    pub zoom_out: &'static str,
    pub whole: &'static str,
    pub earlier: &'static str,
    pub later: &'static str,
    pub others: &'static str,
    pub left_out: With<u32>,
    pub forgotten: With<String>,
    pub gone: &'static str,
    pub point_at: &'static str,
    pub at: fn(&str, &str, &str) -> String,
    pub event: With2<String, String>,
    pub look_back: &'static str,
    pub inspect: &'static str,
    pub command_at: With2<String, String>,
    pub looked_at: &'static str,
    pub seconds: With<f64>,
}

pub(crate) const EN: TimelineTexts = TimelineTexts {
    tab: "Timeline",
    none: "Nothing has happened yet",
    none_hint: "Apply a file: each object gets a lane here, with its states and events on virtual time.",
    lanes: "Lanes: an object's states over time",
    keys: "Arrow keys go from change to change and from lane to lane, + and − zoom, Shift with an arrow moves the window, 0 shows everything, Enter inspects the object, L looks back at the moment. With the pointer: drag to move, Ctrl and the wheel to zoom, click a lane to inspect, click the ruler to look back.",
    zoom_in: "Zoom in",
    zoom_out: "Zoom out",
    whole: "Show everything",
    earlier: "Earlier",
    later: "Later",
    others: "Others",
    left_out: |n| format!("{n} lanes are not drawn."),
    forgotten: |at| format!("What was before {at} is not remembered."),
    gone: "not there",
    point_at: "Point at a lane to read its state.",
    at: |name, at, state| format!("{name} at {at}: {state}"),
    event: |reason, message| format!("Event {reason}: {message}"),
    look_back: "Look back at this moment",
    inspect: "Inspect the object",
    command_at: |command, at| format!("{command}, given at {at}"),
    looked_at: "the moment that is looked at",
    seconds: |s| format!("{s:.1} s"),
};

pub(crate) const KO: TimelineTexts = TimelineTexts {
    tab: "타임라인",
    none: "아직 일어난 일이 없음",
    none_hint: "파일을 적용해 보세요. 오브젝트마다 줄이 하나씩 생기고, 가상 시간에 따른 상태와 이벤트가 그려져요.",
    lanes: "오브젝트마다의 상태 변화",
    keys: "화살표 키로 변화와 줄을 옮겨 다니고, + 와 −로 확대와 축소, Shift와 화살표로 구간 이동, 0으로 전체 보기, Enter로 오브젝트 보기, L로 그 순간을 돌아볼 수 있어요. 포인터로는 끌어서 옮기고, Ctrl과 휠로 확대하고, 줄을 눌러 오브젝트를 보고, 눈금을 눌러 돌아봐요.",
    zoom_in: "확대",
    zoom_out: "축소",
    whole: "전체 보기",
    earlier: "더 이전",
    later: "더 이후",
    others: "그 밖의 오브젝트",
    left_out: |n| format!("줄 {n}개는 그리지 않았어요."),
    forgotten: |at| format!("{at} 이전의 일은 남아 있지 않아요."),
    gone: "없음",
    point_at: "줄을 가리키면 그때의 상태를 읽어 드려요.",
    at: |name, at, state| format!("{name}, {at}: {state}"),
    event: |reason, message| format!("이벤트 {reason}: {message}"),
    look_back: "이 순간 돌아보기",
    inspect: "오브젝트 보기",
    command_at: |command, at| format!("{at}에 실행한 {command}"),
    looked_at: "돌아보는 순간",
    seconds: |s| format!("{s:.1}초"),
};

impl TimelineTexts {
    /// A moment in words.
    pub fn moment(&self, at_ms: u64) -> String {
        (self.seconds)(at_ms as f64 / 1_000.0)
    }

    /// The whole view as text, to be copied.
    pub fn text(&self, view: &TimelineView) -> String {
        let mut text = String::new();
        for mark in &view.marks {
            let at = self.moment(mark.at_ms);
            text.push_str(&(self.command_at)(mark.command.to_string(), at));
            text.push('\n');
        }
        for lane in view.groups.iter().flat_map(|group| &group.lanes) {
            text.push_str(&self.lane(lane));
        }
        text
    }

    fn lane(&self, lane: &Lane) -> String {
        let mut text = format!("{}/{}\n", lane.object.kind.to_lowercase(), lane.object.name);
        let mut last = None;
        for span in &lane.spans {
            if last.is_some_and(|end| end < span.from_ms) {
                let at = self.moment(last.unwrap_or_default());
                text.push_str(&format!("  {at}  {}\n", self.gone));
            }
            let at = self.moment(span.from_ms);
            text.push_str(&format!("  {at}  {}\n", span.state));
            last = span.to_ms;
        }
        if let Some(end) = last {
            text.push_str(&format!("  {}  {}\n", self.moment(end), self.gone));
        }
        for tick in &lane.ticks {
            let event = (self.event)(tick.reason.clone(), tick.message.clone());
            text.push_str(&format!("  {}  {event}\n", self.moment(tick.at_ms)));
        }
        text
    }
}
