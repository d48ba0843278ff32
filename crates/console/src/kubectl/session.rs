//! What a kubectl command does its work with: the cluster's door, the streams, the namespace.

use super::errors::Error;
use crate::command::{Context, Until};
use petset_cluster::api::{Options, Reply, Request, Verb};
use petset_cluster::{Cluster, Duration, Instant, Kind, Object};
use serde_json::Value;
use std::sync::Arc;

/// What one run of kubectl remembers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    /// The namespace that the command works in.
    pub(crate) namespace: String,
    /// Whether `-n` named it.
    pub(crate) namespace_given: bool,
    /// What is said before the command begins.
    pub(crate) notices: String,
    /// Warnings that were shown.
    pub(crate) warnings: Vec<String>,
}

/// What a step of a command can reach.
pub(crate) struct Io<'c, 'a> {
    /// Streams, files and the cluster.
    pub(crate) context: &'c mut Context<'a>,
    /// What this run remembers.
    pub(crate) session: &'c mut Session,
}

/// How a step ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another request follows.
    Request,
    /// Nothing to do until then.
    Wait(Until),
    /// The command ended with this exit code.
    Done(i32),
}

/// A command as a machine: each step makes about one request.
pub(crate) trait Step {
    /// Goes on until the next request, a wait or the end.
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error>;

    /// Ctrl-C. Returns whether the command goes on all the same.
    fn interrupt(&mut self, _io: &mut Io<'_, '_>) -> bool {
        false
    }
}

/// A [`Step`] that can be copied.
pub(crate) trait Task: Step + Send + Sync {
    /// A copy.
    fn clone_task(&self) -> Box<dyn Task>;
}

impl<T: Step + Clone + Send + Sync + 'static> Task for T {
    fn clone_task(&self) -> Box<dyn Task> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Task> {
    fn clone(&self) -> Box<dyn Task> {
        (**self).clone_task()
    }
}

impl Io<'_, '_> {
    /// The cluster, to be read.
    pub(crate) fn cluster(&self) -> &Cluster {
        self.context.cluster
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Instant {
        self.context.cluster.now()
    }

    /// When a time-out that begins now ends.
    pub(crate) fn deadline(&self, span: Duration) -> Instant {
        self.now() + span
    }

    /// Writes to standard output.
    pub(crate) fn out(&mut self, text: &str) {
        self.context.stdout.push_str(text);
    }

    /// Writes a line to standard output.
    pub(crate) fn line(&mut self, text: &str) {
        self.context.stdout.push_str(text);
        self.context.stdout.push('\n');
    }

    /// Writes a line to standard error.
    pub(crate) fn complain(&mut self, text: &str) {
        self.context.stderr.push_str(text);
        self.context.stderr.push('\n');
    }

    /// Sends a request. Warnings are shown once each.
    ///
    /// # Errors
    /// What the API answers.
    pub(crate) fn request(&mut self, request: Request) -> Result<Reply, Error> {
        let response = self.context.cluster.handle(request);
        for warning in response.warnings {
            if !self.session.warnings.contains(&warning) {
                self.context
                    .stderr
                    .push_str(&format!("Warning: {warning}\n"));
                self.session.warnings.push(warning);
            }
        }
        response.result.map_err(Error::Status)
    }

    /// One object.
    ///
    /// # Errors
    /// What the API answers.
    pub(crate) fn get(
        &mut self,
        kind: Kind,
        namespace: &str,
        name: &str,
    ) -> Result<Arc<Object>, Error> {
        let reply = self.request(Request::new(Verb::Get, kind, namespace, name))?;
        stored(reply)
    }

    /// The objects of a kind that fit, and the version at which that was true.
    ///
    /// # Errors
    /// What the API answers.
    pub(crate) fn list(
        &mut self,
        kind: Kind,
        namespace: &str,
        labels: &str,
        fields: &str,
    ) -> Result<(Vec<Arc<Object>>, u64), Error> {
        let mut request = Request::new(Verb::List, kind, namespace, "");
        request.options = Options {
            label_selector: labels.to_owned(),
            field_selector: fields.to_owned(),
            ..Options::default()
        };
        match self.request(request)? {
            Reply::List {
                items,
                resource_version,
            } => Ok((items, resource_version)),
            _ => Ok((Vec::new(), self.cluster().store().resource_version())),
        }
    }
}

/// The stored object of an answer.
///
/// # Errors
/// The answer holds none.
pub(crate) fn stored(reply: Reply) -> Result<Arc<Object>, Error> {
    match reply {
        Reply::Object(object) | Reply::Deleted(object) => Ok(object),
        Reply::List { .. } | Reply::Json(_) => Err(Error::plain("the server returned no object")),
    }
}

/// The answer as JSON.
pub(crate) fn as_json(reply: &Reply) -> Value {
    match reply {
        Reply::Object(object) | Reply::Deleted(object) => object.to_json(),
        Reply::Json(value) => value.clone(),
        Reply::List { items, .. } => items.iter().map(|item| item.to_json()).collect(),
    }
}

/// A command that is over after one step.
#[derive(Clone)]
pub(crate) struct Once<T> {
    args: T,
    run: fn(&T, &mut Io<'_, '_>) -> Result<(), Error>,
}

impl<T> Once<T> {
    /// A command that runs `run` once.
    pub(crate) fn new(args: T, run: fn(&T, &mut Io<'_, '_>) -> Result<(), Error>) -> Once<T> {
        Once { args, run }
    }
}

impl<T> Step for Once<T> {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        (self.run)(&self.args, io)?;
        Ok(Next::Done(0))
    }
}
