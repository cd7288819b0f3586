//! The file with the tokens of callers that connect over TCP.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use auth_core::{CredentialSource, Secret, SecretFile};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use tokio::sync::Mutex;

/// How long the content of the file is used before it is read again.
const FRESH: Duration = Duration::from_secs(1);

/// Bytes of the shortest token that is accepted.
const SHORTEST: usize = 32;

/// The tokens of callers, read again from their file once a second while requests arrive.
///
/// A line is the name of a caller, a space, and its token; empty lines and lines that begin with `#` are skipped. A caller may have
/// several tokens, so that one can replace another. As long as the file cannot be read, names an unknown caller, or has a token twice, no
/// token is accepted.
pub(super) struct CallerTokens {
    path: PathBuf,
    /// The names of all callers.
    names: BTreeSet<String>,
    known: Mutex<Option<Known>>,
}

struct Known {
    read: Instant,
    entries: Result<Vec<Entry>, String>,
}

/// The token of a caller. Only its digest is kept.
struct Entry {
    caller: String,
    digest: [u8; SHA256_OUTPUT_LEN],
}

impl CallerTokens {
    /// The tokens in this file, of callers with these names.
    pub(super) fn new(path: PathBuf, names: BTreeSet<String>) -> Self {
        Self { path, names, known: Mutex::new(None) }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// What is wrong with it, without its content.
    pub(super) async fn check(&self) -> Result<(), String> {
        self.read().await.map(|_| ())
    }

    /// The name of the caller that this token belongs to. Takes the same time whether and where it is in the file.
    pub(super) async fn caller_of(&self, token: &Secret) -> Option<String> {
        let presented = digest(&SHA256, token.expose().as_bytes());
        let mut known = self.known.lock().await;
        if known.as_ref().is_none_or(|known| known.read.elapsed() > FRESH) {
            let entries = self.read().await;
            let before = known.as_ref().and_then(|known| known.entries.as_ref().err());
            if let Err(problem) = &entries
                && before != Some(problem)
            {
                tracing::error!("no caller token is accepted: {problem}");
            }
            *known = Some(Known { read: Instant::now(), entries });
        }
        let entries = known.as_ref().and_then(|known| known.entries.as_ref().ok())?;
        entries.iter().fold(None, |found, entry| {
            let is_equal = verify_slices_are_equal(&entry.digest, presented.as_ref()).is_ok();
            if is_equal { Some(entry.caller.clone()) } else { found }
        })
    }

    async fn read(&self) -> Result<Vec<Entry>, String> {
        // Checks that others may neither read nor write the file.
        let file = SecretFile::new(&self.path).permit_line_breaks();
        let text = CredentialSource::<Secret>::credentials(&file).await.map_err(|error| error.to_string())?;
        let wrong = |(line, problem)| format!("{}, line {line}: {problem}", self.path.display());
        parse(text.expose(), &self.names).map_err(wrong)
    }
}

impl fmt::Debug for CallerTokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CallerTokens").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The entries of a file, or the number of the first wrong line and what is wrong with it.
fn parse(text: &str, names: &BTreeSet<String>) -> Result<Vec<Entry>, (usize, &'static str)> {
    let mut entries: Vec<Entry> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |problem| (index + 1, problem);
        let (caller, token) =
            line.split_once(' ').ok_or(wrong("write the name of a caller, a space, and its token"))?;
        let token = token.trim_start();
        if token.contains(char::is_whitespace) {
            return Err(wrong("a token must not hold spaces"));
        }
        if token.len() < SHORTEST {
            return Err(wrong("the token is shorter than 32 characters; `openssl rand -hex 32` makes one"));
        }
        if !names.contains(caller) {
            return Err(wrong("the configuration has no caller of this name in `[serve.callers]`"));
        }
        let mut digest_bytes = [0; SHA256_OUTPUT_LEN];
        digest_bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        if entries.iter().any(|entry| entry.digest == digest_bytes) {
            return Err(wrong("an earlier line has the same token; give each caller its own"));
        }
        entries.push(Entry { caller: caller.to_owned(), digest: digest_bytes });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const ONE: &str = "0123456789abcdef0123456789abcdef";

    fn names() -> BTreeSet<String> {
        ["reports", "jobs"].map(str::to_owned).into()
    }

    #[test]
    fn a_line_is_the_name_of_a_caller_and_its_token() {
        let text = format!("# those of Monday\n\nreports {ONE}\n  jobs    {ONE}x  \r\nreports {ONE}y");
        let entries = parse(&text, &names()).unwrap_or_else(|(line, problem)| panic!("{line}: {problem}"));
        assert_eq!(
            entries.iter().map(|entry| entry.caller.as_str()).collect::<Vec<_>>(),
            ["reports", "jobs", "reports"]
        );
        for (text, line) in [
            ("reports", 1),
            (ONE, 1),
            ("reports short", 1),
            ("\n# a\nreports 0123456789abcdef 0123456789abcdef", 3),
            ("reports  ", 1),
            // A caller that is misspelt, and tokens that two callers have.
            (&format!("reports {ONE}\nreport {ONE}x"), 2),
            (&format!("reports {ONE}\n\njobs {ONE}"), 3),
        ] {
            assert_eq!(parse(text, &names()).err().map(|(line, _)| line), Some(line), "{text:?}");
        }
    }

    #[tokio::test]
    async fn a_token_belongs_to_the_caller_of_its_line_and_to_nobody_without_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("callers");
        let tokens = CallerTokens::new(path.clone(), names());
        assert_eq!(caller_of(&tokens, ONE).await, None);
        assert!(tokens.check().await.is_err_and(|problem| problem.contains("callers")));

        let tokens = CallerTokens::new(path.clone(), names());
        write(&path, &format!("reports {ONE}\njobs {ONE}{ONE}\n"));
        tokens.check().await.unwrap();
        assert_eq!(caller_of(&tokens, ONE).await.as_deref(), Some("reports"));
        assert_eq!(caller_of(&tokens, &ONE.repeat(2)).await.as_deref(), Some("jobs"));
        for wrong in ["", "reports", &ONE[1..], &ONE.to_uppercase()] {
            assert_eq!(caller_of(&tokens, wrong).await, None, "{wrong}");
        }
        assert!(!format!("{tokens:?}").contains(ONE));
    }

    async fn caller_of(tokens: &CallerTokens, token: &str) -> Option<String> {
        tokens.caller_of(&Secret::from(token)).await
    }

    fn write(path: &Path, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;

        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}
