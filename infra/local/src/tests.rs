//! Tests of the whole stack with small functions in place of the real ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod aws;
mod gateway;
mod graph;
mod stack;
mod streams;

use std::{path::Path, sync::Arc};

use tempfile::TempDir;

use crate::{
    functions::Functions,
    stack::{Options, Stack},
};

/// A directory that goes away with the test, in memory where the system has such a place.
fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

fn options(directory: &Path, functions: Functions) -> Options {
    let wiring: crate::functions::Wiring = Arc::new(move |_| {
        let functions = functions.clone();
        Box::pin(async move { Ok(functions) })
    });
    Options { wiring, ..Options::new(directory) }
}

async fn start(directory: &Path, functions: Functions) -> Stack {
    Stack::start(options(directory, functions)).await.unwrap()
}
