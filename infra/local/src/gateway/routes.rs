//! Which of the template's routes a request belongs to, by API Gateway's rules.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::template::{Route, Template};

/// The name of the route that takes whatever no other one does.
pub(super) const DEFAULT_ROUTE: &str = "$default";

/// What a request was matched to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match<'a> {
    /// `GET /campaigns/{id}`, or `$default`.
    pub(super) route_key: String,
    /// Logical id of the function.
    pub(super) function: &'a str,
    /// Whether a token is asked for.
    pub(super) authorized: bool,
    /// The path's variables, decoded.
    pub(super) path_parameters: BTreeMap<String, String>,
}

/// Finds the route of a method and a path, which is decoded first: a slash that appears by that parts segments, and
/// only a greedy variable holds it. Of two routes that fit, the one with the earlier literal segment wins.
pub(super) fn find<'a>(template: &'a Template, method: &str, path: &str) -> Option<Match<'a>> {
    let path = percent_decode_str(path).decode_utf8_lossy();
    let found = template
        .routes
        .iter()
        .filter(|route| route.method == method)
        .filter_map(|route| Some((route, parameters(&route.path, &path)?)))
        .min_by_key(|(route, _)| variables(route));
    if let Some((route, path_parameters)) = found {
        return Some(Match {
            route_key: route.key(),
            function: &route.function,
            authorized: route.authorized,
            path_parameters,
        });
    }
    template.default_function.as_deref().map(|function| Match {
        route_key: DEFAULT_ROUTE.to_owned(),
        function,
        authorized: false,
        path_parameters: BTreeMap::new(),
    })
}

/// Which of a route's segments are variables; literal ones sort first.
fn variables(route: &Route) -> Vec<bool> {
    route.path.split('/').map(|segment| variable(segment).is_some()).collect()
}

fn variable(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The name of a greedy variable; it stands last in its route.
fn greedy(segment: &str) -> Option<&str> {
    variable(segment)?.strip_suffix('+')
}

fn parameters(pattern: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    let mut rest = Some(path);
    for expected in pattern.split('/') {
        let left = rest?;
        if let Some(name) = greedy(expected) {
            parameters.insert(name.to_owned(), left.to_owned());
            return (!left.is_empty()).then_some(parameters);
        }
        let (segment, after) = match left.split_once('/') {
            Some((segment, after)) => (segment, Some(after)),
            None => (left, None),
        };
        match variable(expected) {
            Some(name) if !segment.is_empty() => {
                parameters.insert(name.to_owned(), segment.to_owned());
            }
            None if segment == expected => {}
            _ => return None,
        }
        rest = after;
    }
    rest.is_none().then_some(parameters)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn key(method: &str, path: &str) -> String {
        find(Template::of_this_build().unwrap(), method, path).unwrap().route_key
    }

    #[test]
    fn matches_by_method_and_path() {
        assert_eq!(key("GET", "/campaigns"), "GET /campaigns");
        assert_eq!(key("POST", "/campaigns/c1/pause"), "POST /campaigns/{id}/pause");
        assert_eq!(key("HEAD", "/r/token"), "HEAD /r/{token}");
        assert_eq!(key("GET", "/events/aside"), "GET /events/aside");
        assert_eq!(key("POST", "/events/aside"), "POST /events/{account}");
    }

    #[test]
    fn everything_else_goes_to_the_default_route() {
        for (method, path) in [
            ("DELETE", "/campaigns"),
            ("GET", "/campaigns/"),
            ("GET", "/nowhere"),
            ("GET", "/campaigns/c1/history/more"),
            ("GET", "//campaigns"),
            ("GET", "/campaigns/a%2Fb"),
            ("GET", "/orders/"),
        ] {
            assert_eq!(key(method, path), DEFAULT_ROUTE, "{method} {path}");
        }
    }

    #[test]
    fn variables_are_decoded() {
        let found = find(Template::of_this_build().unwrap(), "GET", "/campaigns/b%20c").unwrap();
        assert_eq!(found.path_parameters["id"], "b c");
    }

    #[test]
    fn a_greedy_variable_takes_what_is_left() {
        let template = Template::of_this_build().unwrap();
        for (path, group) in [
            ("/orders/1172", "1172"),
            ("/orders/2026/00123", "2026/00123"),
            ("/orders/2026%2F00123", "2026/00123"),
            ("/orders/2026%252F00123", "2026%2F00123"),
            ("/orders/a%3Fb", "a?b"),
            ("/orders/a//b/", "a//b/"),
        ] {
            let found = find(template, "GET", path).unwrap();
            assert_eq!(found.route_key, "GET /orders/{orderGroup+}", "{path}");
            assert_eq!(found.path_parameters["orderGroup"], group, "{path}");
        }
    }
}
