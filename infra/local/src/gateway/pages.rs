//! The Admin page, when it has been built, and a hint when it has not.

use std::path::{Path, PathBuf};

use http::{
    HeaderValue, Response,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
        X_CONTENT_TYPE_OPTIONS,
    },
};
use percent_encoding::percent_decode_str;

/// Where the build of the page ends up, from the workspace's root.
const DIST: &str = "admin/dist";

/// What the page may load: its own origin alone, no inline script or style. The same as `CloudFront` sends it with
/// (`admin/CSP.txt`).
const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/// The built page's directories, in the order in which they are tried.
pub(super) fn directories() -> Vec<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    vec![workspace.join(DIST), PathBuf::from(DIST)]
}

/// The file of a path, if the page has been built and has it; the hint for `/` if it has not been built.
pub(super) async fn get(
    directories: &[PathBuf],
    path: &str,
    base_url: &str,
) -> Option<Response<Vec<u8>>> {
    let file = relative(path)?;
    for directory in directories {
        if let Ok(bytes) = tokio::fs::read(directory.join(&file)).await {
            return Some(response(bytes, content_type(&file)));
        }
    }
    (path == "/").then(|| response(hint(base_url).into_bytes(), "text/plain; charset=utf-8"))
}

/// The path below the page's directory; none for what could lead out of it.
fn relative(path: &str) -> Option<PathBuf> {
    let path = percent_decode_str(path.strip_prefix('/')?).decode_utf8().ok()?.into_owned();
    let path = if path.is_empty() { "index.html" } else { &path };
    let plain = |segment: &str| {
        !segment.is_empty() && !segment.starts_with('.') && !segment.contains(['\\', ':', '\0'])
    };
    path.split('/').all(plain).then(|| PathBuf::from(path))
}

fn response(bytes: Vec<u8>, content_type: &'static str) -> Response<Vec<u8>> {
    let mut response = Response::new(bytes);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    // The page may be rebuilt while the stack runs.
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
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

    use super::*;

    #[test]
    fn no_path_leads_out_of_the_directory() {
        assert_eq!(relative("/assets/a.js"), Some("assets/a.js".into()));
        assert_eq!(relative("/"), Some("index.html".into()));
        for path in [
            "/../Cargo.toml",
            "/%2e%2e/Cargo.toml",
            "/a/%2E%2E/b",
            "//etc/passwd",
            "/.git",
            "/a%2F..%2Fb",
            "",
        ] {
            assert_eq!(relative(path), None, "{path}");
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
        let directory = tempfile::tempdir().unwrap();
        let directories = [directory.path().to_owned()];
        let hint = get(&directories, "/", "http://127.0.0.1:1").await.unwrap();
        assert!(String::from_utf8(hint.into_body()).unwrap().contains("/local/token"));
        std::fs::write(directory.path().join("index.html"), "<p>page").unwrap();
        let page = get(&directories, "/", "http://127.0.0.1:1").await.unwrap();
        assert_eq!(page.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(page.body(), b"<p>page");
        assert!(get(&directories, "/nothing.js", "http://127.0.0.1:1").await.is_none());
    }
}
