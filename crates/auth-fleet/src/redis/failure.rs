//! What a failed command means.

use std::io;

use redis::{ErrorKind, RedisError};

use crate::store::error::{StoreError, StoreErrorKind};

/// A failed command, and what it means for the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) error: StoreError,
    /// The connection is of no further use: it broke, or leads to a server that cannot do the work.
    pub(super) needs_connection: bool,
    /// The server has not executed the command, or executing it twice does not matter and another connection may help.
    pub(super) is_repeatable: bool,
}

/// What the error of a command means. Nothing of its text is kept: it may hold bytes of the store.
pub(super) fn failure(error: &RedisError) -> Failure {
    if let Some(code) = error.code() {
        return refused(code, error.detail().unwrap_or_default());
    }
    let (kind, detail, needs_connection) = match error.kind() {
        ErrorKind::Io if error.is_timeout() => (StoreErrorKind::Timeout, "", false),
        ErrorKind::Io => (StoreErrorKind::Unreachable, "the connection broke", true),
        ErrorKind::AuthenticationFailed => {
            (StoreErrorKind::Denied, "it did not accept the user and the password", true)
        }
        ErrorKind::RESP3NotSupported => {
            (StoreErrorKind::Configuration, "it does not speak RESP3; use Redis 6 or later", true)
        }
        ErrorKind::ClusterConnectionNotFound => (StoreErrorKind::Unreachable, "no node of the cluster answers", true),
        ErrorKind::InvalidClientConfig | ErrorKind::Client => {
            (StoreErrorKind::Configuration, "the client cannot use these settings", true)
        }
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => (StoreErrorKind::Protocol, "", true),
        _ => (StoreErrorKind::Protocol, "", false),
    };
    // A connection that broke while it was idle is the usual case; all commands may be executed twice.
    let is_repeatable = needs_connection && kind == StoreErrorKind::Unreachable;
    Failure { error: StoreError::new(kind, detail), needs_connection, is_repeatable }
}

/// As [`failure`], for a command to a cluster. The client follows redirections until it gives up.
pub(super) fn cluster_failure(error: &RedisError) -> Failure {
    if matches!(error.code(), Some("MOVED" | "ASK")) {
        let error = StoreError::new(StoreErrorKind::Unreachable, "a node of the cluster does not answer");
        return Failure { error, needs_connection: false, is_repeatable: false };
    }
    failure(error)
}

/// What an error answer of the server means, by its code.
fn refused(code: &str, detail: &str) -> Failure {
    use StoreErrorKind::{Configuration, Denied, Full, Protocol, ReadOnly, Timeout, Unreachable};
    let (kind, told, needs_connection) = match code {
        "READONLY" => (ReadOnly, "READONLY", true),
        "NOREPLICAS" => (ReadOnly, "NOREPLICAS: too few replicas are connected to it", false),
        "OOM" => (Full, "OOM", false),
        "MISCONF" => (Full, "MISCONF: it cannot write to its disk", false),
        "NOAUTH" => (Denied, "NOAUTH: it needs a password", true),
        "WRONGPASS" => (Denied, "WRONGPASS", true),
        "NOPERM" => (Denied, "NOPERM: the user lacks a permission", false),
        "LOADING" => (Unreachable, "LOADING: it is starting", false),
        "MASTERDOWN" => (Unreachable, "MASTERDOWN: a replica without its primary", true),
        "CLUSTERDOWN" => (Unreachable, "CLUSTERDOWN", false),
        "TRYAGAIN" => (Unreachable, "TRYAGAIN: the cluster moves this entry", false),
        "BUSY" => (Timeout, "BUSY: a script of another client runs", false),
        "MOVED" | "ASK" | "CROSSSLOT" => (Configuration, "it is a node of a cluster; use `RedisStore::cluster`", true),
        "NOSCRIPT" => (Protocol, "NOSCRIPT: it does not keep scripts", false),
        "NOPROTO" => (Configuration, "it does not speak RESP3; use Redis 6 or later", true),
        "ERR" if detail.contains("DB index") => (Configuration, "it has no database of this number", true),
        "ERR" if detail.contains("max number of clients") => (Unreachable, "it has too many clients", true),
        "ERR" if detail.contains("without any password configured") => {
            (Denied, "its user `default` has no password", true)
        }
        // In scripts of Redis 7.0, in those of later versions, and when a connection begins.
        "ERR"
            if ["user executing the script can't run", "ACL failure in script", "no permissions to run"]
                .iter()
                .any(|words| detail.contains(words)) =>
        {
            (Denied, "the user lacks the permission for a command", false)
        }
        "ERR" if detail.contains("unknown command") => {
            (Configuration, "it does not know a command; use Redis 6 or later", false)
        }
        "ERR" => (Protocol, "ERR", false),
        _ => (Protocol, "an error code that is not known", false),
    };
    Failure { error: StoreError::new(kind, told), needs_connection, is_repeatable: code == "READONLY" }
}

/// What a failed connection attempt means, before the server has answered anything.
pub(super) fn not_connected(error: &io::Error) -> StoreError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (inner, error.kind()) {
        (Some(rustls::Error::InvalidCertificate(_)), _) => {
            StoreError::new(StoreErrorKind::Unreachable, "its certificate is not trusted, or is for another host")
        }
        (Some(_), _) => StoreError::new(StoreErrorKind::Unreachable, "the TLS handshake failed"),
        (None, io::ErrorKind::ConnectionRefused) => {
            StoreError::new(StoreErrorKind::Unreachable, "nothing listens there")
        }
        (None, io::ErrorKind::NotFound) => StoreError::new(StoreErrorKind::Unreachable, "there is no such socket"),
        (None, io::ErrorKind::PermissionDenied) => {
            StoreError::new(StoreErrorKind::Denied, "the operating system denies access to the socket")
        }
        (None, io::ErrorKind::TimedOut) => StoreError::new(StoreErrorKind::Timeout, ""),
        _ => StoreError::new(StoreErrorKind::Unreachable, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_of_the_server_has_a_kind_and_none_shows_what_the_server_wrote() {
        use StoreErrorKind::{Configuration, Denied, Full, Protocol, ReadOnly, Timeout, Unreachable};
        for (answer, kind, needs_connection, is_repeatable) in [
            ("READONLY You can't write against a read only replica.", ReadOnly, true, true),
            ("NOREPLICAS Not enough good replicas to write.", ReadOnly, false, false),
            ("OOM command not allowed when used memory > 'maxmemory'.", Full, false, false),
            ("MISCONF Redis is configured to save RDB snapshots", Full, false, false),
            ("NOAUTH Authentication required.", Denied, true, false),
            ("WRONGPASS invalid username-password pair or user is disabled.", Denied, true, false),
            ("NOPERM this user has no permissions to run the 'evalsha' command", Denied, false, false),
            ("LOADING Redis is loading the dataset in memory", Unreachable, false, false),
            ("MASTERDOWN Link with MASTER is down", Unreachable, true, false),
            ("CLUSTERDOWN Hash slot not served", Unreachable, false, false),
            ("TRYAGAIN Multiple keys request during rehashing of slot", Unreachable, false, false),
            ("BUSY Redis is busy running a script.", Timeout, false, false),
            ("MOVED 3999 127.0.0.1:6381", Configuration, true, false),
            ("ASK 3999 127.0.0.1:6381", Configuration, true, false),
            ("CROSSSLOT Keys in request don't hash to the same slot", Configuration, true, false),
            ("NOSCRIPT No matching script.", Protocol, false, false),
            ("NOPROTO unsupported protocol version", Configuration, true, false),
            ("ERR DB index is out of range", Configuration, true, false),
            (
                "ERR The user executing the script can't run this command or subcommand script: s3cret",
                Denied,
                false,
                false,
            ),
            (
                "ERR ACL failure in script: User s3cret has no permissions to run the 'get' command",
                Denied,
                false,
                false,
            ),
            ("ERR max number of clients reached", Unreachable, true, false),
            ("ERR unknown command 'EVALSHA', with args beginning with: 's3cret'", Configuration, false, false),
            ("ERR s3cret", Protocol, false, false),
            ("S3CRET s3cret", Protocol, false, false),
        ] {
            let error =
                redis::parse_redis_value(format!("-{answer}\r\n").as_bytes()).unwrap().extract_error().unwrap_err();
            let failure = failure(&error);
            let found = (failure.error.kind(), failure.needs_connection, failure.is_repeatable);
            assert_eq!(found, (kind, needs_connection, is_repeatable), "{answer}");
            let shown = format!("{failure:?} {}", failure.error);
            assert!(!shown.to_lowercase().contains("s3cret") && !shown.contains("127.0.0.1"), "{shown}");
        }
    }

    #[test]
    fn a_redirection_in_a_cluster_is_a_node_that_does_not_answer() {
        for (answer, kind) in [
            ("MOVED 1 a:1", StoreErrorKind::Unreachable),
            ("ASK 1 a:1", StoreErrorKind::Unreachable),
            ("OOM", StoreErrorKind::Full),
        ] {
            let error =
                redis::parse_redis_value(format!("-{answer}\r\n").as_bytes()).unwrap().extract_error().unwrap_err();
            let failure = cluster_failure(&error);
            assert_eq!((failure.error.kind(), failure.needs_connection), (kind, false), "{answer}");
        }
    }

    #[test]
    fn a_broken_connection_is_replaced_and_its_command_repeated() {
        for (error, kind, is_lost) in [
            (io::ErrorKind::BrokenPipe, StoreErrorKind::Unreachable, true),
            (io::ErrorKind::ConnectionReset, StoreErrorKind::Unreachable, true),
            (io::ErrorKind::UnexpectedEof, StoreErrorKind::Unreachable, true),
            (io::ErrorKind::TimedOut, StoreErrorKind::Timeout, false),
        ] {
            let failure = failure(&io::Error::new(error, "s3cret").into());
            assert_eq!(
                (failure.error.kind(), failure.needs_connection, failure.is_repeatable),
                (kind, is_lost, is_lost)
            );
            assert!(!failure.error.to_string().contains("s3cret"));
        }
    }
}
