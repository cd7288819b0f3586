//! How renewals and the load of the store grow with the number of processes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use auth_core::{OAuth2TokenEndpoint, Scope, TokenCache};
use auth_fleet::Store;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::support::calls::{Call, Kind, Measured};
use crate::support::issuer::{Issuer, endpoint};
use crate::support::percentiles::Percentiles;
use crate::support::redis_server::Server;
use crate::support::report::Report;
use crate::support::{customer, file_store, folder, redis_store, server};

/// Marks a process that was started by another one: the store and the issuer.
const CHILD: &str = "AUTH_FLEET_BENCH_CHILD";

/// Scopes that all processes use.
const SCOPES: usize = 200;

/// The lifetime of tokens in seconds; they are renewed after 3.3 to 3.5 seconds.
const LIFETIME: u64 = 5;

/// How often a process asks for the token of each scope.
const EVERY: Duration = Duration::from_millis(250);

/// When the processes ask for the token of the last scope for the first time, so that renewals are spread.
const SPREAD: Duration = Duration::from_millis(3_400);

/// After the start, before anything is counted.
const WARM_UP: Duration = Duration::from_secs(5);

/// While calls are counted.
const COUNTED: Duration = Duration::from_secs(20);

pub(crate) fn measure() {
    let header = [
        "",
        "processes",
        "requests/s",
        "takes/s",
        "waits/s",
        "alone",
        "adds, 50 %, ms",
        "adds, 99 %, ms",
        "takes, 50 %, ms",
        "takes, 99 %, ms",
        "commands per call",
        "CPU of redis-server",
        "errors",
    ];
    let title = format!("{SCOPES} scopes that all processes use, tokens of {LIFETIME} s, issuer takes 20 ms");
    let mut report = Report::new(title, &header);
    for processes in [1, 2, 10, 25, 50] {
        let server = server();
        let row = run(&server.url(), processes, Some(&server));
        add(&mut report, "Redis", processes, &row);
    }
    for processes in [1, 10, 50] {
        let folder = folder();
        let row = run(&format!("folder:{}/store", folder.path().display()), processes, None);
        add(&mut report, "files", processes, &row);
    }
}

/// What all processes did together while it was counted.
struct Counted {
    /// What each kind of call took or, for those that requested a token, added, in milliseconds.
    calls: [Percentiles; 4],
    commands: Option<f64>,
    /// Seconds of processor time.
    processor: Option<f64>,
    errors: usize,
}

fn add(report: &mut Report, store: &str, processes: usize, row: &Counted) {
    let [led, took, waited, alone] = &row.calls;
    let seconds = COUNTED.as_secs_f64();
    let rate = |calls: &Percentiles| format!("{:.1}", calls.count() as f64 / seconds);
    let calls = led.count() + took.count() + waited.count();
    let [led_middle, led_slow, _] = led.cells();
    let [took_middle, took_slow, _] = took.cells();
    report.row([
        store.to_owned(),
        processes.to_string(),
        rate(led),
        rate(took),
        rate(waited),
        alone.count().to_string(),
        led_middle,
        led_slow,
        took_middle,
        took_slow,
        row.commands.map(|commands| format!("{:.1}", commands / calls as f64)).unwrap_or_default(),
        row.processor.map(|processor| format!("{:.1} %", processor / seconds * 100.0)).unwrap_or_default(),
        row.errors.to_string(),
    ]);
}

fn run(store: &str, processes: usize, server: Option<&Server>) -> Counted {
    let issuer = Issuer::start(Duration::from_millis(20), LIFETIME);
    let mut children: Vec<_> = (0..processes).map(|_| start(store, &issuer)).collect();
    for (child, output) in &mut children {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "{child:?}");
    }
    for (child, _) in &mut children {
        child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
    std::thread::sleep(WARM_UP);
    let before = server.map(usage);
    std::thread::sleep(COUNTED);
    let after = server.map(usage);
    let (mut millis, mut errors) = ([vec![], vec![], vec![], vec![]], 0);
    for (mut child, mut output) in children {
        let mut text = String::new();
        output.read_to_string(&mut text).unwrap();
        assert!(child.wait().unwrap().success());
        for line in text.lines() {
            let (kind, figure) = line.split_once(' ').unwrap();
            match "LTWA".find(kind) {
                Some(index) => millis[index].push(figure.parse().unwrap()),
                None => errors += figure.parse::<usize>().unwrap(),
            }
        }
    }
    let difference = |index: usize| Some(after?[index] - before?[index]);
    let calls = millis.map(Percentiles::of_millis);
    Counted { calls, commands: difference(0), processor: difference(1), errors }
}

fn start(store: &str, issuer: &Issuer) -> (Child, BufReader<ChildStdout>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(CHILD, format!("{store} {}", issuer.url())).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

/// Commands that a server has executed for clients (without those that scripts call), and the seconds of processor time that it
/// has used.
fn usage(server: &Server) -> [f64; 2] {
    let text: String = redis::from_redis_value(server.command(&["INFO", "everything"])).unwrap();
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap_or("0");
    let number = |name: &str| field(name).trim().parse::<f64>().unwrap();
    let calls = |command: &str| {
        let line = field(&format!("cmdstat_{command}"));
        line.strip_prefix("calls=").and_then(|rest| rest.split(',').next()?.parse::<f64>().ok()).unwrap_or_default()
    };
    let sent = ["evalsha", "subscribe", "unsubscribe", "script|load", "script"].map(calls).iter().sum();
    [sent, number("used_cpu_sys") + number("used_cpu_user")]
}

/// Runs this process as one of many, if it was started as such.
pub(crate) fn is_child() -> bool {
    let Ok(task) = std::env::var(CHILD) else { return false };
    let (store, issuer) = task.split_once(' ').unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    match store.strip_prefix("folder:") {
        Some(folder) => work(&runtime, Measured::new(endpoint(issuer), file_store(folder.as_ref()))),
        None => {
            let store = runtime.block_on(redis_store(store));
            work(&runtime, Measured::new(endpoint(issuer), store));
        }
    }
    true
}

#[allow(clippy::print_stdout, reason = "the parent process reads it")]
fn work<S: Store>(runtime: &Runtime, measured: Measured<OAuth2TokenEndpoint, S>) {
    let cache = TokenCache::new(measured.clone());
    let scopes: Vec<_> = (0..SCOPES).map(customer).collect();
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let errors = runtime.block_on(async {
        let began = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, scope) in scopes.into_iter().enumerate() {
            tasks.spawn(ask(cache.clone(), scope, began, SPREAD * number as u32 / SCOPES as u32));
        }
        tokio::time::sleep_until((began + WARM_UP).into()).await;
        measured.calls();
        tasks.join_all().await.into_iter().sum::<usize>()
    });
    for Call { kind, took, issuer, .. } in measured.calls() {
        let (letter, added) = match kind {
            Kind::Led => ("L", took - issuer),
            Kind::Took => ("T", took),
            Kind::Waited => ("W", took),
            Kind::Alone => ("A", took - issuer),
        };
        println!("{letter} {}", added.as_secs_f64() * 1e3);
    }
    println!("errors {errors}");
}

/// Asks for the token of a scope again and again. Returns how often there was none while it was counted.
async fn ask(cache: TokenCache, scope: Scope, began: Instant, first: Duration) -> usize {
    let mut errors = 0;
    tokio::time::sleep_until((began + first).into()).await;
    while began.elapsed() < WARM_UP + COUNTED {
        let is_counted = began.elapsed() >= WARM_UP;
        errors += usize::from(cache.access_token(&scope).await.is_err() && is_counted);
        tokio::time::sleep(EVERY).await;
    }
    errors
}
