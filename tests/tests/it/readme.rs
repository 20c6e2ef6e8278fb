//! Every command of the README works: its tour runs as it stands there, but for the port.

use std::process::Command;

use serde_json::Value;

use crate::stack::Running;

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The fenced blocks of a language, in order.
fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    readme()
        .split(&fence)
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_runs_as_it_is_written() {
    let running = Running::start().await;
    let tour = blocks("bash").join("\n");
    assert!(tour.contains("http://localhost:9000"));
    let mut script = tour.replace("http://localhost:9000", &running.stack.base_url());
    // What a reader would look at.
    script.push_str(
        "\necho ====\nadmin \"$API/metrics?from=$FROM&to=$TO\" | jq -c .totals\n\
         admin \"$API/orders/$ORDER\" | jq -c .\n\
         curl -sS \"$API/local/mailbox/$MAIL\" | grep -c '^Subject: '\n\
         admin \"$API/campaigns/$CAMPAIGN\" | jq -c .status\n",
    );
    let run = tokio::task::spawn_blocking(move || {
        Command::new("bash").args(["-euo", "pipefail", "-c", &script]).output().unwrap()
    })
    .await
    .unwrap();
    let printed = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{printed}\n{}", String::from_utf8_lossy(&run.stderr));

    let seen: Vec<&str> = printed.split("====\n").nth(1).unwrap().lines().collect();
    let totals: Value = serde_json::from_str(seen[0]).unwrap();
    assert_eq!(totals["sent"], 1);
    assert_eq!(totals["read"], 1);
    assert_eq!(totals["uniqueClicks"], 1);
    assert_eq!(
        totals["conversions"],
        serde_json::json!({"total": 1, "assisted": 0, "clickThrough": 1})
    );
    assert_eq!(totals["conversionValue"][0]["amount"], "134.80");
    let order: Value = serde_json::from_str(seen[1]).unwrap();
    assert_eq!(order["credit"]["kind"], "clickThrough");
    assert_eq!(seen[2], "1");
    assert_eq!(seen[3], "\"active\"");
    // A paused campaign's send is refused, in words.
    assert!(printed.contains("campaign-paused"), "{printed}");
}

#[test]
fn the_other_commands_are_targets_of_the_makefile() {
    let commands: Vec<String> = blocks("console")
        .iter()
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        let target =
            command.strip_prefix("make ").unwrap_or_else(|| panic!("not run by a test: {command}"));
        let plan = Command::new("make")
            .arg("-n")
            .args(target.split_whitespace())
            .current_dir(root())
            .output()
            .unwrap();
        assert!(plan.status.success(), "make {target}: {}", String::from_utf8_lossy(&plan.stderr));
    }
}

#[test]
fn the_layout_names_what_is_there() {
    for line in blocks("text")[0].lines() {
        let indent = line.len() - line.trim_start().len();
        let name = line.split_whitespace().next().unwrap();
        let under = if indent == 0 { "" } else { "functions" };
        let found =
            root().join(under).join(name).exists() || root().join("shared").join(name).exists();
        assert!(found, "{name} is not there");
    }
}
