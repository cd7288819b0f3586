//! What the operating system reports, as an error of the store.

use rustix::io::Errno;

use crate::store::error::{StoreError, StoreErrorKind};

/// The error of a step that the operating system refused.
pub(super) fn failure(step: &str, errno: Errno) -> StoreError {
    let advice = match errno {
        Errno::MFILE | Errno::NFILE => "; close files, or raise the limit (`ulimit -n`)",
        Errno::FBIG => "; raise the limit of the size of files (`ulimit -f`)",
        _ => "",
    };
    StoreError::new(kind(errno), format!("{step}: {errno}{advice}"))
}

fn kind(errno: Errno) -> StoreErrorKind {
    match errno {
        Errno::NOSPC | Errno::DQUOT | Errno::FBIG => StoreErrorKind::Full,
        Errno::ROFS => StoreErrorKind::ReadOnly,
        Errno::ACCESS | Errno::PERM => StoreErrorKind::Denied,
        Errno::NOENT | Errno::STALE | Errno::NOTCONN | Errno::NODEV | Errno::NXIO => StoreErrorKind::Unreachable,
        Errno::TIMEDOUT => StoreErrorKind::Timeout,
        Errno::LOOP | Errno::NOTDIR | Errno::NAMETOOLONG => StoreErrorKind::Configuration,
        _ => StoreErrorKind::System,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_the_operating_system_has_its_kind() {
        for (errno, kind) in [
            (Errno::NOSPC, StoreErrorKind::Full),
            (Errno::DQUOT, StoreErrorKind::Full),
            (Errno::FBIG, StoreErrorKind::Full),
            (Errno::ROFS, StoreErrorKind::ReadOnly),
            (Errno::ACCESS, StoreErrorKind::Denied),
            (Errno::NOENT, StoreErrorKind::Unreachable),
            (Errno::STALE, StoreErrorKind::Unreachable),
            (Errno::NOTDIR, StoreErrorKind::Configuration),
            (Errno::IO, StoreErrorKind::System),
            (Errno::MFILE, StoreErrorKind::System),
        ] {
            assert_eq!(failure("cannot write an entry", errno).kind(), kind, "{errno}");
        }
        let error = failure("cannot write an entry", Errno::MFILE).to_string();
        assert!(error.contains("cannot write an entry") && error.contains("ulimit -n"), "{error}");
    }
}
