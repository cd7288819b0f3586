//! Messages and remedies for documents that cannot be fetched.

use std::io::ErrorKind;

use diagnostics::Problem;
use rustls::{CertificateError, InvalidMessage};
use ureq::Error;

use crate::files::{self, Access};

const DOWNLOAD: &str = "download the document by other means, and name the file";

/// Creates the problem for a document that cannot be fetched from `url`.
///
/// It has the cause, but nothing of the server's response.
pub fn cannot_fetch(url: &str, error: &Error) -> Problem {
    let (cause, remedy) = cause(error);
    Problem::new(format!("cannot fetch the document: {cause}")).file(url).remedy(remedy)
}

fn cause(error: &Error) -> (String, String) {
    let owned = |cause: &str, remedy: &str| (cause.to_owned(), remedy.to_owned());
    if let Some(error) = tls(error) {
        return of_tls(error);
    }
    match error {
        Error::StatusCode(status) => (format!("the server answered with status {status}"), of_status(*status)),
        Error::HostNotFound => owned(
            "the host name has no address",
            "check the name; if it is correct, check whether this machine is online or needs a proxy (HTTPS_PROXY)",
        ),
        Error::ConnectionFailed => {
            owned("cannot connect to the server", "check the host and the port, and whether a proxy is needed")
        }
        Error::Timeout(_) => owned("the server did not answer in time", &format!("try again later; or {DOWNLOAD}")),
        Error::TooManyRedirects | Error::RedirectFailed => {
            owned("the server redirects too often", "name the final address of the redirects")
        }
        Error::RequireHttpsOnly(_) => owned(
            "the server redirects to an address without TLS",
            &format!("name an `https://` address; or {DOWNLOAD}"),
        ),
        Error::BodyExceedsLimit(limit) => (
            format!("it is larger than the limit of {} MiB", limit / (1024 * 1024)),
            format!("check the address; or {DOWNLOAD}"),
        ),
        Error::BadUri(_) | Error::Http(_) => {
            owned("the address is not a URL", "write it as `https://HOST/PATH`, without spaces")
        }
        Error::InvalidProxyUrl => {
            owned("the address of the proxy is not a URL", "correct or unset HTTPS_PROXY, HTTP_PROXY and ALL_PROXY")
        }
        Error::ConnectProxyFailed(_) => owned(
            "the proxy did not open a tunnel to the server",
            "check HTTPS_PROXY and the credentials in it, or list the host in NO_PROXY",
        ),
        Error::Protocol(_) | Error::LargeResponseHeader(..) => {
            owned("the server does not speak HTTP at this port", "check the host and the port")
        }
        Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => {
                owned("the server refused the connection", "check the host and the port, and whether the server runs")
            }
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => owned(
                "the server closed the connection",
                &format!("check the port, and whether the server speaks TLS on it; try again; or {DOWNLOAD}"),
            ),
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => owned(
                "the server cannot be reached",
                "check whether this machine is online or needs a proxy (HTTPS_PROXY)",
            ),
            ErrorKind::TimedOut => {
                owned("the server did not answer in time", &format!("try again later; or {DOWNLOAD}"))
            }
            _ => (error.to_string(), files::advice(Access::Read, error).to_owned()),
        },
        _ => owned("the request failed", DOWNLOAD),
    }
}

fn of_status(status: u16) -> String {
    match status {
        401 | 403 | 407 => format!("{DOWNLOAD}: the server requires credentials, which this command does not send"),
        404 | 410 => "check the address: the server has no document there".to_owned(),
        429 | 500..=599 => format!("try again later; or {DOWNLOAD}"),
        _ => format!("check the address; or {DOWNLOAD}"),
    }
}

/// The TLS error inside another error.
fn tls(error: &Error) -> Option<&rustls::Error> {
    match error {
        Error::Rustls(error) => Some(error),
        Error::Io(error) => error.get_ref()?.downcast_ref(),
        _ => None,
    }
}

fn of_tls(error: &rustls::Error) -> (String, String) {
    let (cause, remedy) = match error {
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            ("the server does not speak TLS at this port", "check the port: `https://` requires TLS")
        }
        rustls::Error::InvalidCertificate(problem) => match problem {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
                "the certificate of the server has expired",
                "check the clock of this machine; if it is correct, report this to the vendor",
            ),
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
                "the certificate of the server is not valid yet",
                "check the clock of this machine; if it is correct, report this to the vendor",
            ),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                ("the certificate of the server is for another name", "check the host in the address")
            }
            _ => (
                "the certificate of the server is not trusted",
                "set SSL_CERT_FILE to your own root certificate, if the server or a proxy uses one",
            ),
        },
        // The verifier has no type for this error; a test fails if its wording changes.
        rustls::Error::General(text) if text.starts_with("No CA certificates were loaded") => (
            "no root certificates were found",
            "install the package `ca-certificates`, or set SSL_CERT_FILE or SSL_CERT_DIR",
        ),
        _ => ("the TLS handshake with the server failed", DOWNLOAD),
    };
    (cause.to_owned(), remedy.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn each_cause_has_a_message_and_a_remedy() {
        let tls = |error| Error::Rustls(error);
        let wrapped = |error: rustls::Error| Error::Io(io::Error::new(ErrorKind::InvalidData, error));
        let unknown = || rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        for (error, cause, remedy) in [
            (Error::StatusCode(404), "status 404", "check the address"),
            (Error::StatusCode(403), "status 403", "requires credentials"),
            (Error::StatusCode(503), "status 503", "try again later"),
            (Error::HostNotFound, "has no address", "online"),
            (Error::TooManyRedirects, "redirects too often", "final address of the redirects"),
            (Error::RequireHttpsOnly("x".into()), "without TLS", "`https://`"),
            (Error::BodyExceedsLimit(64 * 1024 * 1024), "limit of 64 MiB", "name the file"),
            (Error::BadUri("http://me:pw@".into()), "is not a URL", "`https://HOST/PATH`"),
            (Error::ConnectProxyFailed("pw".into()), "did not open a tunnel", "HTTPS_PROXY"),
            (Error::Io(ErrorKind::ConnectionRefused.into()), "refused the connection", "the port"),
            (Error::Io(ErrorKind::UnexpectedEof.into()), "closed the connection", "TLS"),
            (Error::Io(ErrorKind::NetworkUnreachable.into()), "cannot be reached", "HTTPS_PROXY"),
            #[cfg(unix)]
            (Error::Io(io::Error::from_raw_os_error(24)), "open files", "`ulimit -n`"),
            (wrapped(InvalidMessage::InvalidContentType.into()), "does not speak TLS", "check the port"),
            (tls(unknown()), "not trusted", "SSL_CERT_FILE"),
            (wrapped(unknown()), "not trusted", "SSL_CERT_FILE"),
            (tls(CertificateError::Expired.into()), "has expired", "clock"),
            (tls(CertificateError::NotValidForName.into()), "another name", "the host"),
            (tls(rustls::Error::DecryptError), "TLS handshake", "name the file"),
        ] {
            let text = cannot_fetch("https://a.example/x", &error).to_string();
            let (message, advice) = text.split_once("remedy: ").expect("a remedy");
            assert!(message.contains(cause) && advice.contains(remedy), "{error:?}: {text}");
            assert!(!text.contains("pw"), "{text}");
        }
    }
}
