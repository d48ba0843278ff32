//! How much memory an hour's session takes: somebody works through the first lesson again and again, a command every
//! ten seconds, and looks at the pictures. Prints a line every ten minutes; the numbers stand in docs/page.md.
#![expect(clippy::print_stdout, reason = "a table is what this program is for")]

use petset_playground::Session;

/// What is typed, over and over.
const COMMANDS: [&str; 12] = [
    "kubectl apply -f headless-service.yaml -f statefulset.yaml",
    "kubectl get pods -o wide",
    "kubectl get pvc,pv",
    "kubectl exec nginx-ss-0 -- sh -c 'date >> /usr/share/nginx/html/log'",
    "kubectl scale statefulset nginx-ss --replicas=5",
    "kubectl describe pod nginx-ss-0",
    "kubectl delete pod nginx-ss-1",
    "kubectl get events",
    "kubectl rollout restart statefulset nginx-ss",
    "kubectl scale statefulset nginx-ss --replicas=2",
    "kubectl logs nginx-ss-0",
    "kubectl delete statefulset nginx-ss",
];

fn main() {
    let mut session = Session::with_lab3(1);
    let terminal = session.terminals()[0];
    println!("| minutes | commands | moments kept | resident MiB | saved session KiB |");
    println!("|---|---|---|---|---|");
    for step in 0..360_usize {
        if step % 60 == 0 {
            report(&session, step);
        }
        session.submit(terminal, COMMANDS[step % COMMANDS.len()]);
        for _ in 0..10_000 / 16 {
            while session.advance(16.0, 64).more {}
        }
        drop((
            session.set_views(0, 24),
            session.nodes_view(40),
            session.commentary(40),
        ));
    }
    report(&session, 360);
}

fn report(session: &Session, step: usize) {
    let moments = session.past().moments.len();
    let saved = session.save().len() / 1024;
    let resident = resident_mib();
    println!(
        "| {} | {step} | {moments} | {resident} | {saved} |",
        step / 6
    );
}

/// What this process holds now, as Linux tells; 0 elsewhere.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
