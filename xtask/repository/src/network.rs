//! Why a document did not come from the network, and what to do about it.

use std::io::ErrorKind;

use diagnostics::Problem;
use rustls::{CertificateError, InvalidMessage};
use ureq::Error;

use crate::files::{self, Access};

const DOWNLOAD: &str = "download the document in another way, and name the file";

/// The document cannot be fetched from `url`.
///
/// What the server said is not shown, only how it failed.
pub fn cannot_fetch(url: &str, error: &Error) -> Problem {
    let (cause, remedy) = cause(error);
    Problem::new(format!("cannot fetch the document: {cause}")).file(url).remedy(remedy)
}

fn cause(error: &Error) -> (String, String) {
    let told = |cause: &str, remedy: &str| (cause.to_owned(), remedy.to_owned());
    if let Some(error) = tls(error) {
        return of_tls(error);
    }
    match error {
        Error::StatusCode(status) => (format!("the server answered with status {status}"), of_status(*status)),
        Error::HostNotFound => told(
            "the name of the host has no address",
            "check the name; if it is right, whether this machine is online, or needs a proxy (HTTPS_PROXY)",
        ),
        Error::ConnectionFailed => {
            told("there is no connection to the server", "check the host and the port, and whether a proxy is needed")
        }
        Error::Timeout(_) => told("the server did not answer in time", &format!("try again later; or {DOWNLOAD}")),
        Error::TooManyRedirects | Error::RedirectFailed => {
            told("the server redirects too often", "name the address that the redirects are to lead to")
        }
        Error::RequireHttpsOnly(_) => told(
            "the server redirects to an address without TLS",
            &format!("name an `https://` address; or {DOWNLOAD}"),
        ),
        Error::BodyExceedsLimit(limit) => (
            format!("it is larger than the limit of {} MiB", limit / (1024 * 1024)),
            format!("check the address; or {DOWNLOAD}"),
        ),
        Error::BadUri(_) | Error::Http(_) => {
            told("the address is not a URL", "write it as `https://HOST/PATH`, without spaces")
        }
        Error::InvalidProxyUrl => {
            told("the address of the proxy is not a URL", "correct or unset HTTPS_PROXY, HTTP_PROXY and ALL_PROXY")
        }
        Error::ConnectProxyFailed(_) => told(
            "the proxy opens no tunnel to the server",
            "check HTTPS_PROXY and the credentials in it, or list the host in NO_PROXY",
        ),
        Error::Protocol(_) | Error::LargeResponseHeader(..) => {
            told("the server does not speak HTTP at this port", "check the host and the port")
        }
        Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => {
                told("the server refuses connections", "check the host and the port, and whether the server runs")
            }
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => told(
                "the server closed the connection",
                &format!("check the port and whether the server speaks TLS there; try again, or {DOWNLOAD}"),
            ),
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => told(
                "the server cannot be reached",
                "check whether this machine is online, or needs a proxy (HTTPS_PROXY)",
            ),
            ErrorKind::TimedOut => {
                told("the server did not answer in time", &format!("try again later; or {DOWNLOAD}"))
            }
            _ => (error.to_string(), files::advice(Access::Read, error).to_owned()),
        },
        _ => told("the exchange with the server failed", DOWNLOAD),
    }
}

fn of_status(status: u16) -> String {
    match status {
        401 | 403 | 407 => format!("the server wants credentials, which are not sent: {DOWNLOAD}"),
        404 | 410 => "check the address: there is no document there".to_owned(),
        429 | 500..=599 => format!("try again later; or {DOWNLOAD}"),
        _ => format!("check the address; or {DOWNLOAD}"),
    }
}

/// The error of TLS that is in another one.
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
            ("the server does not speak TLS at this port", "check the port: `https://` needs a server with TLS")
        }
        rustls::Error::InvalidCertificate(problem) => match problem {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                ("the certificate of the server has expired", "check the clock of this machine; else tell the vendor")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
                "the certificate of the server is not valid yet",
                "check the clock of this machine; else tell the vendor",
            ),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                ("the certificate of the server is for another name", "check the host in the address")
            }
            _ => (
                "the certificate of the server is not trusted",
                "if the server or a proxy has a root certificate of your own, name its file in SSL_CERT_FILE",
            ),
        },
        // The verifier has no type for that; a test shows a change of the wording.
        rustls::Error::General(text) if text.starts_with("No CA certificates were loaded") => (
            "no root certificates were found to check the server with",
            "install the package `ca-certificates`, or let SSL_CERT_FILE or SSL_CERT_DIR name where they are",
        ),
        _ => ("there is no TLS connection with the server", DOWNLOAD),
    };
    (cause.to_owned(), remedy.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn each_cause_has_its_words_and_a_remedy_that_fits() {
        let tls = |error| Error::Rustls(error);
        let wrapped = |error: rustls::Error| Error::Io(io::Error::new(ErrorKind::InvalidData, error));
        let unknown = || rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        for (error, cause, remedy) in [
            (Error::StatusCode(404), "status 404", "check the address"),
            (Error::StatusCode(403), "status 403", "wants credentials"),
            (Error::StatusCode(503), "status 503", "try again later"),
            (Error::HostNotFound, "has no address", "online"),
            (Error::TooManyRedirects, "redirects too often", "that the redirects"),
            (Error::RequireHttpsOnly("x".into()), "without TLS", "`https://`"),
            (Error::BodyExceedsLimit(64 * 1024 * 1024), "limit of 64 MiB", "name the file"),
            (Error::BadUri("http://me:pw@".into()), "is not a URL", "`https://HOST/PATH`"),
            (Error::ConnectProxyFailed("pw".into()), "opens no tunnel", "HTTPS_PROXY"),
            (Error::Io(ErrorKind::ConnectionRefused.into()), "refuses connections", "the port"),
            (Error::Io(ErrorKind::UnexpectedEof.into()), "closed the connection", "TLS"),
            (Error::Io(ErrorKind::NetworkUnreachable.into()), "cannot be reached", "HTTPS_PROXY"),
            #[cfg(unix)]
            (Error::Io(io::Error::from_raw_os_error(24)), "open files", "`ulimit -n`"),
            (wrapped(InvalidMessage::InvalidContentType.into()), "does not speak TLS", "check the port"),
            (tls(unknown()), "not trusted", "SSL_CERT_FILE"),
            (wrapped(unknown()), "not trusted", "SSL_CERT_FILE"),
            (tls(CertificateError::Expired.into()), "has expired", "clock"),
            (tls(CertificateError::NotValidForName.into()), "another name", "the host"),
            (tls(rustls::Error::DecryptError), "no TLS connection", "name the file"),
        ] {
            let text = cannot_fetch("https://a.example/x", &error).to_string();
            let (message, advice) = text.split_once("remedy: ").expect("a remedy");
            assert!(message.contains(cause) && advice.contains(remedy), "{error:?}: {text}");
            assert!(!text.contains("pw"), "{text}");
        }
    }
}
