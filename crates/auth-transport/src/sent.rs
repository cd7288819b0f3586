//! The content of a request, and the search for it in texts that the server returns.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::COOKIE;
use percent_encoding::percent_decode;
use zeroize::Zeroizing;

use crate::Secret;
use crate::registered_codes::REGISTERED_CODES;

/// This many consecutive equal characters are not a coincidence.
const SHORTEST_LEAK_BYTES: usize = 8;

/// A larger request (in bytes) is not searched; in that case no text of its server is shown.
const MAX_SEARCHED_BYTES: usize = 1024 * 1024;

/// Longer words of a server are cut to this many characters.
const LONGEST_WORD: usize = 64;

/// An error number has at most this many digits; a longer one could be anything.
const DIGITS: usize = 10;

/// The content of a request. It must not appear in shown texts of the server, such as in an error, a log, or a host
/// name.
///
/// Code that shows a text of a server searches the text first. The time of a search is linear in the size of the
/// request and of the text. Creating and cloning a `Sent` does not copy the request's body. `Debug` shows none of its
/// content, and copies of secrets are overwritten on drop.
///
/// ```
/// use auth_transport::{Secret, Sent};
///
/// let sent = Sent::default().with_secret(&Secret::from("qzxvkwjhygpbmfdtnrcslo"));
/// assert!(sent.shows_up_in("error: XVKW-JHYG"));
/// assert_eq!(sent.word("temporarily_unavailable"), Some("temporarily_unavailable"));
/// assert_eq!(sent.word("xvkw_jhyg"), None);
/// ```
#[derive(Clone, Default)]
pub struct Sent {
    /// Shares its bytes with the sent request.
    request: Option<Arc<reqwest::Request>>,
    secrets: Vec<Secret>,
}

impl Sent {
    /// The content of `request`: its body unless it is a stream, its query, and its headers that are marked sensitive.
    #[must_use]
    pub fn of(request: &reqwest::Request) -> Self {
        let same = request.try_clone().unwrap_or_else(|| {
            let mut same = reqwest::Request::new(request.method().clone(), request.url().clone());
            same.headers_mut().clone_from(request.headers());
            same
        });
        Self { request: Some(Arc::new(same)), secrets: vec![] }
    }

    /// Adds a secret.
    #[must_use]
    pub fn with_secret(mut self, secret: &Secret) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// True if `text` repeats a part of the request: eight consecutive letters and digits, in upper or lower case and
    /// with any separators between them, or eight consecutive characters of any kind exactly as sent.
    ///
    /// The search covers the request as sent, percent-decoded, and, for HTTP Basic, decoded into user and password. A
    /// secret added by [`with_secret`](Self::with_secret) that has fewer than eight letters and digits is found if all
    /// of them are repeated. If the request has more than 1 MiB, it is not searched, and the result is true.
    #[must_use]
    pub fn shows_up_in(&self, text: &str) -> bool {
        self.search(text, &mut 0)
    }

    /// Returns `text`, cut to 64 characters, if it is a word that may be shown, such as an error code.
    ///
    /// A word consists of letters of one case, separated by `_`, `-` and `.`, with up to ten digits at the ends of its pieces, as
    /// in `RATE_LIMIT_EXCEEDED` or `AADSTS7000215`. Other text could quote anything or be a token, so the result is `None`. It
    /// is `None` as well if the word repeats a part of what was sent, except for registered OAuth codes.
    #[must_use]
    pub fn word<'text>(&self, text: &'text str) -> Option<&'text str> {
        if REGISTERED_CODES.contains(&text) {
            return Some(text);
        }
        let word = text.get(..LONGEST_WORD).unwrap_or(text);
        (is_word(text) && !self.shows_up_in(word)).then_some(word)
    }

    /// As [`Sent::shows_up_in`], for the credentials of the request only: names of members are often sent and received.
    pub(crate) fn has_credential_in(&self, text: &str) -> bool {
        self.search_in(text, false, &mut 0)
    }

    /// [`Sent::shows_up_in`], with each byte and each comparison counted as a step.
    fn search(&self, text: &str, steps: &mut usize) -> bool {
        self.search_in(text, true, steps)
    }

    fn search_in(&self, text: &str, with_content: bool, steps: &mut usize) -> bool {
        let parts = Parts::of(text);
        if self.secrets.iter().any(|secret| parts.hold_all_of(secret.as_ref())) {
            return true;
        }
        let request = self.request.as_deref();
        let body = request.and_then(reqwest::Request::body).and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let query = request.and_then(|request| request.url().query()).unwrap_or_default().as_bytes();
        let (body, query) = if with_content { (body, query) } else { Default::default() };
        if body.len() + query.len() > MAX_SEARCHED_BYTES {
            return true;
        }
        let headers = || {
            let headers = request.into_iter().flat_map(|request| request.headers());
            let headers = headers.filter(|(_, value)| value.is_sensitive());
            headers.flat_map(|(name, value)| cookies(name == COOKIE, value.as_bytes()))
        };
        // In a header, the secret may follow a scheme or the name of a cookie.
        if headers().any(|value| parts.hold_all_of(behind(value, b" ="))) {
            return true;
        }
        let secrets = self.secrets.iter().map(Secret::as_ref);
        let mut sent = [body, query].into_iter().chain(headers()).chain(secrets);
        sent.any(|part| {
            let basic = part.strip_prefix(b"Basic ").and_then(|value| STANDARD.decode(value).ok()).map(Zeroizing::new);
            parts.hold_part_of(part, steps)
                || basic.is_some_and(|basic| parts.hold_part_of(&basic, steps) || parts.hold_password_of(&basic))
        })
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sent").finish_non_exhaustive()
    }
}

/// Only the letters and digits, in lower case, so that case and separators make no difference.
fn plain(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    bytes.filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
}

/// The cookies of a `Cookie` header, or the value of any other header.
fn cookies(are_cookies: bool, value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(move |byte| are_cookies && *byte == b';').map(<[u8]>::trim_ascii)
}

/// The bytes after the first of these separators, or all of them.
fn behind<'bytes>(bytes: &'bytes [u8], separators: &[u8]) -> &'bytes [u8] {
    let start = bytes.iter().position(|byte| separators.contains(byte)).map_or(0, |separator| separator + 1);
    &bytes[start..]
}

/// The last eight of a sequence of bytes, as a number.
#[derive(Default)]
struct Run {
    bytes: usize,
    run: u64,
}

impl Run {
    /// Adds a byte; returns the run if it has eight.
    fn push(&mut self, byte: u8) -> Option<u64> {
        self.bytes += 1;
        self.run = self.run << 8 | u64::from(byte);
        (self.bytes >= SHORTEST_LEAK_BYTES).then_some(self.run)
    }
}

/// Every eight consecutive bytes.
fn runs(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = u64> {
    let mut run = Run::default();
    bytes.filter_map(move |byte| run.push(byte))
}

/// The parts of a text that could repeat a part of a request.
struct Parts {
    plain: Vec<u8>,
    separated: Runs,
    verbatim: Runs,
}

impl Parts {
    fn of(text: &str) -> Self {
        let plain: Vec<u8> = plain(text.bytes()).collect();
        let separated = Runs::new(runs(plain.iter().copied()));
        let verbatim = Runs::new(runs(text.bytes().map(|byte| byte.to_ascii_lowercase())));
        Self { plain, separated, verbatim }
    }

    /// True if the password of these credentials is short and the text contains all of it, as sent or percent-decoded.
    fn hold_password_of(&self, basic: &[u8]) -> bool {
        let password = behind(basic, b":");
        let decoded = Zeroizing::new(percent_decode(password).collect::<Vec<u8>>());
        self.hold_all_of(password) || self.hold_all_of(&decoded)
    }

    /// True if this secret is short and the text contains all of its letters and digits consecutively.
    fn hold_all_of(&self, secret: &[u8]) -> bool {
        let all = Zeroizing::new(plain(secret.iter().copied()).take(SHORTEST_LEAK_BYTES).collect::<Vec<u8>>());
        (1..SHORTEST_LEAK_BYTES).contains(&all.len())
            && self.plain.windows(all.len()).any(|part| part == all.as_slice())
    }

    /// True if the text contains a part of `sent`, as sent or percent-decoded.
    fn hold_part_of(&self, sent: &[u8], steps: &mut usize) -> bool {
        self.hold_run_of(sent.iter().copied(), steps)
            || sent.contains(&b'%') && self.hold_run_of(percent_decode(sent), steps)
    }

    fn hold_run_of(&self, mut sent: impl Iterator<Item = u8>, steps: &mut usize) -> bool {
        let (mut separated, mut verbatim) = (Run::default(), Run::default());
        sent.any(|byte| {
            *steps += 1;
            let byte = byte.to_ascii_lowercase();
            let is_verbatim = verbatim.push(byte).is_some_and(|run| self.verbatim.hold(run, steps));
            let is_separated =
                byte.is_ascii_alphanumeric() && separated.push(byte).is_some_and(|run| self.separated.hold(run, steps));
            is_verbatim || is_separated
        })
    }
}

/// A set of runs.
struct Runs {
    sorted: Vec<u64>,
    /// A filter that excludes most runs outside the set without a search.
    filter: Vec<bool>,
}

impl Runs {
    const FILTER: usize = 4096;

    fn new(runs: impl Iterator<Item = u64>) -> Self {
        let mut sorted: Vec<u64> = runs.collect();
        sorted.sort_unstable();
        let mut filter = vec![false; Self::FILTER];
        for run in &sorted {
            filter[Self::slot(*run)] = true;
        }
        Self { sorted, filter }
    }

    fn slot(run: u64) -> usize {
        // The upper bits of a product depend on all bits of the factor.
        (run.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52) as usize
    }

    fn hold(&self, run: u64, steps: &mut usize) -> bool {
        self.filter[Self::slot(run)]
            && self
                .sorted
                .binary_search_by(|own| {
                    *steps += 1;
                    own.cmp(&run)
                })
                .is_ok()
    }
}

fn is_word(text: &str) -> bool {
    let is_separator = |character: char| "_-.".contains(character);
    let has_one_case =
        !text.bytes().any(|byte| byte.is_ascii_lowercase()) || !text.bytes().any(|byte| byte.is_ascii_uppercase());
    let is_piece = |piece: &str| {
        let letters = piece.trim_end_matches(|character: char| character.is_ascii_digit());
        letters.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    has_one_case
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && text.bytes().filter(u8::is_ascii_digit).count() <= DIGITS
        && text.split(is_separator).all(is_piece)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{BaseUrl, BasicCredentials, Transport};

    fn post(url: &str, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
        let transport = Transport::to(&BaseUrl::parse("http://127.0.0.1").unwrap()).unwrap();
        transport.client().post(url).body(body)
    }

    #[test]
    fn a_part_of_a_credential_is_recognized_wherever_it_was_sent() {
        let basic = BasicCredentials::new("apitoken", "LXT_0a1b2c3d4e5f").header();
        let key = Secret::from("k3y-in-a-header").into_header().unwrap();
        let request = post("https://auth.example.com/?key=k3y-in-the-query", "client_secret=S3cret-S3cret")
            .header("authorization", basic.clone())
            .header("x-key", key)
            .header("x-other", "in-the-open");
        let sent = Sent::of(&request.build().unwrap());
        let basic = basic.to_str().unwrap()["Basic ".len()..].to_ascii_lowercase();
        for host in [
            "s3cret-s3cret.example",
            "a.lxt_0a1b2c3d4e5f",
            "0A1B2C3D4E5F.example",
            "k3y-in-a-header",
            "in-the-query",
            "s3c.ret.s3c.ret",
            &basic,
        ] {
            assert!(sent.shows_up_in(host), "{host}");
        }
        for host in ["auth.example.com", "s3cret.example", "in-the-open.example", "", "127.0.0.1"] {
            assert!(!sent.shows_up_in(host), "{host}");
        }
    }

    #[test]
    fn a_part_is_recognized_as_it_was_encoded_and_as_it_was_meant() {
        let form = serde_urlencoded::to_string([("client_secret", "a\u{fc}b c+d/e%f~g=h")]).unwrap();
        let basic = BasicCredentials::new("id", "qz!xv?kw:jh-yg").header();
        let request = post("https://auth.example.com/", form).header("authorization", basic);
        let sent = Sent::of(&request.build().unwrap());
        for text in ["a\u{fc}b c+d/e%f~g=h", "%C3%BCb+c%2Bd", "abcdefgh", "qz!xv?kw:jh-yg", "qzxvkwjhyg", "QZ%21xv%3Fk"]
        {
            assert!(sent.shows_up_in(text), "{text}");
        }
        assert!(!sent.shows_up_in("abcdefg qzxvkwj"));
    }

    #[test]
    fn all_of_a_short_secret_is_looked_for() {
        let sent = Sent::default().with_secret(&Secret::from("mar-ker"));
        assert!(sent.shows_up_in("bad_MARKER_bad") && !sent.shows_up_in("marke_1"));
        for secret in ["hunt3r2", "h!nt3/r2"] {
            let credentials = BasicCredentials::new("apitoken", secret);
            let cookie = Secret::from(secret).header_after("session=").unwrap();
            let joined = Secret::from(format!("{secret}; theme=dark")).header_after("lang=en; session=").unwrap();
            for (name, value) in [
                ("authorization", credentials.clone().header()),
                ("authorization", credentials.raw().header()),
                ("authorization", Secret::from(secret).header_after("Bearer ").unwrap()),
                ("x-key", Secret::from(secret).into_header().unwrap()),
                ("cookie", cookie.clone()),
                ("cookie", joined),
            ] {
                let sent =
                    Sent::of(&post("https://auth.example.com/?page=2", "a=1").header(name, value).build().unwrap());
                assert!(sent.shows_up_in(&format!("x2-{secret}")), "{name}");
                assert!(!sent.shows_up_in("2-1-hunt3"), "{name}");
            }
        }
        assert!(!Sent::default().with_secret(&Secret::from("")).shows_up_in("anything"));
        assert!(!Sent::default().shows_up_in("anything"));
    }

    #[test]
    fn error_codes_are_words_and_other_texts_are_not() {
        let sent = Sent::default();
        for word in [
            "server_error",
            "access_denied",
            "slow_down",
            "RATE_LIMIT_EXCEEDED",
            "AADSTS7000215",
            "error.401.1",
            "ERR-1",
        ] {
            assert_eq!(sent.word(word), Some(word));
        }
        for text in [
            "",
            "_",
            "two words",
            "Mixed",
            "LXT_0a1b2c",
            "err401a",
            "1234567",
            "E12345678901",
            "a\u{e9}",
            "\u{1b}[31mred",
            "0123456789abcdef",
            "d3a9c7e1-5b2f-4c86-9e0d-7f41b8a26c53",
        ] {
            assert_eq!(sent.word(text), None, "{text:?}");
        }
        assert_eq!(sent.word(&"x".repeat(1_000_000)), Some(&*"x".repeat(64)));
    }

    #[test]
    fn the_search_takes_steps_in_proportion_to_what_was_sent() {
        // A host of many parts, and a request in which each part almost occurs, many times.
        let host: String = (10..35).map(|number| format!("abcdefg{number}.")).collect();
        let steps = |length: usize| {
            let body = "abcdefg#%61bcdefg".repeat(length / 17);
            let sent = Sent::of(&post("https://auth.example.com/", body).build().unwrap());
            let mut steps = 0;
            assert!(!sent.search(&host, &mut steps));
            steps
        };
        let (small, large) = (steps(64 * 1024), steps(512 * 1024));
        assert!(large <= 8 * small + 1000, "{small} steps for 64 KiB, {large} for 512 KiB");
        assert!(large <= 8 * 512 * 1024, "{large} steps for 512 KiB");
    }

    #[test]
    fn of_a_request_too_long_to_search_nothing_is_shown() {
        let sent = |length| Sent::of(&post("https://auth.example.com/", "#".repeat(length)).build().unwrap());
        assert!(!sent(MAX_SEARCHED_BYTES).shows_up_in("auth.example.com"));
        assert!(sent(MAX_SEARCHED_BYTES + 1).shows_up_in("auth.example.com"));
    }

    /// `part` with separators, and each letter in the case that `choices` selects.
    fn disguised(part: &str, choices: &[(bool, Option<&'static str>)]) -> String {
        let mut text = String::new();
        for (character, (is_upper, separator)) in part.chars().zip(choices.iter().cycle()) {
            text.push(if *is_upper { character.to_ascii_uppercase() } else { character.to_ascii_lowercase() });
            text.push_str(separator.unwrap_or_default());
        }
        text
    }

    proptest! {
        #[test]
        fn no_part_of_any_secret_survives_in_any_case_and_however_it_is_split(
            secret in "[ -~]{8,60}",
            (start, length) in (0_usize..60, 8_usize..60),
            separators in prop::collection::vec(
                (any::<bool>(), prop::option::of(prop::sample::select(vec!["_", "-", ".", "--", " ", "/", "+"]))),
                1..9,
            ),
            (before, after) in ("[a-z_]{0,9}", "[a-z_]{0,9}"),
        ) {
            let form = serde_urlencoded::to_string([("client_secret", &secret)]).unwrap();
            let basic = BasicCredentials::new("id", secret.as_str()).header();
            let by_basic = post("https://auth.example.com/", "").header("authorization", basic);
            let all = [
                Sent::default().with_secret(&Secret::from(secret.as_str())),
                Sent::of(&post("https://auth.example.com/", form).build().unwrap()),
                Sent::of(&by_basic.build().unwrap()),
            ];
            let start = start % (secret.len() - SHORTEST_LEAK_BYTES + 1);
            let part = &secret[start..(start + length).min(secret.len())];
            let letters = part.bytes().filter(u8::is_ascii_alphanumeric).count();
            for sent in &all {
                // A form encodes a space as `+`.
                let text = format!("{before}{part}{after}");
                prop_assert!(letters < SHORTEST_LEAK_BYTES && part.contains(' ') || sent.shows_up_in(&text), "{text} of {secret}");
                let text = format!("{before}{}{after}", disguised(part, &separators));
                prop_assert!(letters < SHORTEST_LEAK_BYTES || sent.shows_up_in(&text), "{text} of {secret}");
                prop_assert!(letters < SHORTEST_LEAK_BYTES || sent.word(&text).is_none(), "{text} of {secret}");
            }
        }
    }
}
