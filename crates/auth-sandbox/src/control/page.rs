//! The page at `/`: one document that loads nothing else.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::response::{IntoResponse, Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Method, StatusCode, header};

use super::{failure::Failure, headers};

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = concat!(
    include_str!("page/interface.js"),
    include_str!("page/faults.js"),
    include_str!("page/tables.js"),
    include_str!("page/page.js"),
);

/// The page, with its style and its script in it.
static PAGE: LazyLock<String> =
    LazyLock::new(|| include_str!("page/page.html").replacen("/*style*/", STYLE, 1).replacen("/*script*/", SCRIPT, 1));

/// Permits the style, the script and the interface, and nothing else. No text becomes HTML: the browser refuses
/// assignments to `innerHTML`.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types \
         'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
});

pub(super) fn answer(method: &Method) -> Result<Response, Failure> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Err(Failure::method_not_allowed("GET, HEAD"));
    }
    let content = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, &*POLICY)];
    Ok(headers::guarded((StatusCode::OK, content, PAGE.as_str()).into_response()))
}
