//! Between HTTP and API Gateway's payload 2.0. The request side follows what the real service was seen to send: the
//! path decoded, the query as it came, headers in lower case and joined, cookies apart, and every body base64 that
//! is neither text nor one of three `application` types.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version,
    header::{
        CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE, TRANSFER_ENCODING, USER_AGENT,
    },
    request::Parts,
};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{authorizer::Claims, routes::Match};

/// What a request looks like from outside.
pub(super) struct Incoming<'a> {
    pub(super) parts: &'a Parts,
    pub(super) body: &'a [u8],
    pub(super) source_ip: &'a str,
    /// The stack's own address, for requests that name no host.
    pub(super) authority: &'a str,
    pub(super) request_id: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// The event that API Gateway would send for a request.
pub(super) fn event(
    incoming: &Incoming<'_>,
    matched: &Match<'_>,
    claims: Option<&Claims>,
) -> Value {
    let Incoming { parts, body, source_ip, authority, request_id, now } = incoming;
    let (cookies, headers) = split_headers(&parts.headers, source_ip, authority);
    let raw_path = decoded_path(parts.uri.path());
    let raw_query = parts.uri.query().unwrap_or_default();
    let (body, is_base64_encoded) = encode_body(&parts.headers, body);

    let mut event = json!({
        "version": "2.0",
        "routeKey": matched.route_key,
        "rawPath": raw_path,
        "rawQueryString": raw_query,
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": authority,
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": raw_path,
                "protocol": protocol(parts.version),
                "sourceIp": source_ip,
                "userAgent": text(parts.headers.get(USER_AGENT)),
            },
            "requestId": request_id,
            "routeKey": matched.route_key,
            "stage": "$default",
            "time": now.format("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.timestamp_millis(),
        },
        "isBase64Encoded": is_base64_encoded,
    });
    // Absent rather than null where there is nothing, as the service does.
    if !cookies.is_empty() {
        put(&mut event, "cookies", json!(cookies));
    }
    if !raw_query.is_empty() {
        put(&mut event, "queryStringParameters", query_parameters(raw_query));
    }
    if !matched.path_parameters.is_empty() {
        put(&mut event, "pathParameters", json!(matched.path_parameters));
    }
    if let Some(body) = body {
        put(&mut event, "body", Value::String(body));
    }
    if let (Some(claims), Some(context)) = (claims, event.get_mut("requestContext")) {
        put(context, "authorizer", json!({"jwt": {"claims": claims, "scopes": null}}));
    }
    event
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}

/// The service decodes the path and cuts it at a `?` that appears by that.
fn decoded_path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    decoded.split('?').next().unwrap_or_default().to_owned()
}

fn split_headers(
    headers: &HeaderMap,
    source_ip: &str,
    authority: &str,
) -> (Vec<String>, Map<String, Value>) {
    let mut cookies = Vec::new();
    let mut joined: Map<String, Value> = Map::new();
    for name in headers.keys() {
        let values: Vec<_> = headers.get_all(name).iter().map(latin1).collect();
        if name == COOKIE {
            cookies.extend(
                values
                    .iter()
                    .flat_map(|value| value.split(';'))
                    .map(|cookie| cookie.trim().to_owned()),
            );
        } else {
            joined.insert(name.as_str().to_owned(), Value::String(values.join(",")));
        }
    }
    let forwarded = headers.get("x-forwarded-for").map(latin1);
    let forwarded =
        forwarded.map_or_else(|| source_ip.to_owned(), |before| format!("{before}, {source_ip}"));
    joined.insert("x-forwarded-for".into(), forwarded.into());
    joined.insert("x-forwarded-proto".into(), "http".into());
    let port = authority.rsplit_once(':').map_or("80", |(_, port)| port);
    joined.insert("x-forwarded-port".into(), port.into());
    // The service knows its own name; a host that is no URL authority never gets this far there.
    let host =
        headers.get(HOST).and_then(|host| host.to_str().ok()).filter(|host| is_authority(host));
    joined.insert(HOST.as_str().into(), host.unwrap_or(authority).into());
    (cookies, joined)
}

fn is_authority(host: &str) -> bool {
    host.parse::<http::uri::Authority>().is_ok()
        && url::Url::parse(&format!("http://{host}/")).is_ok()
}

fn latin1(value: &HeaderValue) -> String {
    value.as_bytes().iter().copied().map(char::from).collect()
}

fn text(value: Option<&HeaderValue>) -> String {
    value.map(latin1).unwrap_or_default()
}

fn protocol(version: Version) -> String {
    format!("{version:?}")
}

/// Values of one name are joined with commas.
fn query_parameters(raw_query: &str) -> Value {
    let mut joined: Map<String, Value> = Map::new();
    for (name, value) in url::form_urlencoded::parse(raw_query.as_bytes()) {
        match joined.get_mut(name.as_ref()) {
            Some(Value::String(values)) => {
                values.push(',');
                values.push_str(&value);
            }
            _ => {
                joined.insert(name.into_owned(), Value::String(value.into_owned()));
            }
        }
    }
    Value::Object(joined)
}

fn encode_body(headers: &HeaderMap, body: &[u8]) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match std::str::from_utf8(body) {
        Ok(text) if is_text(headers) => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let content_type = text(headers.get(CONTENT_TYPE)).to_ascii_lowercase();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.starts_with("text/")
        || matches!(media_type, "application/json" | "application/xml" | "application/javascript")
}

/// A function's answer in payload 2.0.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    cookies: Vec<String>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// Turns a function's answer into HTTP; none when it is not one that API Gateway understands.
pub(super) fn response(answer: &Value) -> Option<Response<Vec<u8>>> {
    let answer = Answer::deserialize(answer).ok()?;
    let body = match answer.body {
        Some(body) if answer.is_base64_encoded => STANDARD.decode(body).ok()?,
        Some(body) => body.into_bytes(),
        None => Vec::new(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    let headers = response.headers_mut();
    for (name, value) in &answer.headers {
        let name: HeaderName = name.parse().ok()?;
        // The gateway frames the answer by itself.
        if name != CONTENT_LENGTH && name != TRANSFER_ENCODING {
            headers.append(name, HeaderValue::from_str(value.as_str()?).ok()?);
        }
    }
    for cookie in &answer.cookies {
        headers.append(SET_COOKIE, HeaderValue::from_str(cookie).ok()?);
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use std::collections::BTreeMap;

    use super::*;

    fn event_of(request: http::request::Builder, body: &[u8], claims: Option<&Claims>) -> Value {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let matched = Match {
            route_key: "POST /events/{account}".into(),
            function: "IngestFunction",
            authorized: false,
            path_parameters: BTreeMap::from([("account".into(), "store".into())]),
        };
        let incoming = Incoming {
            parts: &parts,
            body,
            source_ip: "127.0.0.1",
            authority: "127.0.0.1:9000",
            request_id: "r-1",
            now: DateTime::from_timestamp_millis(1_795_000_000_000).unwrap(),
        };
        event(&incoming, &matched, claims)
    }

    fn post(uri: &str) -> http::request::Builder {
        http::Request::post(uri)
    }

    #[test]
    fn the_path_comes_decoded_and_the_query_raw() {
        let event = event_of(post("/events/a%20b%3Fc?x=1&x=2&y=a%20b"), b"", None);
        assert_eq!(event["rawPath"], "/events/a b");
        assert_eq!(event["rawQueryString"], "x=1&x=2&y=a%20b");
        assert_eq!(event["queryStringParameters"], json!({"x": "1,2", "y": "a b"}));
        assert_eq!(event["pathParameters"], json!({"account": "store"}));
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
        assert_eq!(event["requestContext"]["time"], "18/Nov/2026:11:06:40 +0000");
    }

    #[test]
    fn headers_are_joined_and_cookies_stand_apart() {
        let request = post("/events/store")
            .header("X-Many", "a")
            .header("x-many", "b")
            .header("Cookie", "a=1; b=2")
            .header("X-Forwarded-For", "10.0.0.1");
        let event = event_of(request, b"", None);
        assert_eq!(event["headers"]["x-many"], "a,b");
        assert_eq!(event["headers"]["x-forwarded-for"], "10.0.0.1, 127.0.0.1");
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert!(event["headers"].get("cookie").is_none());
    }

    #[test]
    fn only_text_bodies_stay_text() {
        for (content_type, encoded) in [
            (Some("application/json"), false),
            (Some("application/json; charset=utf-8"), false),
            (Some("text/csv"), false),
            (Some("application/cloudevents+json"), true),
            (Some("application/x-www-form-urlencoded"), true),
            (None, true),
        ] {
            let mut request = post("/events/store");
            if let Some(content_type) = content_type {
                request = request.header("content-type", content_type);
            }
            let event = event_of(request, "é".as_bytes(), None);
            assert_eq!(event["isBase64Encoded"], encoded, "{content_type:?}");
            assert_eq!(event["body"], if encoded { "w6k=" } else { "é" }, "{content_type:?}");
        }
        let event = event_of(
            post("/events/store").header("content-type", "application/json"),
            &[0xff],
            None,
        );
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("/w=="), &json!(true)));
        let event = event_of(post("/events/store"), b"", None);
        assert!(event.get("body").is_none());
    }

    #[test]
    fn claims_are_handed_over_as_texts() {
        let claims = Claims::from([
            ("account".to_owned(), "store".to_owned()),
            ("exp".to_owned(), "5".to_owned()),
        ]);
        let event = event_of(post("/events/store"), b"", Some(&claims));
        assert_eq!(
            event["requestContext"]["authorizer"],
            json!({"jwt": {"claims": {"account": "store", "exp": "5"}, "scopes": null}})
        );
    }

    #[test]
    fn an_unusable_host_is_replaced() {
        let event = event_of(post("/events/store").header("host", "a b"), b"", None);
        assert_eq!(event["headers"]["host"], "127.0.0.1:9000");
    }

    #[test]
    fn answers_become_http() {
        let answer = json!({"statusCode": 201, "headers": {"location": "/x", "content-length": "99"},
            "cookies": ["a=1", "b=2"], "body": "aGk=", "isBase64Encoded": true, "multiValueHeaders": {}});
        let response = response(&answer).unwrap();
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["location"], "/x");
        assert!(response.headers().get("content-length").is_none());
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert_eq!(response.body(), b"hi");
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        assert!(response(&json!({"body": "x"})).is_none());
        assert!(response(&json!({"statusCode": 99})).is_none());
        assert!(
            response(&json!({"statusCode": 200, "body": "?", "isBase64Encoded": true})).is_none()
        );
    }
}
