//! The metrics (R1, R3, R4, R8, R9).

use chrono::NaiveDate;

use super::Model;
use super::credit::Credited;
use super::decimals::decimals;
use super::story::Reminder;
use crate::answer::{Amount, CampaignNumbers, Conversions, DayNumbers, Metrics, Numbers, Question};

/// The answer to `question`.
pub fn metrics(model: &Model, question: &Question) -> Metrics {
    let asked: Vec<&String> = model
        .campaigns
        .iter()
        .filter(|id| question.campaign_id.as_ref().is_none_or(|asked| asked == *id))
        .collect();
    let mut days = Vec::new();
    let mut day = question.from;
    while day <= question.to {
        let numbers = numbers(model, day, day, question.campaign_id.as_deref());
        days.push(DayNumbers { day, numbers });
        day = day.succ_opt().unwrap();
    }
    Metrics {
        from: question.from,
        to: question.to,
        time_zone: model.zone.name().to_owned(),
        totals: numbers(model, question.from, question.to, question.campaign_id.as_deref()),
        days,
        campaigns: asked
            .into_iter()
            .map(|id| CampaignNumbers {
                campaign_id: id.clone(),
                numbers: numbers(model, question.from, question.to, Some(id)),
            })
            .collect(),
    }
}

/// Whether a reminder, and all that belongs to it, counts in these days and this campaign (R1).
pub fn counts(reminder: &Reminder, from: NaiveDate, to: NaiveDate, campaign: Option<&str>) -> bool {
    let in_days = from <= reminder.day && reminder.day <= to;
    in_days && campaign.is_none_or(|asked| asked == reminder.sent.campaign)
}

fn numbers(model: &Model, from: NaiveDate, to: NaiveDate, campaign: Option<&str>) -> Numbers {
    let mut numbers = Numbers::default();
    let mut shoppers = Vec::new();
    for reminder in &model.story.reminders {
        if !counts(reminder, from, to, campaign) {
            continue;
        }
        let clicked = !reminder.clicks.is_empty();
        numbers.sent += 1;
        if reminder.delivered.is_some() {
            numbers.delivered += 1;
        }
        if reminder.read_receipt.is_some() || clicked {
            numbers.read += 1;
        }
        if reminder.failed && reminder.delivered.is_none() {
            numbers.failed += 1;
        }
        for _ in &reminder.clicks {
            numbers.total_clicks += 1;
        }
        for _ in &reminder.opt_outs {
            numbers.opt_outs += 1;
        }
        if clicked && !shoppers.contains(&reminder.shopper()) {
            shoppers.push(reminder.shopper());
            numbers.unique_clicks += 1;
        }
    }
    let mine: Vec<&Credited> =
        model.credited.iter().filter(|c| counts(&c.reminder, from, to, campaign)).collect();
    let by_click: Vec<&Credited> = mine.iter().copied().filter(|c| c.by_click).collect();
    numbers.conversions = Conversions {
        total: i64::try_from(mine.len()).unwrap(),
        assisted: i64::try_from(mine.len() - by_click.len()).unwrap(),
        click_through: i64::try_from(by_click.len()).unwrap(),
    };
    numbers.conversion_value = values(&mine);
    numbers.click_through_value = values(&by_click);
    numbers
}

/// One sum for each currency, sorted, zeros left out (R8).
fn values(credited: &[&Credited]) -> Vec<Amount> {
    let mut currencies: Vec<&str> = credited.iter().map(|c| c.order.amount().0).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let mut values = Vec::new();
    for currency in currencies {
        let amounts = credited.iter().map(|c| c.order.amount());
        let sum: i64 = amounts.filter(|amount| amount.0 == currency).map(|amount| amount.1).sum();
        if sum != 0 {
            let amount = decimals(sum, currency, ".");
            values.push(Amount { currency: currency.to_owned(), amount });
        }
    }
    values
}
