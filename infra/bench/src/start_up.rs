//! How long each Lambda binary takes from its start until it asks for its first event.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use axum::Router;
use axum::routing::get;
use tokio::process::Command;
use tokio::sync::Notify;

use crate::facts::Failure;
use crate::figure;

const BINARIES: [&str; 7] =
    ["ingest", "rollup", "metric-queries", "campaigns", "reports", "report-worker", "sender"];
const STARTS: usize = 5;
/// What WhatsApp signs with.
pub(crate) const APP_SECRET: &str = "secret";
/// No start takes this long; one that does has failed.
const LONGEST: Duration = Duration::from_secs(20);

pub(crate) async fn run() -> Result<(), Failure> {
    let engine = engine::Engine::start().await?;
    for binary in BINARIES {
        let Some(path) = beside_this_binary(binary)? else {
            figure(&format!("start-up of {binary}"), "not built", "");
            continue;
        };
        let bytes = std::fs::metadata(&path)?.len();
        let mut millis = Vec::new();
        for _ in 0..STARTS {
            millis.push(start(&path, &engine.endpoint).await?.as_secs_f64() * 1_000.0);
        }
        millis.sort_by(f64::total_cmp);
        let median = millis.get(STARTS / 2).copied().unwrap_or_default();
        let sizes = format!("{:.1} MB, median of {STARTS}, table on loopback", megabytes(bytes));
        figure(&format!("start-up of {binary}"), &format!("{median:.1} ms"), &sizes);
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "binaries have megabytes")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// A binary that was built together with this one.
pub(crate) fn beside_this_binary(name: &str) -> Result<Option<PathBuf>, Failure> {
    let path = std::env::current_exe()?.with_file_name(name);
    Ok(path.exists().then_some(path))
}

/// Starts a binary against a runtime API that never has an event, until it asks for one.
async fn start(path: &PathBuf, dynamodb: &str) -> Result<Duration, Failure> {
    let asked = Arc::new(Notify::new());
    let heard = Arc::clone(&asked);
    let next = get(move || {
        heard.notify_one();
        std::future::pending::<()>()
    });
    let router = Router::new().route("/2018-06-01/runtime/invocation/next", next);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let api = listener.local_addr()?.to_string();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let start = Stopwatch::now();
    let mut child = Command::new(path)
        .env_clear()
        .envs(environment(&api, dynamodb))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let outcome = tokio::time::timeout(LONGEST, asked.notified()).await;
    let elapsed = start.elapsed();
    child.kill().await?;
    server.abort();
    outcome.map_err(|_| format!("{} never asked for an event", path.display()))?;
    Ok(elapsed)
}

/// What Lambda and the template set.
pub(crate) fn environment<'a>(api: &'a str, dynamodb: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "bench"),
        ("AWS_SECRET_ACCESS_KEY", "bench"),
        ("AWS_ENDPOINT_URL", dynamodb),
        ("TABLE_NAME", engine::TABLE_NAME),
        ("REPORT_BUCKET", "reports"),
        ("MAIL_FROM", "reports@campaigns.example"),
        ("PUBLIC_URL", "https://campaigns.example"),
        ("WHATSAPP_APP_SECRETS", APP_SECRET),
        ("WHATSAPP_VERIFY_TOKEN", "verify"),
        ("PHONE_KEY_SECRET", "phones"),
    ]
}
