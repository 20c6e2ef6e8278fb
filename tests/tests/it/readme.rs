//! Every command of the README works: its tour runs as it stands there, but for the port.

use std::process::Command;

use serde_json::Value;
use shared::domain::facts::decision::Reason;

use crate::stack::Running;

/// As many reasons as [`Reason`] has.
const REASONS: usize = Reason::Erased as usize + 1;

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The fenced blocks with their languages, in order.
fn all_blocks() -> Vec<(String, String)> {
    let text = readme();
    let mut lines = text.lines();
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            let block: Vec<&str> =
                lines.by_ref().take_while(|line| line.trim_start() != "```").collect();
            blocks.push((language.to_owned(), block.join("\n")));
        }
    }
    blocks
}

/// The fenced blocks of a language, in order.
fn blocks(language: &str) -> Vec<String> {
    let blocks = all_blocks().into_iter();
    blocks.filter(|(of, _)| of == language).map(|(_, block)| block).collect()
}

/// The one block that holds a text.
fn block_with(text: &str) -> String {
    let mut found = blocks("sh").into_iter().filter(|block| block.contains(text));
    let block = found.next().unwrap();
    assert!(found.next().is_none(), "{text}");
    block
}

fn bash(script: &str) -> String {
    let run = Command::new("bash").args(["-euo", "pipefail", "-c", script]).output().unwrap();
    let printed = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{printed}\n{}", String::from_utf8_lossy(&run.stderr));
    printed
}

/// Each language's blocks are run by one of these tests; the operator's commands by those of `ops`.
#[test]
fn no_block_goes_unrun() {
    for (language, block) in all_blocks() {
        match language.as_str() {
            "bash" | "console" | "text" => {}
            "sh" => {
                let run = [
                    "aws secretsmanager",
                    "/account/vtex",
                    "/account/whatsapp",
                    "/carts/$STORE",
                    "cargo run -p ops",
                ];
                assert!(
                    run.iter().any(|known| block.contains(known)),
                    "not run by a test: {block}"
                );
            }
            _ => panic!("a block of another language: {language}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_that_connects_a_vtex_store_connects_it() {
    let (running, vtex) = crate::vtex::start().await;
    let store = running.store("readme-vtex", "America/Sao_Paulo", 1).await;
    let block = block_with("/account/vtex")
        .replace("vtexappkey-…", vtex_stand_in::APP_KEY)
        .replace("…", vtex_stand_in::APP_TOKEN);
    let script = format!("API={}\nTOKEN={}\n{block}", running.url(""), store.token);
    let printed = tokio::task::spawn_blocking(move || bash(&script)).await.unwrap();
    let answer: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(answer["hookUrl"], running.url("/webhooks/vtex/readme-vtex"), "{printed}");
    assert_eq!(vtex.hook().unwrap()["hook"]["url"], answer["hookUrl"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_that_connects_whatsapp_connects_it() {
    let running = Running::start().await;
    let store = running.store("readme-whatsapp", "America/Sao_Paulo", 1).await;
    running.stack.graph().add_number("102290129340398", "106540352242922");
    let block = block_with("/account/whatsapp").replace('…', local::graph::TOKEN);
    let script = format!("API={}\nTOKEN={}\n{block}", running.url(""), store.token);
    let printed = tokio::task::spawn_blocking(move || bash(&script)).await.unwrap();
    let answer: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(answer["verifiedName"], "Loja Exemplo", "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_that_tells_of_a_cart_is_taken() {
    let running = Running::start().await;
    running.store("readme-carts", "America/Sao_Paulo", 1).await;
    let block = block_with("/carts/$STORE").replace("curl", "curl -s -w '%{http_code}'");
    let script = format!("API={}\nSTORE=readme-carts\n{block}", running.url(""));
    let printed = tokio::task::spawn_blocking(move || bash(&script)).await.unwrap();
    assert_eq!(printed, "202");
}

/// Each line of the table of what phones do is taken by the stand-in, and so is each of the other bodies.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_readme_lets_phones_do_is_done() {
    let running = Running::start().await;
    let post = async |path: &str, body: &str| {
        let request = running.http.post(running.url(path)).body(body.to_owned());
        request.header("content-type", "application/json").send().await.unwrap().status()
    };
    let text = readme();
    let mut acts = 0;
    for line in text.lines().filter(|line| line.starts_with("| `{\"act\"")) {
        let body = line.split('`').nth(1).unwrap();
        let status = post("/local/whatsapp", body).await;
        // No message and no template is there yet.
        let expected = if body.contains("number") { 204 } else { 404 };
        assert_eq!(status, expected, "{body}");
        acts += 1;
    }
    assert_eq!(acts, 8);
    for path in ["faults", "delivery"] {
        let path = format!("/local/whatsapp/{path}");
        let (_, rest) = text.split_once(&format!("`POST {path} ")).unwrap();
        let (body, _) = rest.split_once('`').unwrap();
        assert_eq!(post(&path, body).await, 204, "{body}");
    }
    assert_eq!(post("/local/whatsapp/deliver", "").await, 204);
}

/// The table of reasons names each that there is, once, in words of the API.
#[test]
fn the_reasons_are_those_of_the_gate() {
    let text = readme();
    let (_, rest) = text.split_once("### Why a cart isn't reminded of").unwrap();
    let (table, _) = rest.split_once("\n\nThe next sign of life").unwrap();
    let words = table.lines().filter(|line| line.starts_with("| `")).flat_map(|line| {
        let cell = line.trim_start_matches("| ").split(" | ").next().unwrap();
        cell.split(", ").map(|word| word.trim_matches('`').to_owned()).collect::<Vec<_>>()
    });
    let told: Vec<Reason> = words.map(|word| Reason::of_word(&word).expect(&word)).collect();
    let mut all = told.clone();
    all.sort_unstable();
    all.dedup();
    assert_eq!((told.len(), all.len()), (REASONS, REASONS));
}

/// With a stand-in for AWS's command: what it would keep is what the functions read.
#[test]
fn the_secret_of_a_deployment_holds_what_the_functions_read() {
    let block = block_with("aws secretsmanager");
    let kept = bash(&format!("aws() {{ printf %s \"${{@: -1}}\"; }}\n{block}"));
    let kept: Value = serde_json::from_str(&kept).unwrap();
    let names: Vec<&String> = kept.as_object().unwrap().keys().collect();
    assert_eq!(names, ["PHONE_KEY_SECRET", "WHATSAPP_APP_SECRETS", "WHATSAPP_VERIFY_TOKEN"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_runs_as_it_is_written() {
    let running = Running::start().await;
    let tour = blocks("bash").join("\n");
    assert!(tour.contains("http://localhost:9000"));
    let mut script = tour.replace("http://localhost:9000", &running.stack.base_url());
    // What a reader would look at.
    script.push_str(
        // The last message is of an hour later, which may be tomorrow.
        "\necho ====\nTO=$(date -u -d '2 days' +%F)\n\
         admin \"$API/metrics?from=$FROM&to=$TO\" | jq -c .totals\n\
         admin \"$API/orders/$ORDER\" | jq -c .\n\
         curl -sS \"$API/local/mailbox/$MAIL\" | grep -c '^Subject: '\n\
         admin \"$API/campaigns/$CAMPAIGN\" | jq -c .status\n\
         admin \"$API/metrics?from=$FROM&to=$TO&campaignId=$LEFT\" | jq -c .funnel\n\
         phone 5511985550107 | jq -c 'map(.statuses)'\n\
         phone 5511985550108 | jq length\n\
         admin \"$API/orders/${ORDER}2\" | jq -c .credit.kind\n",
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
    // One was sent by the store's own sender, two by the system.
    assert_eq!(totals["sent"], 3);
    assert_eq!(totals["read"], 2);
    assert_eq!(totals["uniqueClicks"], 2);
    assert_eq!(
        totals["conversions"],
        serde_json::json!({"total": 2, "assisted": 0, "clickThrough": 2})
    );
    assert_eq!(totals["conversionValue"][0]["amount"], "269.60");
    let order: Value = serde_json::from_str(seen[1]).unwrap();
    assert_eq!(order["credit"]["kind"], "clickThrough");
    assert_eq!(seen[2], "1");
    assert_eq!(seen[3], "\"active\"");
    let funnel: Value = serde_json::from_str(seen[4]).unwrap();
    assert_eq!(funnel["carts"], 3, "{funnel}");
    assert_eq!(funnel["accepted"], 2, "{funnel}");
    assert_eq!(funnel["skipped"], serde_json::json!([{"reason": "cooldown", "count": 1}]));
    assert_eq!(seen[5], r#"[["sent","delivered","read"]]"#);
    assert_eq!(seen[6], "1");
    // Paused, resumed and put off, then an hour later; and why it waited.
    let (_, paused) = printed.split_once("\npaused\n").unwrap();
    let phones: Vec<&str> = paused.lines().filter(|line| ["0", "1"].contains(line)).collect();
    assert_eq!(phones[..3], ["0", "0", "1"], "{paused}");
    for told in [
        "\"state\": \"waiting\"",
        "\"heldBy\": \"campaign-paused\"",
        "\"campaign\": \"campaign-paused\"",
        "\"switches\": \"passes\"",
        "\"send\": \"accepted\"",
    ] {
        assert!(paused.contains(told), "{told}: {paused}");
    }
    assert_eq!(seen[7], "\"clickThrough\"");
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

#[test]
fn the_architecture_names_what_is_there() {
    let text = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    // Words in backticks that are paths of this repository.
    let tops = ["admin/", "functions/", "infra/", "shared/", "tests/", "template.yaml"];
    let named: Vec<&str> =
        text.split('`').filter(|word| tops.iter().any(|top| word.starts_with(top))).collect();
    assert!(named.len() > 20, "{named:?}");
    for path in named {
        assert!(root().join(path).exists(), "{path} is not there");
    }
}
