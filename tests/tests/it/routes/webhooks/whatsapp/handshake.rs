//! `GET /webhooks/whatsapp`.

use crate::store::Store;
use crate::store::functions::VERIFY_TOKEN;

#[tokio::test]
async fn the_right_token_gets_the_challenge_back_as_it_came() {
    let store = Store::open().await;
    for (sent, answered) in [
        ("1158201444", "1158201444"),
        ("007", "007"),
        ("a%2Bb%20c%3Cscript%3E", "a+b c<script>"),
        ("", ""),
    ] {
        let path = format!(
            "/webhooks/whatsapp?hub.mode=subscribe&hub.challenge={sent}&hub.verify_token={VERIFY_TOKEN}"
        );
        let answer = store.get(&path).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, answered));
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    }
}

#[tokio::test]
async fn anything_else_is_refused() {
    let store = Store::open().await;
    for query in [
        "",
        "?hub.mode=subscribe&hub.challenge=1",
        "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=",
        "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=verify-toke",
        "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=verify-tokens",
        "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=VERIFY-TOKEN",
        "?hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=verify-token",
        "?hub.challenge=1&hub.verify_token=verify-token",
        "?hub.mode=subscribe&hub.verify_token=verify-token",
        "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x&hub.verify_token=verify-token",
        "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=verify-token&hub.verify_token=x",
    ] {
        let answer = store.get(&format!("/webhooks/whatsapp{query}")).await;
        answer.is_problem(403, "handshake-refused");
    }
}
