//! The Admin page, when it has been built, and a hint when it has not.

use std::path::{Path, PathBuf};

use axum::body::Body;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use tower_http::services::ServeDir;

/// Where the build of the page ends up, from the workspace's root.
const DIST: &str = "admin/dist";

/// What the page may load: its own origin alone, no inline script or style; and who may frame it. The same as
/// `CloudFront` sends it with where template.yaml's defaults stand (`admin/CSP.txt`).
const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors https://*.myvtex.com; \
object-src 'none'";

/// The built page's directories, in the order in which they are tried.
pub(super) fn directories() -> Vec<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    vec![workspace.join(DIST), PathBuf::from(DIST)]
}

/// The file that is asked for, if the page has been built and has it; the hint for `/` if it has not been built.
pub(super) async fn get(
    directories: &[PathBuf],
    asked: &Parts,
    base_url: &str,
) -> Option<Response<Body>> {
    // What begins with a dot is no part of a page: an editor's copy, a repository.
    let hidden =
        |segment: &str| segment.starts_with('.') || segment.to_lowercase().starts_with("%2e");
    if asked.uri.path().split('/').any(hidden) {
        return None;
    }
    let mut request = Request::from_parts(asked.clone(), ());
    let is_root = asked.uri.path() == "/";
    if is_root {
        *request.uri_mut() = Uri::from_static("/index.html");
    }
    for directory in directories {
        let mut files = ServeDir::new(directory).append_index_html_on_directories(false);
        // What can't be read counts as not there.
        if let Ok(response) = files.try_call(request.clone()).await
            && response.status() != StatusCode::NOT_FOUND
        {
            return Some(of_the_page(response.map(Body::new)));
        }
    }
    is_root.then(|| {
        let mut response = Response::new(Body::from(hint(base_url)));
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
        of_the_page(response)
    })
}

fn of_the_page(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    // The page may be rebuilt while the stack runs.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn hint(base_url: &str) -> String {
    format!(
        "WhatsApp campaigns, local stack\n\n\
         The Admin page is not built (`make dev` builds it where Node is installed). The API is here:\n\n  \
         TOKEN=$(curl -s '{base_url}/local/token?account=mystore')\n  \
         curl -s -H \"Authorization: Bearer $TOKEN\" {base_url}/campaigns\n\n\
         Mails:  curl -s {base_url}/local/mailbox\n\
         Settle: curl -s -X POST {base_url}/local/drain\n\n\
         The README has a tour.\n"
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use http::header::{IF_MODIFIED_SINCE, LAST_MODIFIED};

    use super::*;

    const BASE_URL: &str = "http://127.0.0.1:1";

    async fn asked(directories: &[PathBuf], path: &str) -> Option<Response<Body>> {
        let (parts, ()) = Request::get(path).body(()).unwrap().into_parts();
        get(directories, &parts, BASE_URL).await
    }

    async fn text(response: Response<Body>) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// The directory of a page, beside a file that is none of it.
    fn built() -> (tempfile::TempDir, [PathBuf; 1]) {
        let directory = tempfile::tempdir().unwrap();
        let dist = directory.path().join("dist");
        std::fs::create_dir_all(dist.join("assets")).unwrap();
        std::fs::write(directory.path().join("Cargo.toml"), "secret").unwrap();
        std::fs::write(dist.join("index.html"), "<p>page").unwrap();
        std::fs::write(dist.join("assets/a.js"), "1").unwrap();
        std::fs::write(dist.join(".git"), "secret").unwrap();
        (directory, [dist])
    }

    #[tokio::test]
    async fn no_path_leads_out_of_the_directory() {
        let (directory, directories) = built();
        let outside = directory.path().join("Cargo.toml");
        for path in [
            "/../Cargo.toml",
            "/%2e%2e/Cargo.toml",
            "/assets/..%2F..%2FCargo.toml",
            "/assets/%2E%2E/%2E%2E/Cargo.toml",
            "/..%5CCargo.toml",
            &format!("/{}", outside.display()),
            &format!("/%2F{}", outside.display()),
            "/a%00b",
            "/%ff",
            "/assets",
            "/assets/",
            "/nothing.js",
            "/.git",
            "/%2egit",
        ] {
            assert!(asked(&directories, path).await.is_none(), "{path}");
        }
        for path in ["/", "/index.html", "/assets/a.js"] {
            assert_eq!(asked(&directories, path).await.unwrap().status(), 200, "{path}");
        }
    }

    #[test]
    fn the_page_is_sent_with_the_policy_that_it_was_made_for() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../admin/CSP.txt");
        // The stack builds without the page.
        if let Ok(policy) = std::fs::read_to_string(file) {
            assert_eq!(CONTENT_SECURITY, policy.trim());
        }
    }

    #[tokio::test]
    async fn serves_the_page_where_there_is_one_and_a_hint_where_not() {
        let empty = tempfile::tempdir().unwrap();
        let unbuilt = [empty.path().to_owned()];
        let hint = asked(&unbuilt, "/").await.unwrap();
        assert_eq!(hint.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
        assert!(text(hint).await.contains("/local/token"));
        assert!(asked(&unbuilt, "/index.html").await.is_none());

        let (_directory, directories) = built();
        let page = asked(&directories, "/").await.unwrap();
        let headers = page.headers();
        assert_eq!(headers[CONTENT_TYPE], "text/html");
        assert_eq!(headers[CACHE_CONTROL], "no-cache");
        assert_eq!(headers[CONTENT_SECURITY_POLICY], CONTENT_SECURITY);
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[REFERRER_POLICY], "no-referrer");
        assert_eq!(text(page).await, "<p>page");
        let script = asked(&directories, "/assets/a.js").await.unwrap();
        assert_eq!(script.headers()[CONTENT_TYPE], "text/javascript");
    }

    /// A page that is asked for again, unchanged, isn't sent again.
    #[tokio::test]
    async fn an_unchanged_page_is_not_sent_twice() {
        let (_directory, directories) = built();
        let page = asked(&directories, "/").await.unwrap();
        let request = Request::get("/").header(IF_MODIFIED_SINCE, &page.headers()[LAST_MODIFIED]);
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let again = get(&directories, &parts, BASE_URL).await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()[CACHE_CONTROL], "no-cache");
    }
}
