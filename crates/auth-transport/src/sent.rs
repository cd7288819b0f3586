//! What a server could repeat of what it was sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// This many characters in a row are no coincidence.
const PART: usize = 8;

/// The parts of a request that hold credentials, in small letters; wiped after use.
pub(crate) struct Sent(Vec<Zeroizing<Vec<u8>>>);

impl Sent {
    /// What `request` holds: its body, its query, and its headers that are marked sensitive.
    pub(crate) fn of(request: &reqwest::Request) -> Self {
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let query = request.url().query().unwrap_or_default();
        let headers = request.headers().values().filter(|value| value.is_sensitive()).flat_map(|value| {
            let basic = value.as_bytes().strip_prefix(b"Basic ").and_then(|value| STANDARD.decode(value).ok());
            // As it was sent, too: for some places of an answer that is plain enough.
            basic.into_iter().chain([value.as_bytes().to_vec()])
        });
        let parts = [body.to_vec(), query.as_bytes().to_vec()].into_iter().chain(headers);
        let small = parts.map(|mut part| {
            part.make_ascii_lowercase();
            Zeroizing::new(part)
        });
        Self(small.collect())
    }

    /// True if a part of it shows up in `host`, where letters have no case.
    pub(crate) fn shows_up_in(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let mut parts = host.as_bytes().windows(PART);
        parts.any(|part| self.0.iter().any(|sent| sent.windows(PART).any(|window| window == part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BasicCredentials, Secret};

    #[test]
    fn a_part_of_a_credential_is_recognized_wherever_it_was_sent() {
        let client = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
        let basic = BasicCredentials::new("apitoken", "LXT_0a1b2c3d4e5f").header();
        let key = Secret::from("k3y-in-a-header").into_header().unwrap();
        let request = client.post("https://auth.example.com/?key=k3y-in-the-query").header("authorization", basic);
        let request = request.header("x-key", key).header("x-other", "in-the-open").body("client_secret=S3cret-S3cret");
        let sent = Sent::of(&request.build().unwrap());
        for host in [
            "s3cret-s3cret.example",
            "a.lxt_0a1b2c3d4e5f",
            "0A1B2C3D4E5F.example",
            "k3y-in-a-header",
            "in-the-query",
            "YXBpdG9rZW46TFhU",
        ] {
            assert!(sent.shows_up_in(host), "{host}");
        }
        for host in ["auth.example.com", "s3cret.example", "in-the-open.example", "", "127.0.0.1"] {
            assert!(!sent.shows_up_in(host), "{host}");
        }
    }
}
