//! The clocks of places that never change them.
//!
//! A page holds no history of the world's clocks; zones with summer time are not simulated.

/// Zones whose clocks have one distance from UTC all the year, in minutes.
const FIXED: [(&str, i64); 21] = [
    ("UTC", 0),
    ("Etc/UTC", 0),
    ("Etc/GMT", 0),
    ("GMT", 0),
    ("Africa/Johannesburg", 120),
    ("Africa/Lagos", 60),
    ("Africa/Nairobi", 180),
    ("America/Bogota", -300),
    ("America/Sao_Paulo", -180),
    ("Asia/Bangkok", 420),
    ("Asia/Dubai", 240),
    ("Asia/Ho_Chi_Minh", 420),
    ("Asia/Hong_Kong", 480),
    ("Asia/Jakarta", 420),
    ("Asia/Kolkata", 330),
    ("Asia/Manila", 480),
    ("Asia/Seoul", 540),
    ("Asia/Shanghai", 480),
    ("Asia/Singapore", 480),
    ("Asia/Taipei", 480),
    ("Asia/Tokyo", 540),
];

/// How many seconds the clocks of a zone are ahead of UTC; none for zones that are not simulated.
pub(crate) fn offset(zone: &str) -> Option<i64> {
    let known = FIXED.iter().find(|(name, _)| *name == zone);
    known.map(|(_, minutes)| minutes * 60)
}
