//! The hashes that names, digests and caches are made of.

use sha2::{Digest as _, Sha256};

/// SHA-256 in hexadecimal digits, as names of volume attachments use it.
pub fn sha256_hex(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// FNV-1a with 64 bits, for digests and for keys of caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fnv1a64(u64);

impl Default for Fnv1a64 {
    fn default() -> Fnv1a64 {
        Fnv1a64(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv1a64 {
    /// Takes up bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// The hash of all that was taken up.
    pub fn finish(self) -> u64 {
        self.0
    }

    /// The hash of several texts; a separator keeps `ab`, `c` apart from `a`, `bc`.
    pub fn of(parts: &[&str]) -> u64 {
        let mut hash = Fnv1a64::default();
        for part in parts {
            hash.write(part.as_bytes());
            hash.write(&[0xff]);
        }
        hash.finish()
    }
}

/// FNV-1a with 32 bits, as hashes of pod templates use it.
///
/// Upstream: Go's `hash/fnv` New32a.
pub fn fnv1a_32(pieces: &[&[u8]]) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in pieces.iter().copied().flatten() {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    hash
}

/// The letters that stand for digits in names, so that no bad words come about.
const SAFE_LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A hash as names carry it.
///
/// Upstream: SafeEncodeString in `staging/src/k8s.io/apimachinery/pkg/util/rand/rand.go`, over the decimal digits.
pub fn safe_encode(hash: u32) -> String {
    let safe = |digit: u8| SAFE_LETTERS[usize::from(digit) % SAFE_LETTERS.len()] as char;
    hash.to_string().bytes().map(safe).collect()
}

/// FNV-1 with 32 bits over several pieces, as names of controller revisions use it.
///
/// Upstream: Go's `hash/fnv` New32.
pub fn fnv1_32(pieces: &[&[u8]]) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in pieces.iter().copied().flatten() {
        hash = hash.wrapping_mul(0x0100_0193) ^ u32::from(*byte);
    }
    hash
}
