//! What is there before the first command: nodes, namespaces, system services, storage classes.

use crate::api::Server;
use crate::cluster::Config;

/// Fills a new cluster.
pub(crate) fn populate(_server: &mut Server, _config: &Config) {}
