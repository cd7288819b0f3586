//! Metadata documents of issuers.

use auth_transport::{PayloadError, SigningAlgorithm};
use http::StatusCode;
use serde_json::Value;

use super::assert_plain;
use crate::token::error::metadata::MetadataError;
use crate::vendor::oauth2::metadata::{Document, Metadata, Requirement};

const ISSUER: &str = "https://a.example/tenant";

/// A document is accepted only if it names exactly the issuer. Then every client gets a URL with TLS or an error, which shows
/// nothing of the document.
pub fn metadata(data: &[u8]) -> bool {
    if PayloadError::of_object(StatusCode::OK, data).is_some() {
        return false;
    }
    let Ok(document) = serde_json::from_slice::<Document>(data) else { return false };
    let shown = |problem| {
        let error = MetadataError::new(ISSUER, problem);
        assert_plain(&format!("{error} {error:?}"));
    };
    let metadata = match Metadata::new(document, ISSUER) {
        Ok(metadata) => metadata,
        Err(problem) => {
            shown(problem);
            return false;
        }
    };
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        assert_eq!(value["issuer"], ISSUER);
    }
    for (methods, algorithm, certificate) in [
        (&["client_secret_basic"][..], None, false),
        (&["private_key_jwt"], Some(SigningAlgorithm::Es256), false),
        (&["tls_client_auth", "self_signed_tls_client_auth"], None, true),
    ] {
        match metadata.url_for(&Requirement { methods, algorithm, certificate }) {
            Ok(url) => assert!(url.base_url().is_https() && url.as_str().starts_with("https://"), "{url}"),
            Err(problem) => shown(problem),
        }
    }
    true
}
