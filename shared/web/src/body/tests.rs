#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use axum::body::Body;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Cart {
    order_form_id: String,
    #[serde(default)]
    note: Option<String>,
    items: Vec<Item>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    id: String,
    price: i64,
}

fn request(content_type: Option<&str>, body: impl Into<Body>) -> Request {
    let mut request = Request::builder().method("POST").uri("/");
    if let Some(value) = content_type {
        request = request.header(CONTENT_TYPE, value);
    }
    request.body(body.into()).unwrap()
}

async fn read_cart(content_type: Option<&str>, body: &str) -> Result<Cart, (u16, String, String)> {
    let request = request(content_type, body.to_owned());
    match Json::<Cart, 200>::from_request(request, &()).await {
        Ok(Json(cart)) => Ok(cart),
        Err(problem) => Err((
            problem.status().as_u16(),
            problem.code().to_owned(),
            problem.field().unwrap_or_default().to_owned(),
        )),
    }
}

async fn field_at_fault(body: Value) -> String {
    let (status, code, field) =
        read_cart(Some("application/json"), &body.to_string()).await.unwrap_err();
    assert_eq!((status, code.as_str()), (422, "invalid-field"), "{body}");
    field
}

#[tokio::test]
async fn a_body_is_read() {
    let body = json!({"orderFormId": "c", "items": [{"id": "1", "price": 990}]}).to_string();
    for content_type in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/cloudevents+json",
    ] {
        let cart = read_cart(Some(content_type), &body).await.unwrap();
        assert_eq!(cart.items, [Item { id: "1".to_owned(), price: 990 }]);
    }
}

#[tokio::test]
async fn no_object_is_read_from_an_array() {
    for body in [r#"["c", null, []]"#, " \n[]", r#"[["c"]]"#] {
        let refusal = read_cart(Some("application/json"), body).await.unwrap_err();
        assert_eq!(refusal, (422, "invalid-field".to_owned(), "body".to_owned()), "{body}");
    }
    let (status, code, _) = read_cart(Some("application/json"), "[").await.unwrap_err();
    assert_eq!((status, code.as_str()), (400, "malformed-json"));
}

#[tokio::test]
async fn the_field_at_fault_is_named() {
    assert_eq!(field_at_fault(json!({"items": []})).await, "orderFormId");
    assert_eq!(field_at_fault(json!({"orderFormId": 1, "items": []})).await, "orderFormId");
    assert_eq!(field_at_fault(json!({"orderFormId": "c", "items": [], "extra": 1})).await, "extra");
    assert_eq!(
        field_at_fault(json!({"orderFormId": "c", "items": [{"id": "1"}]})).await,
        "items[0].price"
    );
    assert_eq!(
        field_at_fault(json!({"orderFormId": "c", "items": [{"id": "1", "price": 1}, {"id": "2", "price": "x"}]})).await,
        "items[1].price"
    );
    assert_eq!(
        field_at_fault(json!({"orderFormId": "c", "items": [{"id": "1", "price": 1, "size": 1}]}))
            .await,
        "items[0].size"
    );
    assert_eq!(field_at_fault(json!({"orderFormId": "c", "items": 3})).await, "items");
    assert_eq!(field_at_fault(json!("text")).await, "body");
}

/// The parser calls a number where it wants one of some words a syntax error.
#[test]
fn a_value_that_is_no_word_is_named() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        Red,
    }
    #[derive(Debug, Deserialize)]
    struct Paint {
        #[expect(dead_code, reason = "only its shape matters")]
        colour: Colour,
    }
    for value in ["1", "null", "[]", "{}", "true", "\"blue\""] {
        let body = format!("{{\"colour\": {value}}}");
        let problem = parse_json::<Paint>(body.as_bytes()).unwrap_err();
        let told = (problem.status().as_u16(), problem.field().unwrap_or_default().to_owned());
        assert_eq!(told, (422, "colour".to_owned()), "{value}: {problem:?}");
    }
    assert!(matches!(parse_json(b"\"red\""), Ok(Colour::Red)));
}

#[tokio::test]
async fn a_field_given_twice_is_named() {
    let body = r#"{"orderFormId": "c", "orderFormId": "d", "items": []}"#;
    let (status, _, field) = read_cart(Some("application/json"), body).await.unwrap_err();
    assert_eq!((status, field.as_str()), (422, "orderFormId"));
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let deep = "[".repeat(150) + &"]".repeat(150);
    for body in
        ["", "{", "{\"orderFormId\": 1} x", "{\"orderFormId\": 1, \"items\"", "\u{feff}{}", "NaN"]
    {
        let (status, code, _) = read_cart(Some("application/json"), body).await.unwrap_err();
        assert_eq!((status, code.as_str()), (400, "malformed-json"), "{body}");
    }
    // A type that follows the nesting to its end meets the parser's depth limit.
    assert_eq!(parse_json::<Value>(deep.as_bytes()).unwrap_err().code(), "malformed-json");
    assert_eq!(parse_json::<Value>(b"\"\xff\"").unwrap_err().code(), "malformed-json");
    assert_eq!(parse_json::<String>(br#""\ud800""#).unwrap_err().code(), "malformed-json");
}

#[tokio::test]
async fn size_is_judged_first_then_type() {
    let valid = json!({"orderFormId": "c", "items": []}).to_string();
    let padded = |bytes: usize| format!("{valid}{}", " ".repeat(bytes - valid.len()));
    assert!(read_cart(Some("application/json"), &padded(200)).await.is_ok());
    let (status, code, _) = read_cart(Some("text/plain"), &padded(201)).await.unwrap_err();
    assert_eq!((status, code.as_str()), (413, "payload-too-large"));
    for content_type in
        [None, Some("text/plain"), Some("text/json"), Some("application/+json"), Some("json")]
    {
        let (status, code, field) = read_cart(content_type, "{").await.unwrap_err();
        assert_eq!((status, code.as_str()), (415, "unsupported-media-type"), "{content_type:?}");
        assert_eq!(field, "Content-Type");
    }
}

#[tokio::test]
async fn a_raw_body_is_limited_at_its_limit() {
    let at = RawBody::<4>::from_request(request(None, "\u{1}abc"), &()).await.unwrap();
    assert_eq!(at.0.as_ref(), b"\x01abc");
    let past = RawBody::<4>::from_request(request(None, "abcde"), &()).await.unwrap_err();
    assert_eq!(past.status(), 413);
    // A body whose length nobody declares is counted as it comes.
    let chunks = ["abc", "de"].map(Ok::<_, std::io::Error>);
    let streamed = request(None, Body::from_stream(futures::stream::iter(chunks)));
    assert_eq!(RawBody::<4>::from_request(streamed, &()).await.unwrap_err().status(), 413);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_413() {
    let chunks = [Ok("ab"), Err(std::io::Error::other("reset"))];
    let broken = request(None, Body::from_stream(futures::stream::iter(chunks)));
    let problem = RawBody::<4>::from_request(broken, &()).await.unwrap_err();
    assert_eq!((problem.status().as_u16(), problem.code()), (400, "unreadable-body"));
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Range {
    from: String,
    to: Option<Day>,
    campaign_id: Option<String>,
    #[serde(default)]
    limit: Option<u8>,
    #[serde(default)]
    format: Format,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct Day(String);

impl TryFrom<String> for Day {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() == 10 { Ok(Self(text)) } else { Err("a day is YYYY-MM-DD") }
    }
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Csv,
    Excel,
}

async fn read_query(query: &str) -> Result<Range, Problem> {
    let request = Request::builder().uri(format!("/metrics?{query}")).body(Body::empty()).unwrap();
    let (mut parts, _) = request.into_parts();
    Query::<Range>::from_request_parts(&mut parts, &()).await.map(|Query(range)| range)
}

#[tokio::test]
async fn a_query_is_read() {
    let range = read_query("from=a%20b+c&to=2026-11-22&campaignId=%C3%BC&limit=7&format=excel")
        .await
        .unwrap();
    let expected = Range {
        from: "a b c".to_owned(),
        to: Some(Day("2026-11-22".to_owned())),
        campaign_id: Some("ü".to_owned()),
        limit: Some(7),
        format: Format::Excel,
    };
    assert_eq!(range, expected);
    let bare = read_query("from=x").await.unwrap();
    assert_eq!((bare.to, bare.format), (None, Format::Csv));
}

#[tokio::test]
async fn the_parameter_at_fault_is_named() {
    for (query, field) in [
        ("", "from"),
        ("to=2026-11-22", "from"),
        ("from=a&to=tomorrow", "to"),
        ("from=a&from=a", "from"),
        ("from=a&limit=256", "limit"),
        ("from=a&limit=-1", "limit"),
        ("from=a&format=pdf", "format"),
        ("from=a&campaignID=1", "campaignID"),
        ("from=a&x=1&x=2", "x"),
        ("from=a&to=", "to"),
    ] {
        let problem = read_query(query).await.unwrap_err();
        assert_eq!(problem.status(), 422, "{query}");
        assert_eq!(problem.code(), "invalid-field", "{query}");
        assert_eq!(problem.field(), Some(field), "{query}");
        assert!(!problem.detail().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_parameter_given_twice_is_told_so() {
    for query in [
        "from=a&from=a",
        "from=a&limit=1&limit=2",
        "from=a&to=2026-11-22&to=2026-11-22",
        "from=a&format=csv&f%6Frmat=excel",
        "from=a&campaignId=&campaignId=1",
    ] {
        let problem = read_query(query).await.unwrap_err();
        assert_eq!((problem.status().as_u16(), problem.code()), (422, "invalid-field"), "{query}");
        assert_eq!(problem.detail(), Some("given more than once"), "{query}");
    }
    let unknown = read_query("from=a&x=1&x=2").await.unwrap_err();
    assert!(unknown.detail().unwrap().starts_with("unknown field"), "{unknown:?}");
}

#[tokio::test]
async fn what_is_quoted_back_is_bounded() {
    let problem = read_query(&format!("from=a&{}=1", "x".repeat(5_000))).await.unwrap_err();
    assert_eq!(problem.field().unwrap().len(), 300);
    let problem = read_query(&format!("from=a&format={}", "x".repeat(5_000))).await.unwrap_err();
    assert!(problem.detail().unwrap().len() <= 300);
}

#[tokio::test]
async fn a_cursor_is_a_parameter_like_another() {
    #[derive(Debug, Deserialize)]
    struct Page {
        cursor: Option<crate::Cursor<(String, u32)>>,
    }
    let text = crate::Cursor(("a".to_owned(), 1)).encode().unwrap();
    let page: Page = query::parse(&format!("cursor={text}")).unwrap();
    assert_eq!(page.cursor.unwrap().0, ("a".to_owned(), 1));
    let problem = query::parse::<Page>("cursor=nonsense").unwrap_err();
    assert_eq!((problem.status().as_u16(), problem.field()), (422, Some("cursor")));
}
