//! Small web servers of well-known demonstrations: `agnhost` of Kubernetes' own tests, and the programs of books about it.

use super::{Io, Program};
use crate::command::{Poll, Until};
use petset_cluster::network::dns::{RecordData, RecordType};
use petset_cluster::network::http::{HttpRequest, HttpResponse};
use petset_cluster::{Duration, Instant};

/// Where the programs of the books keep what was posted.
const DATA_FILE: &str = "/var/data/kubia.txt";

/// How long `agnhost liveness` says that it is well.
const WELL: Duration = Duration::secs(10);

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Pause,
    TestWebserver,
    NetExec,
    ServeHostname,
    Liveness,
    Kubia,
    KubiaPet,
    KubiaPetPeers,
    Kiada,
    LaterKiada,
}

/// A server that answers in a few words.
#[derive(Clone)]
pub(super) struct DemoServer {
    role: Role,
    port: u16,
    started: Option<Instant>,
    ends_at: Option<Instant>,
}

impl DemoServer {
    /// `agnhost COMMAND`; none for a command that is not simulated.
    pub(super) fn agnhost(arguments: &[String]) -> Option<DemoServer> {
        let (role, port) = match arguments.get(1).map_or("pause", String::as_str) {
            "pause" => (Role::Pause, 0),
            "test-webserver" => (Role::TestWebserver, 80),
            "netexec" => (Role::NetExec, 8080),
            "serve-hostname" => (Role::ServeHostname, 9376),
            "liveness" => (Role::Liveness, 8080),
            _ => return None,
        };
        let given = arguments.iter().enumerate().find_map(|(at, argument)| {
            let argument = argument.strip_prefix("--").unwrap_or(argument);
            match argument.split_once('=') {
                Some(("port" | "http-port", port)) => port.parse().ok(),
                None if matches!(argument, "port" | "http-port") => {
                    arguments.get(at + 1)?.parse().ok()
                }
                _ => None,
            }
        });
        Some(DemoServer::new(role, given.unwrap_or(port)))
    }

    /// `node app.js`: which program it is stands in the file.
    pub(super) fn node(file: &str) -> Option<DemoServer> {
        let mut words = file.lines().next()?.trim_start_matches("// ").split(' ');
        let role = match words.next()? {
            "kubia" => Role::Kubia,
            "kubia-pet" => Role::KubiaPet,
            "kubia-pet-peers" => Role::KubiaPetPeers,
            // Its later releases answer with pages of their own.
            "kiada" => match words.next() {
                None | Some("0.1" | "latest") => Role::Kiada,
                Some(_) => Role::LaterKiada,
            },
            _ => return None,
        };
        Some(DemoServer::new(role, 8080))
    }

    fn new(role: Role, port: u16) -> DemoServer {
        DemoServer {
            role,
            port,
            started: None,
            ends_at: None,
        }
    }

    fn begin(&self, io: &mut Io<'_>) {
        let host = io.system.hostname();
        let text = match self.role {
            Role::Pause => "Paused\nSignals registered\n".to_owned(),
            Role::Kubia => "Kubia server starting...\n".to_owned(),
            Role::Kiada => format!(
                "Kiada - Kubernetes in Action Demo Application\n---------------------------------------------\nKiada 0.1 starting...\nLocal hostname is {host}\nListening on port {}\n",
                self.port
            ),
            _ => String::new(),
        };
        io.stdout.push_str(&text);
        match self.role {
            Role::ServeHostname => self.log(&format!("Serving on port {}.", self.port), io),
            Role::NetExec => self.log(&format!("Started HTTP server on port {}", self.port), io),
            _ => {}
        }
    }

    /// A line as Go's logger writes it.
    fn log(&self, text: &str, io: &mut Io<'_>) {
        let date = super::time::date_text(io, io.system.now(), "%Y/%m/%d %H:%M:%S");
        io.stderr.push_str(&format!("{date} {text}\n"));
    }

    fn data(&self, io: &mut Io<'_>) -> String {
        match io.system.read(DATA_FILE) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) => "No data posted yet".to_owned(),
        }
    }

    fn store(&self, request: &HttpRequest, io: &mut Io<'_>) -> (u16, String) {
        let host = io.system.hostname();
        if let Err(error) = io.system.write(DATA_FILE, &request.body, false) {
            return (500, format!("{DATA_FILE}: {}\n", error.message()));
        }
        if self.role == Role::KubiaPet {
            io.stdout
                .push_str("New data has been received and stored.\n");
        }
        (200, format!("Data stored on pod {host}\n"))
    }

    /// What all pods of the service hold.
    fn peers(&self, io: &mut Io<'_>) -> String {
        let host = io.system.hostname();
        let mut text = format!("You've hit {host}\nData stored in the cluster:\n");
        let Some(container) = io.system.container() else {
            return text;
        };
        let found = container.query("kubia.default.svc.cluster.local", RecordType::Srv);
        let names = found
            .answers
            .iter()
            .filter_map(|record| match &record.data {
                RecordData::Srv { target, .. } => Some(target.clone()),
                _ => None,
            });
        let names: Vec<String> = names.collect();
        if names.is_empty() {
            return text
                + "Could not look up DNS SRV records: Error: querySrv ENOTFOUND kubia.default.svc.cluster.local";
        }
        for name in names {
            let name = name.trim_end_matches('.').to_owned();
            let request = HttpRequest {
                method: "GET".to_owned(),
                host: name.clone(),
                port: self.port,
                path: "/data".to_owned(),
                ..HttpRequest::default()
            };
            let mut said = format!("Error: getaddrinfo ENOTFOUND {name} {name}:{}", self.port);
            let own = io.system.container().map(|container| container.pod_ip());
            for address in io.system.network().addresses(&name) {
                if own.as_ref() == Some(&address.to_string()) {
                    said = self.data(io);
                    break;
                }
                said = match io.system.network().request(address, &request) {
                    Ok(response) => String::from_utf8_lossy(&response.body).into_owned(),
                    Err(_) => format!("Error: connect ECONNREFUSED {address}:{}", self.port),
                };
            }
            text.push_str(&format!("- {name}: {said}\n"));
        }
        text
    }

    fn net_exec(&self, request: &HttpRequest, io: &mut Io<'_>) -> (u16, String) {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let field = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.to_owned())
        };
        self.log(&format!("GET {}", request.path), io);
        match path {
            "/" => {
                let date = super::time::date_text(io, io.system.now(), "%Y-%m-%d %H:%M:%S");
                (200, format!("NOW: {date} +0000 UTC"))
            }
            "/hostname" | "/hostName" => (200, io.system.hostname()),
            "/echo" => {
                let code = field("code").and_then(|code| code.parse().ok());
                (code.unwrap_or(200), field("msg").unwrap_or_default())
            }
            "/clientip" => (200, format!("{}:41000", request.remote_address)),
            "/serverport" => (200, self.port.to_string()),
            "/healthz" => (200, String::new()),
            "/readyz" => match self.ends_at {
                Some(_) => (503, "shutting down".to_owned()),
                None => (200, "ok".to_owned()),
            },
            _ => (404, "404 page not found\n".to_owned()),
        }
    }

    fn files(&self, request: &HttpRequest, io: &mut Io<'_>) -> (u16, String) {
        let path = request.path.split('?').next().unwrap_or("/");
        let path = super::system::absolute("/", path);
        if let Ok(bytes) = io.system.read(&path) {
            return (200, String::from_utf8_lossy(&bytes).into_owned());
        }
        match io.system.list(&path) {
            Ok(entries) => {
                let lines = entries
                    .iter()
                    .map(|entry| format!("<a href=\"{0}\">{0}</a>\n", entry.name));
                let lines: String = lines.collect();
                (
                    200,
                    format!(
                        "<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n{lines}</pre>\n"
                    ),
                )
            }
            Err(_) => (404, "404 page not found\n".to_owned()),
        }
    }
}

impl Program for DemoServer {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        let now = io.system.now();
        if self.started.is_none() {
            self.started = Some(now);
            self.begin(io);
        }
        match self.ends_at {
            Some(at) if now >= at => Poll::Done(0),
            Some(at) => Poll::Pending(Until::Time(at)),
            None => Poll::Pending(Until::Change(None)),
        }
    }

    fn signal(&mut self, signal: i32, io: &mut Io<'_>) -> Option<i32> {
        match (self.role, signal) {
            (Role::Pause, 2 | 15) => {
                let words = if signal == 2 {
                    "interrupt"
                } else {
                    "terminated"
                };
                let line = format!("exiting because of signal \"{words}\"\n");
                io.stdout.push_str(&line);
                // The last words are for whoever reads them.
                let _ = io
                    .system
                    .write("/dev/termination-log", line.as_bytes(), false);
                Some(if signal == 2 { 1 } else { 2 })
            }
            (Role::ServeHostname, 15) => {
                self.log("Shutting down after receiving signal: terminated.", io);
                self.log("Awaiting pod deletion.", io);
                self.ends_at = Some(io.system.now() + Duration::secs(60));
                None
            }
            (Role::NetExec, 15) => Some(0),
            // Go's runtime ends a program that does not handle the signal; a first process of Node goes on.
            (Role::TestWebserver | Role::Liveness, 2 | 15) => Some(2),
            _ => None,
        }
    }

    fn ports(&self) -> Vec<u16> {
        match self.started {
            Some(_) if self.port > 0 => vec![self.port],
            _ => Vec::new(),
        }
    }

    fn serve(&mut self, request: &HttpRequest, io: &mut Io<'_>) -> Option<HttpResponse> {
        let host = io.system.hostname();
        let client = request.remote_address.clone();
        let (status, body) = match self.role {
            Role::Pause => return None,
            Role::TestWebserver => self.files(request, io),
            Role::NetExec => self.net_exec(request, io),
            Role::ServeHostname => {
                self.log(&format!("HTTP request from {client}:41000"), io);
                (200, host)
            }
            Role::Liveness => {
                let since = io.system.now().since(self.started.unwrap_or_default());
                match request.path.split('?').next() {
                    Some("/healthz") if since > WELL => {
                        let seconds = since.as_millis() as f64 / 1000.0;
                        (500, format!("error: {seconds}"))
                    }
                    Some("/healthz") => (200, "ok".to_owned()),
                    Some("/started") => (200, format!("{}s", since.as_millis() as f64 / 1000.0)),
                    _ => (404, "404 page not found\n".to_owned()),
                }
            }
            Role::Kubia => {
                io.stdout
                    .push_str(&format!("Received request from ::ffff:{client}\n"));
                (200, format!("You've hit {host}\n"))
            }
            Role::KubiaPet | Role::KubiaPetPeers if request.method == "POST" => {
                self.store(request, io)
            }
            Role::KubiaPet => {
                let data = self.data(io);
                (
                    200,
                    format!("You've hit {host}\nData stored on this pod: {data}\n"),
                )
            }
            Role::KubiaPetPeers if request.path == "/data" => (200, self.data(io)),
            Role::KubiaPetPeers => (200, self.peers(io)),
            Role::LaterKiada => (
                501,
                "not simulated here: what this release of kiada answers; 0.1 is\n".to_owned(),
            ),
            Role::Kiada => {
                io.stdout.push_str(&format!(
                    "Received request for {} from ::ffff:{client}\n",
                    request.path
                ));
                (
                    200,
                    format!(
                        "Kiada version 0.1. Request processed by \"{host}\". Client IP: ::ffff:{client}\n"
                    ),
                )
            }
        };
        let header = |name: &str, value: String| (name.to_owned(), value);
        let now = super::time::date_text(io, io.system.now(), "%a, %d %b %Y %H:%M:%S GMT");
        Some(HttpResponse {
            status,
            headers: vec![
                header("Date", now),
                header("Content-Length", body.len().to_string()),
                header("Content-Type", "text/plain; charset=utf-8".to_owned()),
            ],
            body: match request.method.as_str() {
                "HEAD" => Vec::new(),
                _ => body.into_bytes(),
            },
        })
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// `node FILE`: the programs of the books are known by their files.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) arguments: Vec<String>,
    pub(super) server: Option<DemoServer>,
}

impl Program for Node {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        if self.server.is_none() {
            let Some(file) = self.arguments.get(1) else {
                return io.fail("node: not simulated here: typing JavaScript", 1);
            };
            let Some(text) = io.read("node", file) else {
                return Poll::Done(1);
            };
            self.server = DemoServer::node(&text);
        }
        match &mut self.server {
            Some(server) => server.poll(io),
            None => io.fail("node: not simulated here: JavaScript", 1),
        }
    }

    fn signal(&mut self, signal: i32, io: &mut Io<'_>) -> Option<i32> {
        self.server.as_mut()?.signal(signal, io)
    }

    fn ports(&self) -> Vec<u16> {
        self.server.as_ref().map_or_else(Vec::new, Program::ports)
    }

    fn serve(&mut self, request: &HttpRequest, io: &mut Io<'_>) -> Option<HttpResponse> {
        self.server.as_mut()?.serve(request, io)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// `stress --vm N --vm-bytes SIZE`: takes memory and keeps it.
#[derive(Clone)]
pub(super) struct Stress {
    arguments: Vec<String>,
    begun: bool,
}

impl Stress {
    pub(super) fn new(arguments: &[String]) -> Stress {
        Stress {
            arguments: arguments.to_vec(),
            begun: false,
        }
    }

    fn value(&self, names: [&str; 2]) -> Option<&str> {
        let named = |argument: &String| names.contains(&argument.as_str());
        let at = self.arguments.iter().position(named)?;
        self.arguments.get(at + 1).map(String::as_str)
    }

    fn number(&self, names: [&str; 2]) -> u64 {
        self.value(names).and_then(|n| n.parse().ok()).unwrap_or(0)
    }
}

impl Program for Stress {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        if !self.begun {
            self.begun = true;
            let (cpu, workers) = (self.number(["--cpu", "-c"]), self.number(["--vm", "-m"]));
            let size = self.value(["--vm-bytes", "--vm-bytes"]).unwrap_or("256M");
            let digits = size.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let unit = match size[digits.len()..]
                .chars()
                .next()
                .map(|c| c.to_ascii_lowercase())
            {
                Some('g') => 1 << 30,
                Some('m') => 1 << 20,
                Some('k') => 1 << 10,
                _ => 1,
            };
            let each = digits.parse::<u64>().unwrap_or(0).saturating_mul(unit);
            io.stdout.push_str(&format!(
                "stress: info: [1] dispatching hogs: {cpu} cpu, 0 io, {workers} vm, 0 hdd\n"
            ));
            if let Some(container) = io.system.container() {
                container.allocate(each.saturating_mul(workers));
            }
        }
        Poll::Pending(Until::Change(None))
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}
