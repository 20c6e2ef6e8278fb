//! What `POST /shoppers/erase` refuses.

use serde_json::json;
use shared::domain::values::limits::{IDENTITY_CHARS, PHONE_DIGITS};

use crate::store::Store;

/// The texts name the limits that are in force.
#[tokio::test]
async fn a_shopper_who_cannot_be_is_refused_with_the_limit() {
    let store = Store::set_up().await;
    let long = "u".repeat(IDENTITY_CHARS + 1);
    let digits = |n: usize| format!("+{}", "5512345678901234".get(..n).unwrap());
    let (least, most) = (*PHONE_DIGITS.start(), *PHONE_DIGITS.end());
    for (body, field, limit) in [
        (json!({"userId": long}), "userId", IDENTITY_CHARS),
        (json!({"phone": digits(least - 1)}), "phone", least),
        (json!({"phone": digits(most + 1)}), "phone", most),
        (json!({"phone": "+5500000000000"}), "phone", least),
    ] {
        let answer = store.post("/shoppers/erase", body).await;
        assert_eq!(answer.problem(), (422, "invalid-field", field));
        let detail = answer.body["detail"].as_str().unwrap();
        let numbers = detail.split(|c: char| !c.is_ascii_digit());
        assert!(numbers.clone().any(|number| number == limit.to_string()), "{detail}");
    }
}
