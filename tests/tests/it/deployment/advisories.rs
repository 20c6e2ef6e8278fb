//! The advisory database is asked where it can be fetched, and where not nobody believes that it was.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::root;

/// Runs the check with a cargo whose `deny fetch` and `deny check` end so: whether it passes, what it
/// prints, and what it called.
fn advisories(fetch: i32, check: i32) -> (bool, String, String) {
    let directory = tempfile::tempdir().unwrap();
    let (cargo, calls) = (directory.path().join("cargo"), directory.path().join("calls"));
    let script = format!(
        "#!/bin/sh\necho \"$*\" >> '{}'\ncase \"$*\" in *fetch*) exit {fetch} ;; *) exit {check} ;; esac\n",
        calls.display()
    );
    std::fs::write(&cargo, script).unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", directory.path().display(), std::env::var("PATH").unwrap());
    let run =
        Command::new(root().join("infra/checks/advisories.sh")).env("PATH", path).output().unwrap();
    let printed = String::from_utf8(run.stdout).unwrap();
    (run.status.success(), printed, std::fs::read_to_string(calls).unwrap())
}

#[test]
fn a_vulnerability_fails_the_check() {
    let (passed, _, calls) = advisories(0, 1);
    assert!(!passed && calls.ends_with("check advisories\n"), "{calls}");
    let (passed, printed, calls) = advisories(0, 0);
    assert!(passed && !printed.contains("NOT CHECKED"), "{printed}");
    assert_eq!(calls.lines().count(), 2, "{calls}");
}

#[test]
fn it_says_so_where_the_database_cannot_be_fetched() {
    let (passed, printed, calls) = advisories(1, 0);
    assert!(passed && printed.contains("NOT CHECKED"), "{printed}");
    assert!(!calls.contains("check"), "{calls}");
}

#[test]
fn ci_runs_it() {
    let ci = std::fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(ci.lines().any(|line| line == "infra/checks/advisories.sh"), "{ci}");
}
