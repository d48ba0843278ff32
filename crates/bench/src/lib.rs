//! Loads that are measured: natively by `bench-native`, and as WebAssembly in Node by `tests/bench/petset.mjs`.

mod idle;
pub mod mass;

use wasm_bindgen::prelude::wasm_bindgen;

/// A cluster at rest, so that a measurement can leave its making out.
#[wasm_bindgen]
pub struct Load(mass::Load);

#[wasm_bindgen]
impl Load {
    /// An empty cluster with room for `pods`; `form` is `lab`, `bare`, `deployment` or `sets`.
    ///
    /// # Errors
    /// When there is no such form.
    #[wasm_bindgen(constructor)]
    pub fn new(pods: u32, form: &str, seed: u32) -> Result<Load, String> {
        let form = mass::Form::of(form).ok_or_else(|| format!("no form {form}"))?;
        Ok(Load(mass::Load::new(pods, form, u64::from(seed))))
    }

    /// Brings all pods to Ready. Returns `{ "pods", "events", "virtual_ms" }` as JSON.
    ///
    /// # Errors
    /// When the cluster refuses the workload or comes to rest before all pods are ready.
    pub fn run(&mut self) -> Result<String, String> {
        self.0.run().map(|done| done.to_json())
    }
}

/// How much memory the module has, in bytes; it never shrinks, so this is the peak. 0 when this is not WebAssembly.
#[wasm_bindgen]
pub fn memory_bytes() -> f64 {
    #[cfg(target_arch = "wasm32")]
    let pages = core::arch::wasm32::memory_size(0);
    #[cfg(not(target_arch = "wasm32"))]
    let pages = 0_usize;
    pages as f64 * 65_536.0
}
