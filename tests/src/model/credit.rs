//! Who gets an order (R5, R6, R7).

use super::story::{Order, Reminder, Story};

/// R6: 15 days after a link click, in ms.
const CLICK_DAYS: i64 = 15 * 24 * 60 * 60 * 1_000;
/// R6: 3 days after a delivery, in ms.
const DELIVERY_DAYS: i64 = 3 * 24 * 60 * 60 * 1_000;

/// An order and the reminder that has it.
#[derive(Debug, Clone)]
pub struct Credited {
    /// The order.
    pub order: Order,
    /// The reminder.
    pub reminder: Reminder,
    /// By click rather than by delivery.
    pub by_click: bool,
}

/// Every order that some reminder has.
pub fn all(story: &Story) -> Vec<Credited> {
    story.orders.iter().filter_map(|order| credited(order, story)).collect()
}

fn credited(order: &Order, story: &Story) -> Option<Credited> {
    if order.live.is_empty() {
        return None;
    }
    let candidates: Vec<&Reminder> = story
        .reminders
        .iter()
        .filter(|reminder| share_a_name(order, reminder))
        .filter(|reminder| reminder.delivered.is_some_and(|at| at <= order.created))
        .collect();
    let mut clicks = Vec::new();
    let mut deliveries = Vec::new();
    for reminder in candidates {
        for click in reminder.clicks.iter().filter(|click| click.link) {
            if (0..=CLICK_DAYS).contains(&(order.created - click.at)) {
                clicks.push((click.at, &reminder.sent.reminder_digest, reminder));
            }
        }
        let delivered = reminder.delivered.unwrap();
        if (0..=DELIVERY_DAYS).contains(&(order.created - delivered)) {
            deliveries.push((delivered, &reminder.sent.reminder_digest, reminder));
        }
    }
    let by_click = !clicks.is_empty();
    let entitled = if by_click { clicks } else { deliveries };
    let (_, _, reminder) =
        entitled.into_iter().max_by_key(|(at, digest, _)| (*at, digest.as_bytes()))?;
    Some(Credited { order: order.clone(), reminder: reminder.clone(), by_click })
}

fn share_a_name(order: &Order, reminder: &Reminder) -> bool {
    let mine = &reminder.sent.names;
    order.events.iter().any(|event| {
        let theirs = &event.names;
        (mine.user.is_some() && mine.user == theirs.user)
            || (mine.phone.is_some() && mine.phone == theirs.phone)
            || (mine.cart.is_some() && mine.cart == theirs.cart)
    })
}
