//! The watch log, in pieces that snapshots of the store share.

use super::Change;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many changes one piece holds. A snapshot copies no more than the last piece, and that when it is written to.
const PIECE: usize = 256;

/// Changes in order, oldest first. All pieces but the last are full.
#[derive(Clone, Debug, Default)]
pub(super) struct WatchLog {
    pieces: VecDeque<Arc<Vec<Change>>>,
    len: usize,
}

impl WatchLog {
    pub fn push(&mut self, change: Change) {
        match self.pieces.back_mut() {
            Some(last) if last.len() < PIECE => Arc::make_mut(last).push(change),
            _ => self.pieces.push_back(Arc::new(vec![change])),
        }
        self.len += 1;
    }

    /// Forgets whole pieces as long as `limit` changes stay.
    pub fn trim(&mut self, limit: usize) {
        while let Some(first) = self.pieces.front()
            && self.len - first.len() >= limit
        {
            self.len -= first.len();
            self.pieces.pop_front();
        }
    }

    pub fn clear(&mut self) {
        *self = WatchLog::default();
    }

    pub fn first(&self) -> Option<&Change> {
        self.pieces.front()?.first()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Change> {
        self.pieces.iter().flat_map(|piece| piece.iter())
    }

    /// The changes but for the first `skip`.
    pub fn skip(&self, skip: usize) -> impl Iterator<Item = &Change> {
        let pieces = self.pieces.iter().skip(skip / PIECE);
        pieces.flat_map(|piece| piece.iter()).skip(skip % PIECE)
    }
}
