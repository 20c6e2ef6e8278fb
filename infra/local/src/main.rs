//! The local stack's command: `cargo run -p local -- [--port N|0] [--data-dir DIR] [--no-demo]`.

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::Parser;
use local::stack::{Options, Stack};
use shared::runtime::clock::Clock;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The engine warns of every refused call, failed conditions included, which are our daily bread.
const DEFAULT_LOG: &str = "warn,dynoxide=error";

/// Everything that is deployed, in one process on this machine.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 9000)]
    port: u16,
    /// Where all data is kept, across restarts.
    #[arg(long, default_value = ".local")]
    data_dir: PathBuf,
    /// Start without loading the demo store.
    #[arg(long)]
    no_demo: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| DEFAULT_LOG.into()),
        )
        .with_writer(std::io::stderr)
        .init();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the line that tells that the stack is ready is its contract"
)]
async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let progress_file = arguments.data_dir.join("demo-store.json");
    let stack =
        Stack::start(Options { port: arguments.port, ..Options::new(arguments.data_dir) }).await?;
    // Before the line: whoever reads it may end the stack at once.
    let mut stop = StopSignals::listen()?;
    println!("listening on {}", stack.base_url());
    let base_url = stack.base_url();
    let demo = (!arguments.no_demo).then(|| {
        tokio::spawn(async move {
            if let Err(error) =
                local::demo::load(&base_url, &progress_file, Clock::system().now()).await
            {
                tracing::error!(%error, "the demo store is not complete");
            }
        })
    });
    stop.any().await;
    if let Some(demo) = demo {
        demo.abort();
    }
    stack.shutdown().await;
    Ok(())
}

/// Ctrl-C, or what `kill` sends. Listened for from the moment that this is made.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn listen() -> std::io::Result<Self> {
        let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
        Ok(Self { interrupt: signal(interrupt)?, terminate: signal(terminate)? })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[expect(clippy::print_stderr, reason = "a command tells on standard error why it failed")]
fn report(error: &dyn Error) {
    eprintln!("local: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        eprintln!("  because {cause}");
        source = cause.source();
    }
}
