//! The stand-in for Meta's Graph API as a program of its own, for a deployment that is rehearsed.
//!
//! It prints its address, and then what it would tell by webhooks: a line each, the body with its signature. Its
//! argument is the secret that they are signed with.

#![expect(clippy::print_stdout, reason = "its lines are what its caller reads")]

use local::graph::Graph;
use serde_json::json;
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let secret = Secret::new(std::env::args().nth(1).unwrap_or_default());
    let graph = Graph::start(Clock::system()).await?;
    println!("{}", graph.url());
    loop {
        graph.told().await;
        graph
            .deliver(&secret, |body, signature| async move {
                let body = String::from_utf8_lossy(&body);
                println!("{}", json!({"body": body, "signature": signature}));
                true
            })
            .await;
    }
}
