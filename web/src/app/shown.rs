//! The view models in use. Made anew when the session has changed, and only those that are looked at.

use std::rc::Rc;

use petset_playground::Session;
use petset_playground::view::{
    BlockView, ChangeView, DeedView, Diagnostic, DnsView, EventRow, FaultView, FileInfo, NodesView,
    ObjectRef, OwnersView, PastView, ReasonView, RemarkView, SetView, StorageView, TerminalView,
    TimeView, TimelineView, TwinView,
};
use yew::AttrValue;

use crate::commentary;
use crate::pictures::{dns, nodes, set, storage};
use crate::preferences::Picture;

/// What is looked at.
pub(super) struct Wanted<'a> {
    pub picture: Picture,
    pub commentary: bool,
    pub first_place: u32,
    pub disks_of: Option<&'a str>,
    pub twin_of: Option<&'a str>,
    pub selected: Option<&'a ObjectRef>,
}

/// An object in the inspector.
#[derive(Clone, PartialEq)]
pub(super) struct Inspected {
    pub object: ObjectRef,
    pub yaml: AttrValue,
    pub gone: bool,
    pub deeds: Vec<DeedView>,
    pub change: Option<Rc<ChangeView>>,
    pub reasons: Vec<ReasonView>,
    pub now_ms: u64,
}

/// The view models in use.
pub(super) struct Shown {
    pub revision: u64,
    pub time: TimeView,
    pub past: Rc<PastView>,
    pub files: Rc<Vec<FileInfo>>,
    pub diagnostics: Rc<Vec<Diagnostic>>,
    pub terminals: Vec<Rc<TerminalView>>,
    pub history: Rc<Vec<Rc<str>>>,
    pub suggestion: Option<AttrValue>,
    pub sets: Rc<Vec<SetView>>,
    pub blocks: Rc<Option<(ObjectRef, Vec<BlockView>)>>,
    pub related: Rc<Vec<ObjectRef>>,
    pub storage: Rc<StorageView>,
    pub twin: Rc<TwinView>,
    pub timeline: Rc<TimelineView>,
    pub owners: Rc<OwnersView>,
    pub dns: Rc<DnsView>,
    pub pods: Rc<Vec<String>>,
    pub nodes: Rc<NodesView>,
    pub events: Rc<Vec<EventRow>>,
    pub commentary: Rc<Vec<RemarkView>>,
    pub inspected: Option<Inspected>,
    pub faults: Rc<Vec<FaultView>>,
}

impl Default for Shown {
    fn default() -> Self {
        let time = TimeView {
            now_ms: 0,
            paused: false,
            speed: 1.0,
            quiet: true,
            next: None,
        };
        let dns = DnsView {
            cluster_domain: String::new(),
            server: String::new(),
            cut_off: false,
            zones: Vec::new(),
            ways: Vec::new(),
        };
        Self {
            revision: 0,
            time,
            past: Rc::default(),
            files: Rc::default(),
            diagnostics: Rc::default(),
            terminals: Vec::new(),
            history: Rc::default(),
            suggestion: None,
            sets: Rc::default(),
            blocks: Rc::default(),
            related: Rc::default(),
            storage: Rc::default(),
            twin: Rc::default(),
            timeline: Rc::default(),
            owners: Rc::default(),
            dns: Rc::new(dns),
            pods: Rc::default(),
            nodes: Rc::default(),
            events: Rc::default(),
            commentary: Rc::default(),
            inspected: None,
            faults: Rc::default(),
        }
    }
}

impl Shown {
    /// Reads the session. What is equal stays the same allocation, so that the parts below need not look.
    pub fn refresh(&mut self, session: &Session, wanted: Wanted<'_>) {
        self.revision = session.revision();
        self.time = session.time();
        keep(&mut self.past, session.past());
        keep(&mut self.files, session.files());
        keep(&mut self.faults, session.faults());
        if self.history.len() != session.history().len()
            || self.history.last() != session.history().last()
        {
            self.history = Rc::new(session.history().to_vec());
        }
        self.suggestion = session.suggestion().map(AttrValue::from);
        let terminals = session.terminals();
        self.terminals.truncate(terminals.len());
        for (index, view) in terminals
            .into_iter()
            .filter_map(|id| session.terminal(id))
            .enumerate()
        {
            match self.terminals.get_mut(index) {
                Some(shown) => keep(shown, view),
                None => self.terminals.push(Rc::new(view)),
            }
        }
        keep(
            &mut self.sets,
            session.set_views(wanted.first_place, set::PLACES_SHOWN),
        );
        match wanted.picture {
            Picture::Set => {
                let large = |set: &&SetView| set.place_count > set::PLACES_SHOWN;
                let blocks = |set: &SetView| (set.object.clone(), session.set_blocks(set));
                // Blocks are kept for one set: the first large one.
                let first = self.sets.iter().find(large).map(blocks);
                keep(&mut self.blocks, first);
            }
            Picture::Twin => keep(&mut self.twin, session.twin_view(wanted.twin_of)),
            Picture::Timeline => keep(&mut self.timeline, session.timeline_view()),
            Picture::Owners => keep(&mut self.owners, session.owners_view()),
            Picture::Storage => keep(
                &mut self.storage,
                session.storage_view(wanted.disks_of, storage::DISKS_SHOWN),
            ),
            Picture::Dns => {
                keep(&mut self.dns, session.dns_view(dns::RECORDS_SHOWN));
                keep(&mut self.pods, session.pod_names());
            }
            Picture::Nodes => keep(&mut self.nodes, session.nodes_view(nodes::PODS_SHOWN)),
            Picture::Events => keep(&mut self.events, session.events_view()),
        }
        if wanted.commentary {
            keep(&mut self.commentary, session.commentary(commentary::SHOWN));
        }
        self.inspect(session, wanted.selected);
    }

    fn inspect(&mut self, session: &Session, selected: Option<&ObjectRef>) {
        let Some(object) = selected else {
            self.inspected = None;
            keep(&mut self.related, Vec::new());
            return;
        };
        let before = self
            .inspected
            .take()
            .filter(|before| before.object == *object);
        keep(&mut self.related, session.related(object));
        let yaml = session.object_yaml(object);
        let gone = yaml.is_none();
        let yaml = yaml
            .map(AttrValue::from)
            .or(before.map(|before| before.yaml))
            .unwrap_or_default();
        self.inspected = Some(Inspected {
            object: object.clone(),
            yaml,
            gone,
            deeds: session.deeds(object),
            change: session.last_change(object).map(Rc::new),
            reasons: session.reasons(object),
            // Only what changes by itself needs to know what time it is.
            now_ms: self.time.now_ms,
        });
    }
}

fn keep<T: PartialEq>(shown: &mut Rc<T>, now: T) {
    if **shown != now {
        *shown = Rc::new(now);
    }
}
