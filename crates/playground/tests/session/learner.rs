//! A learner: types, waits and looks.

use std::rc::Rc;

use petset_playground::Session;
use petset_playground::view::{Block, PlaceView, PromptState, SetView, TerminalId, TerminalView};

/// A session with somebody at its first terminal.
pub struct Learner {
    pub session: Session,
    pub terminal: TerminalId,
}

impl Learner {
    pub fn new(session: Session) -> Learner {
        let terminal = session.terminals()[0];
        Learner { session, terminal }
    }

    pub fn with_lab3() -> Learner {
        Learner::new(Session::with_lab3(1))
    }

    /// Lets time on the wall pass, in frames.
    pub fn wait_ms(&mut self, wall_ms: u32) {
        for _ in 0..wall_ms.div_ceil(16) {
            while self.session.advance(16.0, 64).more {}
        }
    }

    /// Everything that happens until nothing changes any more.
    pub fn settle(&mut self) {
        while self.session.run_until_quiet(1_000).more {}
    }

    /// Types a command and waits until it has ended.
    pub fn run(&mut self, line: &str) -> Rc<Block> {
        self.session.submit(self.terminal, line);
        for _ in 0..4_000 {
            self.wait_ms(16);
            if self.prompt() != PromptState::Running {
                break;
            }
        }
        let view = self.view();
        let block = view
            .blocks
            .last()
            .unwrap_or_else(|| panic!("nothing ran for {line}"));
        assert!(block.exit_code.is_some(), "{line} has not ended");
        block.clone()
    }

    /// Types a command and returns all that it printed.
    pub fn output(&mut self, line: &str) -> String {
        text(&self.run(line))
    }

    pub fn view(&self) -> TerminalView {
        let view = self.session.terminal(self.terminal);
        view.unwrap_or_else(|| panic!("the terminal is open"))
    }

    pub fn prompt(&self) -> PromptState {
        self.view().prompt
    }

    /// What the last command has printed so far.
    pub fn shown(&self) -> String {
        self.view()
            .blocks
            .last()
            .map(|block| text(block))
            .unwrap_or_default()
    }

    pub fn set(&self) -> SetView {
        let sets = self.session.set_views(0, 24);
        sets.into_iter()
            .next()
            .unwrap_or_else(|| panic!("there is a set"))
    }

    /// Each place in a few words: ordinal, pod's status, claim's phase, marks.
    pub fn places(&self) -> Vec<String> {
        self.set().places.iter().map(in_words).collect()
    }
}

/// All that a command printed.
pub fn text(block: &Block) -> String {
    block
        .chunks
        .iter()
        .map(|chunk| chunk.text.as_str())
        .collect()
}

fn in_words(place: &PlaceView) -> String {
    let pod = place.pod.as_ref().map_or("-", |pod| pod.status.as_str());
    let claim = place.claims.first().and_then(|claim| claim.claim.as_ref());
    let phase = claim.map_or("-", |claim| claim.phase.as_str());
    let kept = if claim.is_some_and(|claim| claim.kept) {
        " kept"
    } else {
        ""
    };
    format!("{} {pod} {phase}{kept}", place.ordinal)
}
