//! The first lesson in a browser: `wasm-pack test --headless --chrome crates/playground`.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

#[path = "shared/lesson.rs"]
mod lesson;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_lesson_leaves_the_same_bytes_in_a_browser() {
    assert_eq!(lesson::digest_after_lab3(), lesson::DIGEST);
}
