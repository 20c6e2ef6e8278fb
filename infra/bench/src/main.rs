//! Measures what matters to whoever runs this: `make bench`. Every figure names its sizes; none
//! is a threshold, since machines differ.
//!
//! The table is the embedded engine in memory, so figures of throughput tell what our code and
//! that engine cost together, not what `DynamoDB` does.

#![expect(clippy::print_stdout, reason = "printing figures is what this command is for")]

mod facts;
mod http_call;
mod metrics_latency;
mod receipt_cpu;
mod receipts;
mod report;
mod sends;
mod start_up;
mod stream;

use std::error::Error;

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        // The report is built in a process of its own, whose memory is measured.
        ["report-process", dynamodb, s3, ses, rows, format] => {
            report::in_process((dynamodb, s3, ses), rows, format).await
        }
        ["sends-process", dynamodb, has_phones, old, minutes, accounts] => {
            sends::in_process(dynamodb, has_phones, old, (minutes, accounts)).await
        }
        [] => all().await,
        one => only(one).await,
    }
}

async fn all() -> Outcome {
    only(&["receipts", "receipt-cpu", "stream", "sends", "metrics", "report", "start-up"]).await
}

async fn only(names: &[&str]) -> Outcome {
    for name in names {
        match *name {
            "receipts" => receipts::run().await?,
            "receipt-cpu" => receipt_cpu::run().await?,
            "stream" => stream::run().await?,
            "sends" => sends::run().await?,
            "metrics" => metrics_latency::run().await?,
            "report" => report::run().await?,
            "start-up" => start_up::run().await?,
            other => return Err(format!("there is no measurement called {other}").into()),
        }
    }
    Ok(())
}

/// One line of the result.
fn figure(name: &str, value: &str, sizes: &str) {
    println!("{name:<38} {value:>16}   {sizes}");
}

/// How many a second.
#[expect(clippy::cast_precision_loss, reason = "counts of a measurement are small")]
fn rate(count: usize, seconds: f64) -> String {
    format!("{:.0}/s", count as f64 / seconds)
}
