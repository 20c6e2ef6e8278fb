//! SES's mailbox simulator: what becomes of mails to `bounce@simulator.amazonses.com` and its like,
//! told as SES tells it on `EventBridge`. Anything behind a `+` in the name is free.

use serde_json::{Value, json};
use shared::domain::values::instant::Instant;

/// Where the simulator's mailboxes are.
const DOMAIN: &str = "@simulator.amazonses.com";

/// A mail that SES took and whose events are published.
pub(super) struct Taken<'a> {
    pub(super) message_id: &'a str,
    pub(super) source: &'a str,
    pub(super) configuration_set: &'a str,
    /// Names and values.
    pub(super) tags: Vec<(String, String)>,
    pub(super) at: Instant,
}

/// What SES tells of the mail to one of its recipients; none where it arrives.
pub(super) fn event(taken: &Taken<'_>, recipient: &str) -> Option<Value> {
    let name = recipient.to_ascii_lowercase();
    let name = name.strip_suffix(DOMAIN)?;
    let (kind, event_type, what) = match name.split('+').next()? {
        "bounce" => ("Email Bounced", "Bounce", bounce(taken, recipient, "General")),
        "suppressionlist" => {
            let what = bounce(taken, recipient, "OnAccountSuppressionList");
            ("Email Bounced", "Bounce", what)
        }
        "ooto" => {
            // "Out of the office": an automatic answer has no delivery status.
            let answer = json!({"bounce": {
                "bounceType": "Transient", "bounceSubType": "General",
                "bouncedRecipients": [{"emailAddress": recipient}],
                "timestamp": taken.at, "feedbackId": taken.message_id,
            }});
            ("Email Bounced", "Bounce", answer)
        }
        "complaint" => {
            let complaint = json!({"complaint": {
                "complainedRecipients": [{"emailAddress": recipient}],
                "timestamp": taken.at, "feedbackId": taken.message_id,
                "complaintFeedbackType": "abuse", "arrivalDate": taken.at,
            }});
            ("Email Complaint Received", "Complaint", complaint)
        }
        _ => return None,
    };
    let mut tags = serde_json::Map::new();
    tags.insert("ses:configuration-set".to_owned(), json!([taken.configuration_set]));
    tags.extend(taken.tags.iter().map(|(name, value)| (name.clone(), json!([value]))));
    let mut detail = json!({
        "eventType": event_type,
        "mail": {
            "timestamp": taken.at, "source": taken.source, "messageId": taken.message_id,
            "destination": [recipient], "tags": tags,
        },
    });
    if let (Some(detail), Value::Object(what)) = (detail.as_object_mut(), what) {
        detail.extend(what);
    }
    Some(json!({
        "version": "0", "id": taken.message_id, "detail-type": kind, "source": "aws.ses",
        "account": "000000000000", "time": taken.at, "region": super::REGION, "resources": [],
        "detail": detail,
    }))
}

fn bounce(taken: &Taken<'_>, recipient: &str, sub_kind: &str) -> Value {
    json!({"bounce": {
        "bounceType": "Permanent", "bounceSubType": sub_kind,
        "bouncedRecipients": [{
            "emailAddress": recipient, "action": "failed", "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 user unknown",
        }],
        "timestamp": taken.at, "feedbackId": taken.message_id,
        "reportingMTA": "dns; simulator.amazonses.com",
    }})
}
