//! Programs that run until they are told to stop: nginx, httpd, pause, databases.

use super::network::http::reason;
use super::{Errno, FileType, Io, Program};
use crate::command::{Poll, Until};
use petset_cluster::network::http::{HttpRequest, HttpResponse};

/// A web server over the files of its root.
#[derive(Clone)]
pub(super) struct WebServer {
    /// `nginx/1.21.6`, `Apache/2.4.62`
    banner: String,
    root: String,
    ports: Vec<u16>,
    started: bool,
    requests: u64,
}

impl WebServer {
    /// nginx; its version stands in its file.
    pub(super) fn nginx() -> WebServer {
        WebServer {
            banner: "nginx".to_owned(),
            root: "/usr/share/nginx/html".to_owned(),
            ports: vec![80],
            started: false,
            requests: 0,
        }
    }

    /// Apache's server.
    pub(super) fn httpd() -> WebServer {
        WebServer {
            banner: "Apache/2.4.62 (Unix)".to_owned(),
            root: "/usr/local/apache2/htdocs".to_owned(),
            ports: vec![80],
            started: false,
            requests: 0,
        }
    }

    fn is_nginx(&self) -> bool {
        self.banner.starts_with("nginx")
    }

    fn log(&self, level: &str, text: &str, io: &mut Io<'_>) {
        let date = super::time::date_text(io, io.system.now(), "%Y/%m/%d %H:%M:%S");
        io.stderr
            .push_str(&format!("{date} [{level}] 1#1: {text}\n"));
    }

    /// Reads `listen` and `root` from the configuration.
    fn configure(&mut self, io: &mut Io<'_>) {
        if let Ok(bytes) = io
            .system
            .read("/usr/bin/nginx")
            .or_else(|_| io.system.read("/bin/nginx"))
        {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            self.banner = format!("nginx/{}", text.trim_start_matches("\u{7f}ELF"));
        }
        let mut text = String::new();
        let folder = "/etc/nginx/conf.d";
        for entry in io.system.list(folder).unwrap_or_default() {
            if entry.name.ends_with(".conf")
                && let Ok(bytes) = io.system.read(&format!("{folder}/{}", entry.name))
            {
                text.push_str(&String::from_utf8_lossy(&bytes));
                text.push('\n');
            }
        }
        let mut ports = Vec::new();
        for line in text.lines().map(str::trim) {
            let value = |name: &str| {
                line.strip_prefix(name)
                    .filter(|rest| rest.starts_with(' '))
                    .map(|rest| rest.trim().trim_end_matches(';').trim().to_owned())
            };
            if let Some(listen) = value("listen") {
                let first = listen.split_whitespace().next().unwrap_or("");
                ports.extend(first.rsplit(':').next().and_then(|p| p.parse::<u16>().ok()));
            }
            if let Some(root) = value("root") {
                self.root = root;
            }
        }
        ports.sort_unstable();
        ports.dedup();
        if !ports.is_empty() {
            self.ports = ports;
        }
    }

    fn page(&self, status: u16) -> Vec<u8> {
        let title = format!("{status} {}", reason(status));
        format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>{}</center>\r\n</body>\r\n</html>\r\n",
            self.banner
        )
        .into_bytes()
    }

    /// The file behind a path, or the status of the error and what the log says.
    fn file(&self, path: &str, io: &mut Io<'_>) -> Result<(Vec<u8>, String), (u16, String)> {
        let path = path.split('?').next().unwrap_or("/");
        let mut file = super::system::absolute("/", &format!("{}{path}", self.root));
        let is_directory = |file: &str, io: &mut Io<'_>| {
            io.system
                .stat(file)
                .is_ok_and(|m| m.file_type == FileType::Directory)
        };
        if is_directory(&file, io) {
            let directory = file.clone();
            file = format!("{directory}/index.html");
            if io.system.stat(&file).is_err() {
                let words = format!("directory index of \"{directory}/\" is forbidden");
                return Err((403, words));
            }
        }
        match io.system.read(&file) {
            Ok(bytes) => Ok((bytes, file)),
            Err(Errno::AccessDenied) => {
                let words = format!("open() \"{file}\" failed (13: Permission denied)");
                Err((403, words))
            }
            Err(error) => {
                let words = format!("open() \"{file}\" failed (2: {})", error.message());
                Err((404, words))
            }
        }
    }
}

impl Program for WebServer {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        if !self.started {
            self.started = true;
            if self.is_nginx() {
                self.configure(io);
                self.log("notice", "using the \"epoll\" event method", io);
                let banner = self.banner.clone();
                self.log("notice", &banner, io);
                self.log("notice", "OS: Linux 6.18.44", io);
                self.log("notice", "getrlimit(RLIMIT_NOFILE): 20000:20000", io);
                self.log("notice", "start worker processes", io);
                self.log("notice", "start worker process 7", io);
            }
        }
        Poll::Pending(Until::Change(None))
    }

    fn signal(&mut self, signal: i32, io: &mut Io<'_>) -> Option<i32> {
        match signal {
            2 | 3 | 15 => {
                if self.is_nginx() {
                    let (name, how) = match signal {
                        3 => ("SIGQUIT", "shutting down"),
                        2 => ("SIGINT", "exiting"),
                        _ => ("SIGTERM", "exiting"),
                    };
                    self.log(
                        "notice",
                        &format!("signal {signal} ({name}) received from 0, {how}"),
                        io,
                    );
                    self.log("notice", "exit", io);
                }
                Some(0)
            }
            _ => None,
        }
    }

    fn ports(&self) -> Vec<u16> {
        if self.started {
            self.ports.clone()
        } else {
            Vec::new()
        }
    }

    fn serve(&mut self, request: &HttpRequest, io: &mut Io<'_>) -> Option<HttpResponse> {
        self.requests += 1;
        let (status, body, kind) = match request.method.as_str() {
            "GET" | "HEAD" => match self.file(&request.path, io) {
                Ok((bytes, file)) => (200, bytes, content_type(&file)),
                Err((status, words)) => {
                    let line = format!(
                        "*{} {words}, client: {}, server: localhost, request: \"{} {} HTTP/1.1\", host: \"{}\"",
                        self.requests,
                        request.remote_address,
                        request.method,
                        request.path,
                        request.host
                    );
                    self.log("error", &line, io);
                    (status, self.page(status), "text/html")
                }
            },
            _ => (405, self.page(405), "text/html"),
        };
        let header = |name: &str| {
            request
                .headers
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map_or("-", |(_, value)| value.as_str())
        };
        let date = super::time::date_text(io, io.system.now(), "%d/%b/%Y:%H:%M:%S +0000");
        let forwarded = match self.is_nginx() {
            true => format!(" \"{}\"", header("X-Forwarded-For")),
            false => String::new(),
        };
        io.stdout.push_str(&format!(
            "{} - - [{date}] \"{} {} HTTP/1.1\" {status} {} \"{}\" \"{}\"{forwarded}\n",
            request.remote_address,
            request.method,
            request.path,
            body.len(),
            header("Referer"),
            header("User-Agent"),
        ));
        let now = super::time::date_text(io, io.system.now(), "%a, %d %b %Y %H:%M:%S GMT");
        Some(HttpResponse {
            status,
            headers: vec![
                ("Server".to_owned(), self.banner.clone()),
                ("Date".to_owned(), now),
                ("Content-Type".to_owned(), kind.to_owned()),
                ("Content-Length".to_owned(), body.len().to_string()),
                ("Connection".to_owned(), "keep-alive".to_owned()),
            ],
            body: if request.method == "HEAD" {
                Vec::new()
            } else {
                body
            },
        })
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("html" | "htm") => "text/html",
        Some("css") => "text/css",
        Some("js") => "application/javascript",
        Some("json") => "application/json",
        Some("txt") => "text/plain",
        _ => "application/octet-stream",
    }
}

/// A program that waits for its end.
#[derive(Clone)]
pub(super) struct Idle;

impl Idle {
    /// The program of pods' sandboxes.
    pub(super) fn pause() -> Idle {
        Idle
    }
}

impl Program for Idle {
    fn poll(&mut self, _io: &mut Io<'_>) -> Poll {
        Poll::Pending(Until::Change(None))
    }

    fn signal(&mut self, signal: i32, _io: &mut Io<'_>) -> Option<i32> {
        matches!(signal, 2 | 3 | 15).then_some(0)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
