//! All routes of the API, so that a request that none of them takes can be told apart: no such path
//! (404) or no such method (405).

use http::Method;

use crate::problem::Problem;

/// Every route of the API: method and path template. Tested against `template.yaml`'s
/// routes and the routers; a `{name}` stands for one path segment, a `{name+}` for all that is left of the path.
pub const ROUTES: &[(Method, &str)] = &[
    (Method::GET, "/account"),
    (Method::PUT, "/account"),
    (Method::POST, "/account/signing-secret"),
    (Method::GET, "/account/activity"),
    (Method::GET, "/account/vtex"),
    (Method::POST, "/account/vtex"),
    (Method::GET, "/account/whatsapp"),
    (Method::PUT, "/account/whatsapp"),
    (Method::DELETE, "/account/whatsapp"),
    (Method::GET, "/account/sending"),
    (Method::PUT, "/account/sending"),
    (Method::GET, "/campaigns"),
    (Method::POST, "/campaigns"),
    (Method::GET, "/campaigns/{id}"),
    (Method::PATCH, "/campaigns/{id}"),
    (Method::POST, "/campaigns/{id}/pause"),
    (Method::POST, "/campaigns/{id}/resume"),
    (Method::GET, "/campaigns/{id}/history"),
    (Method::POST, "/campaigns/{id}/test"),
    (Method::GET, "/templates"),
    (Method::POST, "/templates/{language}/{messageType}"),
    (Method::POST, "/opt-outs"),
    (Method::POST, "/opt-outs/lookup"),
    (Method::POST, "/opt-outs/remove"),
    (Method::GET, "/carts"),
    (Method::GET, "/carts/{orderFormId}"),
    (Method::POST, "/shoppers/carts"),
    (Method::GET, "/metrics"),
    (Method::GET, "/orders"),
    (Method::GET, "/orders/{orderGroup+}"),
    (Method::GET, "/reports"),
    (Method::POST, "/reports"),
    (Method::GET, "/reports/{id}"),
    (Method::GET, "/reports/{id}/download"),
    (Method::GET, "/d/{token}"),
    (Method::GET, "/report-schedules"),
    (Method::POST, "/report-schedules"),
    (Method::POST, "/report-schedules/{id}/pause"),
    (Method::POST, "/report-schedules/{id}/resume"),
    (Method::PATCH, "/report-schedules/{id}"),
    (Method::DELETE, "/report-schedules/{id}"),
    (Method::GET, "/c/{token}"),
    (Method::POST, "/c/{token}"),
    (Method::GET, "/u/{token}"),
    (Method::POST, "/u/{token}"),
    (Method::POST, "/u/{token}/again"),
    (Method::POST, "/shoppers/erase"),
    (Method::GET, "/shoppers/erasures/{id}"),
    (Method::GET, "/webhooks/whatsapp"),
    (Method::POST, "/webhooks/whatsapp"),
    (Method::POST, "/webhooks/vtex/{account}"),
    (Method::POST, "/events/{account}"),
    (Method::GET, "/events/aside"),
    (Method::POST, "/events/aside/replay"),
    (Method::POST, "/sends/{account}"),
    (Method::POST, "/carts/{account}"),
    (Method::GET, "/r/{token}"),
    (Method::HEAD, "/r/{token}"),
];

/// Why no route took a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteVerdict {
    /// No route has this path.
    NotFound,
    /// The path has routes, for these methods.
    MethodNotAllowed(Vec<Method>),
}

impl From<RouteVerdict> for Problem {
    fn from(verdict: RouteVerdict) -> Self {
        match verdict {
            RouteVerdict::NotFound => Self::route_not_found(),
            RouteVerdict::MethodNotAllowed(allowed) => Self::method_not_allowed(&allowed),
        }
    }
}

/// Judges a request that reached the `$default` route. `path` is the raw path, without the stage.
///
/// A request that a route does have can get here when the gateway matched nothing (a trailing
/// slash, an empty segment): it is judged by its path alone.
#[must_use]
pub fn judge(method: &Method, path: &str) -> RouteVerdict {
    let allowed: Vec<Method> = ROUTES
        .iter()
        .filter(|(_, template)| matches(template, path))
        .map(|(method, _)| method.clone())
        .collect();
    if allowed.is_empty() || allowed.contains(method) {
        RouteVerdict::NotFound
    } else {
        RouteVerdict::MethodNotAllowed(allowed)
    }
}

fn matches(template: &str, path: &str) -> bool {
    if let Some((before, _)) = template.split_once('{').filter(|_| template.ends_with("+}")) {
        return path.strip_prefix(before).is_some_and(|rest| !rest.is_empty());
    }
    let mut segments = path.split('/');
    let fits = template.split('/').all(|expected| {
        segments.next().is_some_and(|segment| {
            if expected.starts_with('{') { !segment.is_empty() } else { segment == expected }
        })
    });
    fits && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn an_unknown_path_is_not_found() {
        for path in [
            "",
            "/",
            "/nope",
            "/campaigns/",
            "/campaigns//pause",
            "/campaigns/1/2",
            "/account/x",
            "//account",
            "/r",
            "/r/",
            "/orders/",
            "/R/abc",
            "account",
        ] {
            assert_eq!(judge(&Method::GET, path), RouteVerdict::NotFound, "{path}");
        }
    }

    #[test]
    fn a_known_path_tells_its_methods() {
        let methods = |path: &str| match judge(&Method::TRACE, path) {
            RouteVerdict::MethodNotAllowed(methods) => methods,
            RouteVerdict::NotFound => Vec::new(),
        };
        assert_eq!(methods("/account"), [Method::GET, Method::PUT]);
        assert_eq!(methods("/campaigns/01a"), [Method::GET, Method::PATCH]);
        assert_eq!(methods("/campaigns/{id}/pause"), [Method::POST]);
        // One segment of two templates: both say what goes.
        assert_eq!(methods("/events/aside"), [Method::POST, Method::GET]);
        assert_eq!(methods("/events/acme"), [Method::POST]);
        assert_eq!(methods("/orders/2026/00123"), [Method::GET]);
    }

    #[test]
    fn no_route_is_listed_twice() {
        for (index, route) in ROUTES.iter().enumerate() {
            assert!(!ROUTES.iter().skip(index + 1).any(|other| other == route), "{route:?}");
        }
    }

    #[test]
    fn a_verdict_is_a_problem() {
        let problem = Problem::from(judge(&Method::DELETE, "/metrics"));
        assert_eq!(problem.status(), 405);
        assert_eq!(Problem::from(RouteVerdict::NotFound).code(), "route-not-found");
    }
}
