//! Room on the heap, made in large steps where making it is slow.
//!
//! In WebAssembly the allocator asks the browser for one page of 64 KiB after another, and each time the browser
//! makes a new buffer and looks for garbage; with many pods that would be most of the time that a step takes.

/// How large the memory was when room was last made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headroom {
    pages: usize,
}

impl Headroom {
    /// Makes room for a quarter of what there is, if the last room is used up. Nothing but speed depends on it.
    pub(crate) fn keep(&mut self) {
        let pages = memory_pages();
        if pages <= self.pages {
            return;
        }
        let bytes = (pages / 4).clamp(16, 512) << 16;
        // The allocator keeps what is given back to it.
        drop(std::hint::black_box(Vec::<u8>::with_capacity(bytes)));
        self.pages = memory_pages();
    }
}

#[cfg(target_arch = "wasm32")]
fn memory_pages() -> usize {
    core::arch::wasm32::memory_size(0)
}

/// Elsewhere memory comes as fast as it is needed.
#[cfg(not(target_arch = "wasm32"))]
fn memory_pages() -> usize {
    0
}
