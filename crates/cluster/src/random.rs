//! Seeded randomness: uids, name suffixes, jitter. The stream is the same on every platform.

use crate::time::Duration;
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// The letters of random name suffixes.
///
/// Upstream: `staging/src/k8s.io/apimachinery/pkg/util/rand`.
const SUFFIX_LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A source of random numbers that is part of the simulation's state.
#[derive(Clone, Debug)]
pub struct Random(Pcg64Mcg);

impl Random {
    /// A source that gives the same stream for the same seed.
    pub fn new(seed: u64) -> Random {
        Random(Pcg64Mcg::seed_from_u64(seed))
    }

    /// A number from 0 up to but without `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        // The bias of a 64-bit remainder is far below anything a session could notice.
        if n == 0 { 0 } else { self.0.next_u64() % n }
    }

    /// A span between `base` and `base` plus `percent` per cent of it.
    pub fn jitter(&mut self, base: Duration, percent: u64) -> Duration {
        Duration(base.0 + self.below(base.0 * percent / 100 + 1))
    }

    /// A random (version 4) uid.
    pub fn uid(&mut self) -> String {
        let high = self.0.next_u64();
        let low = self.0.next_u64();
        let mut text = String::with_capacity(36);
        push_hex(&mut text, high >> 32, 8);
        text.push('-');
        push_hex(&mut text, high >> 16, 4);
        text.push_str("-4");
        push_hex(&mut text, high, 3);
        text.push('-');
        push_hex(&mut text, 0x8000 | ((low >> 48) & 0x3fff), 4);
        text.push('-');
        push_hex(&mut text, low, 12);
        text
    }

    /// A random suffix of `length` letters, as `generateName` appends.
    pub fn suffix(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| SUFFIX_LETTERS[self.below(27) as usize] as char)
            .collect()
    }

    /// `length` random bytes in hexadecimal, as container ids are written.
    pub fn hex(&mut self, length: usize) -> String {
        let mut text = String::with_capacity(length * 2 + 16);
        while text.len() < length * 2 {
            push_hex(&mut text, self.0.next_u64(), 16);
        }
        text.truncate(length * 2);
        text
    }
}

/// The last `digits` hexadecimal digits of `number`. Uids are made for every object, and formatting costs several times as much.
fn push_hex(text: &mut String, number: u64, digits: u32) {
    for place in (0..digits).rev() {
        let digit = (number >> (place * 4)) & 0xf;
        text.push(char::from(b"0123456789abcdef"[digit as usize]));
    }
}
