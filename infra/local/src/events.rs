//! `EventBridge`'s default bus, as far as SES uses it, and the rules of template.yaml on it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::{
    functions::{EventHandler, Functions},
    template::{EventRule, Template},
};

/// Events that wait to be delivered.
#[derive(Debug, Default)]
pub(crate) struct Bus {
    waiting: Mutex<VecDeque<Value>>,
    came: Notify,
}

impl Bus {
    /// Takes an event.
    pub(crate) fn put(&self, event: Value) {
        // A panic while pushing leaves the queue whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
        self.came.notify_one();
    }

    fn next(&self) -> Option<Value> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// The rules whose functions are wired.
pub(crate) struct Rules {
    delivery: Arc<Delivery>,
    running: JoinHandle<()>,
}

struct Delivery {
    bus: Arc<Bus>,
    targets: Vec<(EventRule, EventHandler)>,
    /// One at a time, so that who waits for it finds all events handled.
    turn: tokio::sync::Mutex<()>,
}

impl Rules {
    /// Starts delivering.
    pub(crate) fn start(template: &Template, functions: &Functions, bus: Arc<Bus>) -> Self {
        let targets = template
            .rules
            .iter()
            .filter_map(|rule| {
                Some((rule.clone(), Arc::clone(functions.events.get(&rule.function)?)))
            })
            .collect();
        let delivery = Arc::new(Delivery { bus, targets, turn: tokio::sync::Mutex::default() });
        let running = tokio::spawn({
            let delivery = Arc::clone(&delivery);
            async move {
                loop {
                    delivery.bus.came.notified().await;
                    delivery.deliver().await;
                }
            }
        });
        Self { delivery, running }
    }

    /// Delivers what waits; when it returns, all events so far are handled.
    pub(crate) async fn deliver(&self) {
        self.delivery.deliver().await;
    }

    pub(crate) fn stop(&self) {
        self.running.abort();
    }
}

impl Drop for Rules {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Delivery {
    async fn deliver(&self) {
        let _turn = self.turn.lock().await;
        while let Some(event) = self.bus.next() {
            for (rule, handler) in &self.targets {
                if rule.pattern.matches(&event) {
                    let handler = Arc::clone(handler);
                    let event = event.clone();
                    let function = &rule.function;
                    // In a task, so that a panic is the function's alone.
                    match tokio::spawn(async move { handler(event).await }).await {
                        Ok(Ok(_)) => {}
                        Ok(Err(error)) => tracing::error!(%function, %error, "an event failed"),
                        Err(error) => tracing::error!(%function, %error, "an event failed"),
                    }
                }
            }
        }
    }
}
