//! Reads the bytes of a document from a file, from standard input, or from an address that the user names.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use diagnostics::{Problem, Result};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use crate::{files, network, provenance};

/// The deadline for a response.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(60);

/// The name of standard input in messages.
const STANDARD_INPUT: &str = "standard input";

/// Where a document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// A file.
    File(&'a str),
    /// An address.
    Url(&'a str),
    /// Standard input.
    StandardInput,
}

impl<'a> Source<'a> {
    /// Parses the value of `--from` or `--spec`; `-` is standard input.
    ///
    /// # Errors
    ///
    /// Refuses addresses without TLS, whose bytes can be changed in transit, and addresses with credentials, which would be
    /// recorded.
    pub fn of(from: &'a str) -> Result<Self> {
        if from == "-" {
            return Ok(Self::StandardInput);
        }
        let Some((scheme, rest)) = from.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else {
            return Ok(Self::File(from));
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let problem = |message: String, remedy: &str| Err(Problem::new(message).remedy(remedy).into());
        if authority.contains('@') {
            return problem("the address contains credentials".to_owned(), "download the document, and name the file");
        }
        match scheme.to_ascii_lowercase().as_str() {
            "https" => Ok(Self::Url(from)),
            "http" if is_loopback(authority) => Ok(Self::Url(from)),
            "file" => problem(format!("`{scheme}://` is not supported"), "name the file by its path"),
            _ => problem(
                format!("`{scheme}://` is not supported: the bytes could be changed in transit"),
                "use an address that begins with `https://`, or name a file",
            ),
        }
    }

    /// Whether the document is JSON, by its extension or else by its first character.
    pub fn is_json(self, text: &str) -> bool {
        match self.file_name().rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).as_deref() {
            Some("json") => true,
            Some("yaml" | "yml") => false,
            _ => text.trim_start_matches('\u{feff}').trim_start().starts_with('{'),
        }
    }

    /// The last segment of the path or of the address.
    pub fn file_name(self) -> &'a str {
        match self {
            Self::File(file) => Path::new(file).file_name().and_then(|name| name.to_str()).unwrap_or(file),
            Self::Url(url) => {
                let path = url.split(['?', '#']).next().unwrap_or_default();
                let path = path.split_once("://").map_or(path, |(_, rest)| rest).trim_end_matches('/');
                path.rsplit('/').next().unwrap_or(path)
            }
            Self::StandardInput => STANDARD_INPUT,
        }
    }

    /// The source for the record of the documents: the address, or the file's name without its folder, which is private.
    pub fn recorded(self) -> String {
        match self {
            Self::Url(url) => provenance::linked(url),
            Self::File(_) => format!("the file `{}`", self.file_name().replace(['`', '|', '\n'], "_")),
            Self::StandardInput => STANDARD_INPUT.to_owned(),
        }
    }

    /// Reads the text; `what` describes it in errors.
    ///
    /// # Errors
    ///
    /// Fails if the text cannot be read or fetched, is too large, or is not UTF-8.
    pub fn read(self, what: &str) -> Result<String> {
        match self {
            Self::File(file) => {
                let open = fs::File::open(file).map_err(|error| files::cannot_read(what, file, &error))?;
                Ok(files::decode(files::read_limited(open, what, file)?, what, file)?)
            }
            Self::Url(url) => {
                let bytes = get(url).map_err(|error| network::cannot_fetch(url, &error))?;
                Ok(files::decode(bytes, what, url)?)
            }
            Self::StandardInput => {
                let bytes = files::read_limited(io::stdin().lock(), what, STANDARD_INPUT)?;
                Ok(files::decode(bytes, what, STANDARD_INPUT)?)
            }
        }
    }
}

/// Whether a text is a URI scheme (RFC 3986, section 3.1). A single letter is a drive on Windows.
fn is_scheme(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    text.len() > 1 && text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.chars().all(fits)
}

fn is_loopback(authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    matches!(host, "127.0.0.1" | "[::1]") || host.eq_ignore_ascii_case("localhost")
}

fn get(url: &str) -> Result<Vec<u8>, ureq::Error> {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .build();
    let config = Agent::config_builder()
        .https_only(url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:")))
        .timeout_global(Some(DOWNLOAD_TIMEOUT))
        .max_redirects(5)
        .user_agent("cargo xtask")
        .tls_config(tls)
        .build();
    let mut answer =
        config.new_agent().get(url).header("accept", "application/yaml, application/json, */*;q=0.5").call()?;
    answer.body_mut().with_config().limit(files::MAX_DOCUMENT_BYTES).read_to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_a_file() {
        for file in ["a.yaml", "../x/a.json", "/tmp/https:/a", "C:\\a.yaml", "C:/a", "C://a", "./https://a", "://a"] {
            assert_eq!(Source::of(file).expect(file), Source::File(file));
        }
    }

    #[test]
    fn the_file_name_is_the_last_segment() {
        for (source, name) in [
            (Source::File("/a/Pet.v1.yaml"), "Pet.v1.yaml"),
            (Source::Url("https://a.example/x/openapi.json?v=1/2#/3"), "openapi.json"),
            (Source::Url("https://a.example/x/"), "x"),
            (Source::Url("https://a.example"), "a.example"),
            (Source::of("-").expect("standard input"), "standard input"),
        ] {
            assert_eq!(source.file_name(), name);
        }
    }

    #[test]
    fn the_extension_or_the_text_decides_whether_a_document_is_json() {
        for (source, text, is_json) in [
            (Source::File("a/b.JSON"), "", true),
            (Source::File("a.d/b.yml"), "{}", false),
            (Source::File("a.d/b"), "\u{feff} {", true),
            (Source::Url("https://a.example/x.json?v=1.yaml"), "", true),
            (Source::Url("https://a.example/openapi"), "openapi: 3.1.0", false),
            (Source::Url("https://a.example/openapi"), "\n{ }", true),
            (Source::StandardInput, "{}", true),
            (Source::StandardInput, "a: {}", false),
        ] {
            assert_eq!(source.is_json(text), is_json, "{source:?}");
        }
    }

    #[test]
    fn a_file_is_recorded_without_its_folder() {
        assert_eq!(Source::File("/home/me/a|b.yaml").recorded(), "the file `a_b.yaml`");
        assert_eq!(Source::Url("https://a.example/x|y").recorded(), "<https://a.example/x%7Cy>");
    }

    #[test]
    fn addresses_use_tls_or_loopback_and_contain_no_credentials() {
        for url in [
            "https://a.example/x.yaml",
            "HTTPS://a.example",
            "Http://LOCALHOST:8080/x",
            "http://127.0.0.1:8080/x",
            "http://[::1]:1/x",
            "http://localhost",
        ] {
            assert_eq!(Source::of(url).expect(url), Source::Url(url));
        }
        let error = Source::of("file:///etc/x").expect_err("refused").to_string();
        assert!(error.contains("name the file by its path") && !error.contains("in transit"), "{error}");
        for (url, words) in [
            ("http://a.example/x.yaml", "`http://` is not supported"),
            ("http://localhost.example/x", "`http://` is not supported"),
            ("http://127.0.0.1@a.example/x", "credentials"),
            ("https://me:pw@a.example/x", "credentials"),
            ("HTTP://a.example/x", "`HTTP://` is not supported"),
            ("file:///etc/x", "`file://` is not supported"),
        ] {
            let error = Source::of(url).expect_err(url).to_string();
            assert!(error.contains(words) && error.contains("remedy"), "{error}");
            assert!(!error.contains("pw"), "{error}");
        }
    }
}
