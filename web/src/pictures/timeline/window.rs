//! The part of time that is shown.

use super::SHORTEST_MS;
use petset_playground::view::TimelineView;

/// A part of virtual time, in ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Its beginning.
    pub from: f64,
    /// Its end.
    pub to: f64,
}

impl Window {
    /// All that happened, with a margin on both sides.
    pub fn whole(view: &TimelineView) -> Window {
        let spans = view.groups.iter().flat_map(|group| &group.lanes);
        let first = spans
            .filter_map(|lane| lane.spans.first())
            .map(|span| span.from_ms);
        let marks = view.marks.iter().map(|mark| mark.at_ms);
        let from = first.chain(marks).min().unwrap_or(view.from_ms) as f64;
        let to = (view.until_ms as f64).max(from + 1_000.0);
        let margin = (to - from) * 0.03;
        Window {
            from: (from - margin).max(0.0),
            to: to + margin,
        }
    }

    /// Where a moment is, in percent.
    pub fn percent(self, at_ms: f64) -> f64 {
        100.0 * (at_ms - self.from) / (self.to - self.from)
    }

    /// The moment at a part of the width.
    pub fn at(self, part: f64) -> f64 {
        self.from + part * (self.to - self.from)
    }

    /// Closer or farther around a moment that stays where it is; never outside of `all`.
    pub fn zoomed(self, factor: f64, around: f64, all: Window) -> Window {
        let length = ((self.to - self.from) * factor).clamp(SHORTEST_MS, all.to - all.from);
        let part = (around - self.from) / (self.to - self.from);
        let from = around - part * length;
        Window {
            from,
            to: from + length,
        }
        .inside(all)
    }

    /// Moved by a part of its length; never outside of `all`.
    pub fn moved(self, part: f64, all: Window) -> Window {
        let by = part * (self.to - self.from);
        Window {
            from: self.from + by,
            to: self.to + by,
        }
        .inside(all)
    }

    pub(super) fn inside(self, all: Window) -> Window {
        let length = (self.to - self.from).min(all.to - all.from);
        let from = self.from.clamp(all.from, all.to - length);
        Window {
            from,
            to: from + length,
        }
    }

    /// Round moments for the ruler: at most eight.
    pub fn steps(self) -> Vec<f64> {
        const STEPS: [f64; 14] = [
            10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 3e5, 9e5,
        ];
        let length = self.to - self.from;
        let step = STEPS.into_iter().find(|step| length / step <= 8.0);
        let step = step.unwrap_or(3.6e6 * (length / 2.88e7).ceil());
        let first = (self.from / step).ceil() as i64;
        (first..=(self.to / step) as i64)
            .map(|n| n as f64 * step)
            .collect()
    }
}
