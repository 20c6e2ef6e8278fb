#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

/// `before` and `after` stand around the good entry.
fn webhook(before: &str, after: &str) -> String {
    let good = r#"{"id": "1", "changes": [{"value": {"metadata": {"phone_number_id": "5550100"},
        "statuses": [{"id": "a"}, 17, {"text": "\ud800"}], "messages": [[], {"b": [1e999]}]},
        "field": "messages"}]}"#;
    format!(r#" {{"entry": [{before}{good}{after}], "object": "whatsapp_business_account"}} "#)
}

type Told = (Vec<(Option<PhoneNumberId>, &'static str, String)>, usize, Ignored);

fn told(body: Body<'_>) -> Told {
    let of =
        |found: Found<'_>| (found.phone_number_id, found.list.name(), found.item.get().to_owned());
    (body.found.into_iter().map(of).collect(), body.items, body.ignored)
}

#[test]
fn one_pass_finds_what_the_levels_hold() {
    let others = r#", {}, {"changes": null}, {"changes": [{"field": "security"}, {"field": 7},
        {"field": "messages"}, {"field": "messages", "value": {"metadata": 3}},
        {"field": "user_preferences", "value": {"metadata": {"phone_number_id": "5550100"},
            "user_preferences": [{"value": "stop"}]}},
        {"field": "message_template_status_update", "value": {"event": "APPROVED"}},
        {"field": "messages", "value": {"errors": [{"code": 1}], "user_actions": [ ]}}]}"#;
    let account = "whatsapp_business_account";
    for text in [
        webhook("", ""),
        webhook("", others),
        webhook("", others).replace(account, "page"),
        format!(r#"{{"object": "{account}"}}"#),
        r#"{"entry": []}"#.to_owned(),
    ] {
        let whole = told(in_one_pass(&text).unwrap());
        assert_eq!(whole, told(by_levels(text.as_bytes()).unwrap()), "{text}");
    }
    let (found, items, _) = told(in_one_pass(&webhook("", others)).unwrap());
    assert_eq!((found.len(), items), (6, 7));
    assert_eq!(found[4].2, r#"{"b": [1e999]}"#);
    assert_eq!((found[5].1, found[5].2.as_str()), ("user_preferences", r#"{"value": "stop"}"#));
}

#[test]
fn a_level_of_another_shape_costs_no_neighbour() {
    let good = told(read(webhook("", "").as_bytes()).unwrap()).0;
    for odd in [
        "7",
        "[]",
        r#"{"changes": {}}"#,
        r#"{"changes": ["x"]}"#,
        // A struct could be read from this one.
        r#"{"changes": [["messages", {"statuses": [{"id": "b"}]}]]}"#,
        r#"{"changes": [{"field": "messages", "value": [null, [{"id": "b"}], null]}]}"#,
        r#"{"changes": [{"field": "messages", "value": {"statuses": {}}}]}"#,
        r#"{"changes": [{"field": "messages", "value": {"\ud800": 1}}]}"#,
        r#"{"changes": [], "changes": []}"#,
    ] {
        for text in [webhook(&format!("{odd},"), ""), webhook("", &format!(",{odd}"))] {
            assert!(in_one_pass(&text).is_none(), "{text}");
            let (found, _, ignored) = told(read(text.as_bytes()).unwrap());
            assert_eq!(found, good, "{text}");
            assert_eq!(ignored, Ignored::from([("unreadable", 1)]), "{text}");
        }
    }
}
