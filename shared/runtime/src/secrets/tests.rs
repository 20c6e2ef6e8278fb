#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::config::Secret;
use telemetry::counted;

/// What Secrets Manager holds, and how often it was asked.
#[derive(Clone)]
struct Kept {
    text: Arc<Mutex<Option<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Kept {
    fn holding(text: &str) -> Self {
        Self { text: Arc::new(Mutex::new(Some(text.to_owned()))), asked: Arc::default() }
    }

    fn put(&self, text: Option<&str>) {
        *self.text.lock().unwrap() = text.map(str::to_owned);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn source(&self) -> Source {
        let kept = self.clone();
        Box::new(move || {
            kept.asked.fetch_add(1, Ordering::SeqCst);
            let text = kept.text.lock().unwrap().clone();
            Box::pin(async move { text.ok_or_else(|| SecretsError::Read("it is down".into())) })
        })
    }
}

const KEY: &str = "WHATSAPP_APP_SECRETS";

fn app_secrets(settings: &Settings<'_>) -> Result<Vec<Secret>, ConfigError> {
    settings.secrets(KEY)
}

fn texts(secrets: &[Secret]) -> Vec<&str> {
    secrets.iter().map(Secret::expose).collect()
}

fn json(list: &str) -> String {
    format!(r#"{{"{KEY}": "{list}"}}"#)
}

async fn opened(kept: &Kept) -> (Secrets<Vec<Secret>>, Clock) {
    let clock = Clock::manual(Instant::from_millis(0));
    let secrets = Secrets::from_source(kept.source(), clock.clone(), app_secrets).await.unwrap();
    (secrets, clock)
}

fn pass(clock: &Clock, time: Duration) {
    clock.set(after(clock.now(), time));
}

#[tokio::test]
async fn a_rotation_is_seen_without_a_restart() {
    let kept = Kept::holding(&json("old"));
    let (secrets, clock) = opened(&kept).await;
    assert_eq!(texts(&secrets.current().await), ["old"]);

    // Two are valid at once, until the sender signs with the new one everywhere.
    kept.put(Some(&json("new,old")));
    pass(&clock, REFRESH.checked_sub(Duration::from_millis(1)).unwrap());
    assert_eq!(texts(&secrets.current().await), ["old"]);
    assert_eq!(kept.asked(), 1, "nothing is asked before it is due");
    pass(&clock, Duration::from_millis(1));
    assert_eq!(texts(&secrets.clone().current().await), ["new", "old"]);
    assert_eq!(texts(&secrets.current().await), ["new", "old"]);
    assert_eq!(kept.asked(), 2, "clones share what one of them read");

    kept.put(Some(&json("new")));
    pass(&clock, REFRESH);
    assert_eq!(texts(&secrets.current().await), ["new"]);
}

#[tokio::test]
async fn what_cannot_be_read_leaves_the_old_secrets_and_is_counted() {
    let kept = Kept::holding(&json("old"));
    let (secrets, clock) = opened(&kept).await;
    let before = counted(Counter::SecretsUnreadable);
    pass(&clock, REFRESH);
    let spoilt = [None, Some("no JSON"), Some(r#"{"WHATSAPP_APP_SECRETS": 5}"#), Some("{}")];
    for (number, text) in spoilt.into_iter().enumerate() {
        kept.put(text);
        assert_eq!(texts(&secrets.current().await), ["old"], "{text:?}");
        assert_eq!(kept.asked(), number + 2, "{text:?}");
        assert_eq!(texts(&secrets.current().await), ["old"], "{text:?}");
        assert_eq!(kept.asked(), number + 2, "not asked again at once");
        pass(&clock, RETRY);
    }
    assert_eq!(counted(Counter::SecretsUnreadable) - before, 4);

    kept.put(Some(&json("new")));
    assert_eq!(texts(&secrets.current().await), ["new"]);
}

/// A source that never answers holds up nobody but the one who asked it.
#[tokio::test]
async fn one_caller_reads_and_the_others_go_on() {
    let clock = Clock::manual(Instant::from_millis(0));
    let first = Mutex::new(true);
    let source: Source = Box::new(move || {
        if std::mem::take(&mut *first.lock().unwrap()) {
            Box::pin(std::future::ready(Ok(json("old"))))
        } else {
            Box::pin(std::future::pending())
        }
    });
    let secrets = Secrets::from_source(source, clock.clone(), app_secrets).await.unwrap();
    pass(&clock, REFRESH);
    let asks = secrets.current();
    let goes_on = async {
        tokio::task::yield_now().await;
        secrets.current().await
    };
    tokio::select! {
        biased;
        _ = asks => panic!("the source answered"),
        value = goes_on => assert_eq!(texts(&value), ["old"]),
    }
}

#[tokio::test]
async fn a_function_without_its_secrets_does_not_start() {
    let clock = Clock::manual(Instant::from_millis(0));
    for (text, told) in [
        ("no JSON", "the secret is not a JSON object of texts"),
        (r#"{"WHATSAPP_APP_SECRETS": {"hunter2": 5}}"#, "the secret is not a JSON object of texts"),
        (r#"{"OTHER": "hunter2"}"#, "a setting is missing or unusable"),
    ] {
        let source = Kept::holding(text).source();
        let error = Secrets::from_source(source, clock.clone(), app_secrets).await.unwrap_err();
        assert_eq!(error.to_string(), told);
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let secrets = Secrets::fixed(Arc::new("hunter2"));
    assert!(!format!("{secrets:?}").contains("hunter2"));
}
