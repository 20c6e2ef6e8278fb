//! The command itself: what it prints, how it ends.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Until then nobody thinks that it hangs.
const READY_WITHIN: Duration = Duration::from_secs(5);

fn directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

fn local(port: u16, data_dir: &Path) -> Command {
    let mut command = with_demo(port, data_dir);
    command.arg("--no-demo");
    command
}

fn with_demo(port: u16, data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(["--port", &port.to_string(), "--data-dir"]).arg(data_dir);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn base(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line.trim_end().strip_prefix("listening on http://").unwrap().to_owned()
}

/// What the child's threads have had of the processors, as `/proc` tells it in hundredths of a
/// second.
fn processor_time(child: &Child) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    // Behind the command's name, which may hold anything: eleven fields, then user and system time.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let fields = fields.split_whitespace().skip(11).take(2);
    Duration::from_millis(fields.map(|field| 10 * field.parse::<u64>().unwrap()).sum())
}

/// How long somebody has waited for a processor or a disk since the machine started; none where
/// the kernel doesn't tell it.
fn starved() -> Option<Duration> {
    let of = |what: &str| {
        let told = std::fs::read_to_string(format!("/proc/pressure/{what}")).ok()?;
        told.lines().next()?.rsplit_once("total=")?.1.parse().ok()
    };
    Some(Duration::from_micros(of("cpu")?) + Duration::from_micros(of("io")?))
}

#[test]
fn it_is_ready_within_five_seconds_and_ctrl_c_ends_it_cleanly() {
    let directory = directory();
    for _ in 0..2 {
        let (before, started) = (starved(), Instant::now());
        let mut child = local(0, directory.path()).spawn().unwrap();
        let address = base(&mut child);
        // Of a machine of its own: what a busy one gives to others is no delay of the stack's.
        let (elapsed, worked) = (started.elapsed(), processor_time(&child));
        assert!(worked < READY_WITHIN, "{worked:?} of work");
        if let Some((before, after)) = before.zip(starved()) {
            let own = elapsed.saturating_sub(after.saturating_sub(before));
            assert!(own < READY_WITHIN, "{own:?} of {elapsed:?}");
        }
        let mut connection = TcpStream::connect(&address).unwrap();
        write!(connection, "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

        assert!(
            Command::new("kill")
                .args(["-INT", &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
        assert!(!String::from_utf8_lossy(&ended.stderr).contains("panicked"), "{ended:?}");
    }
}

#[test]
fn a_port_in_use_is_told_with_exit_code_1() {
    let directory = directory();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let ended = local(port, directory.path()).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(told.contains(&format!("port {port} is in use")), "{told}");
    assert!(ended.stdout.is_empty());
}

#[test]
fn without_a_terminal_the_demo_stores_load_is_told_in_two_lines() {
    let directory = directory();
    let mut child = with_demo(0, directory.path()).spawn().unwrap();
    let told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut lines = Vec::new();
    for line in told {
        let last = line.contains("the demo store is");
        if line.contains("the demo store") {
            lines.push(line);
        }
        if last {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].starts_with("the demo store is loaded, after "), "{lines:?}");
    let events = lines[0].strip_prefix("loading the demo store: ").unwrap();
    let events: usize = events.strip_suffix(" events").unwrap().parse().unwrap();
    assert!(events > 2_000, "{events}");
}
