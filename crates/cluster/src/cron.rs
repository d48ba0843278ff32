//! Times at which something happens again and again, as a CronJob names them, and the time zones they are read in.

mod civil;
pub(crate) mod schedule;
pub(crate) mod time_zone;
