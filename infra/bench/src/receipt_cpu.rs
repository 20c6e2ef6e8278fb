//! What the ingest binary has of a processor for one receipt, called as Lambda calls it.
//!
//! Its process is measured alone: events and table are this process's. The table is reached without
//! TLS, which would add the same to each call.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Value, json};
use shared::runtime::config::Secret;
use shared::web::signature::sign_hub;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};

use crate::facts::{self, Failure};
use crate::start_up::{APP_SECRET, beside_this_binary, environment};
use crate::{figure, receipts};

const BINARY: &str = "ingest";
/// Receipts of one call and how many calls are measured.
const SHAPES: [(usize, usize); 2] = [(1, 4_000), (100, 100)];
/// Calls before the measurement: after them caches are filled and connections are open.
const FIRST_CALLS: usize = 20;
/// How many receipts callgrind counts, some fifty times slower than they run.
const COUNTED_RECEIPTS: usize = 200;
/// All calls of one process take less, under callgrind, too; a process that takes longer has failed.
const LONGEST: Duration = Duration::from_mins(10);

pub(crate) async fn run() -> Result<(), Failure> {
    let Some(binary) = beside_this_binary(BINARY)? else {
        figure("CPU of a receipt", "not built", "");
        return Ok(());
    };
    let engine = engine::Engine::start().await?;
    facts::set_up(&engine.table(), 1).await?;
    let mut events = Events::default();
    for (a_call, calls) in SHAPES {
        let mut function = Function::start(Command::new(&binary), &engine.endpoint).await?;
        function.call(events.next(FIRST_CALLS, a_call)).await?;
        let before = function.processor_time()?;
        function.call(events.next(calls, a_call)).await?;
        let spent = function.processor_time()?.saturating_sub(before);
        function.end().await?;
        let millis = spent.as_secs_f64() * 1_000.0 / as_f64(a_call * calls);
        let sizes = format!("user and system, {calls} calls of {a_call}, table on loopback");
        figure("CPU of a receipt", &format!("{millis:.3} ms"), &sizes);
    }
    for (a_call, _) in SHAPES {
        let sizes = format!("{a_call} a call, counted by callgrind, SHA without its instructions");
        let counted = match instructions(&binary, &engine.endpoint, &mut events, a_call).await? {
            Some(count) => format!("{count:.0}"),
            None => "no valgrind".to_owned(),
        };
        figure("instructions of a receipt", &counted, &sizes);
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts of a measurement are small")]
fn as_f64(count: usize) -> f64 {
    count as f64
}

/// Instructions of one receipt: what a process with some more calls executes beyond one with fewer.
/// None where there is no valgrind.
async fn instructions(
    binary: &Path,
    dynamodb: &str,
    events: &mut Events,
    a_call: usize,
) -> Result<Option<f64>, Failure> {
    let calls = COUNTED_RECEIPTS / a_call;
    let Some(fewer) = executed(binary, dynamodb, events.next(calls, a_call)).await? else {
        return Ok(None);
    };
    let Some(more) = executed(binary, dynamodb, events.next(2 * calls, a_call)).await? else {
        return Ok(None);
    };
    Ok(Some((more - fewer) / as_f64(a_call * calls)))
}

/// Instructions of a whole process that answers these calls; none where there is no valgrind.
async fn executed(
    binary: &Path,
    dynamodb: &str,
    events: Vec<String>,
) -> Result<Option<f64>, Failure> {
    let told = std::env::temp_dir().join(format!("bench-callgrind.{}", std::process::id()));
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", told.display()));
    valgrind.arg(binary);
    let mut function = match Function::start(valgrind, dynamodb).await {
        Ok(function) => function,
        Err(error) if is_not_found(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    function.call(events).await?;
    function.end().await?;
    let text = std::fs::read_to_string(&told)?;
    std::fs::remove_file(&told)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(Some(total.ok_or("callgrind told no total")?.trim().parse()?))
}

fn is_not_found(error: &Failure) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// Makes events of API Gateway, each with a webhook of receipts that no other one has.
#[derive(Default)]
struct Events {
    made: usize,
}

impl Events {
    fn next(&mut self, calls: usize, a_call: usize) -> Vec<String> {
        let bodies = self.made..self.made + calls;
        self.made += calls;
        bodies.map(|number| event(&receipts::body(number, a_call))).collect()
    }
}

fn event(body: &str) -> String {
    json!({
        "version": "2.0",
        "routeKey": "POST /webhooks/whatsapp",
        "rawPath": "/webhooks/whatsapp",
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            "host": "campaigns.example",
            "user-agent": "facebookexternalua",
            "x-forwarded-proto": "https",
            "x-hub-signature-256": sign_hub(&Secret::new(APP_SECRET), body.as_bytes()),
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "bench",
            "domainName": "campaigns.example",
            "http": {
                "method": "POST", "path": "/webhooks/whatsapp", "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "facebookexternalua",
            },
            "requestId": "bench",
            "routeKey": "POST /webhooks/whatsapp",
            "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1_795_348_800_000_i64,
        },
        "body": body,
        "isBase64Encoded": false,
    })
    .to_string()
}

/// A function's process and the runtime API that it asks for events.
struct Function {
    process: Child,
    events: mpsc::UnboundedSender<String>,
    answers: mpsc::UnboundedReceiver<Answered>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// Whether a call succeeded, or what was answered instead.
type Answered = Result<(), String>;

/// What the runtime API's routes work with.
#[derive(Clone)]
struct RuntimeApi {
    events: Arc<Mutex<mpsc::UnboundedReceiver<String>>>,
    answers: mpsc::UnboundedSender<Answered>,
}

impl Function {
    async fn start(mut command: Command, dynamodb: &str) -> Result<Self, Failure> {
        let (events, to_be_taken) = mpsc::unbounded_channel();
        let (answered, answers) = mpsc::unbounded_channel();
        let api = RuntimeApi { events: Arc::new(Mutex::new(to_be_taken)), answers: answered };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next_event))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(take_answer))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(take_answer))
            .with_state(api);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let process = command
            .env_clear()
            .envs(environment(&address, dynamodb))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { process, events, answers, server })
    }

    /// Hands the events over, one after the other, and waits until all are answered.
    async fn call(&mut self, events: Vec<String>) -> Result<(), Failure> {
        let count = events.len();
        for event in events {
            self.events.send(event)?;
        }
        let answers = &mut self.answers;
        let all = async {
            for _ in 0..count {
                answers.recv().await.unwrap_or(Err("no more answers".to_owned()))?;
            }
            Ok::<(), String>(())
        };
        tokio::select! {
            outcome = tokio::time::timeout(LONGEST, all) => Ok(outcome??),
            ended = self.process.wait() => Err(format!("the function ended: {}", ended?).into()),
        }
    }

    /// What the process's threads have had of the processors, as `/proc` tells it in hundredths of
    /// a second.
    fn processor_time(&self) -> Result<Duration, Failure> {
        let id = self.process.id().ok_or("the function has ended")?;
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
        // Behind the command's name, which may hold anything: eleven fields, then user and system time.
        let (_, fields) = stat.rsplit_once(')').ok_or("a stat without a name")?;
        let mut hundredths = 0;
        for field in fields.split_whitespace().skip(11).take(2) {
            hundredths += field.parse::<u64>()?;
        }
        Ok(Duration::from_millis(10 * hundredths))
    }

    /// Ends the process as Lambda does, so that callgrind writes what it counted.
    async fn end(mut self) -> Result<(), Failure> {
        let id = self.process.id().ok_or("the function has ended")?;
        Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        tokio::time::timeout(LONGEST, self.process.wait()).await??;
        self.server.abort();
        Ok(())
    }
}

async fn next_event(State(api): State<RuntimeApi>) -> Response {
    let Some(event) = api.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "bench"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:bench",
        ),
    ];
    (headers, event).into_response()
}

async fn take_answer(State(api): State<RuntimeApi>, answer: String) -> StatusCode {
    let status = serde_json::from_str::<Value>(&answer)
        .ok()
        .and_then(|answer| answer.get("statusCode")?.as_u64());
    let answered = if status == Some(200) { Ok(()) } else { Err(answer) };
    // Nobody listens any more where the measurement has failed already.
    drop(api.answers.send(answered));
    StatusCode::ACCEPTED
}
