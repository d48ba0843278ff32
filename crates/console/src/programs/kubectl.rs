//! kubectl as a program of the prompt.

use super::{Io, Program, system};
use crate::command::{Command, Context, Files, Poll};
use petset_cluster::sort;

/// kubectl, once it has been started.
#[derive(Clone)]
pub(super) struct Kubectl {
    pub(super) arguments: Vec<String>,
    pub(super) command: Option<Box<dyn Command>>,
}

impl Kubectl {
    /// Lends kubectl what it reaches. In a folder it sees that folder's files alone, under their short names.
    fn with_context<T>(
        &mut self,
        io: &mut Io<'_>,
        act: impl FnOnce(&mut Kubectl, &mut Context<'_>) -> T,
    ) -> Option<T> {
        let prefix = match system::absolute("/", io.cwd).strip_prefix(super::prompt::HOME) {
            Some(folder) => folder.trim_start_matches('/').to_owned(),
            None => String::new(),
        };
        let (cluster, files) = io.system.prompt()?;
        let mut inside: Option<Files> = (!prefix.is_empty()).then(|| {
            let inside = files.iter().filter_map(|(name, text)| {
                let name = name.strip_prefix(&prefix)?.strip_prefix('/')?;
                Some((name.to_owned(), text.clone()))
            });
            sort::map(inside)
        });
        let result = act(
            self,
            &mut Context {
                cluster,
                files: inside.as_mut().unwrap_or(&mut *files),
                env: io.env,
                stdin: &mut *io.stdin,
                stdout: &mut *io.stdout,
                stderr: &mut *io.stderr,
            },
        );
        for (name, text) in inside.into_iter().flatten() {
            files.insert(format!("{prefix}/{name}"), text);
        }
        Some(result)
    }
}

impl Program for Kubectl {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        let poll = self.with_context(io, |kubectl, context| {
            let arguments = &kubectl.arguments;
            kubectl
                .command
                .get_or_insert_with(|| crate::kubectl::start(arguments, context))
                .poll(context)
        });
        match poll {
            Some(poll) => poll,
            None => io.fail("kubectl: not simulated here: kubectl in a container", 1),
        }
    }

    fn signal(&mut self, signal: i32, io: &mut Io<'_>) -> Option<i32> {
        self.with_context(io, |kubectl, context| {
            if let Some(command) = &mut kubectl.command {
                command.interrupt(context);
                command.poll(context);
            }
        });
        Some(128 + signal)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
