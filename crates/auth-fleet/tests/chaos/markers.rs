//! What must not be in a store in clear text, and the search for it.

/// The client and its secret, and the beginnings of scopes and tokens.
pub(crate) const CLIENT_ID: &str = "marker-client-Vb83kQ";
pub(crate) const CLIENT_SECRET: &str = "marker-secret-Tz61rW";
pub(crate) const SCOPE: &str = "marker-scope-Hn25pL";
pub(crate) const TOKEN: &str = "marker-token-Jd47xM";

/// The markers in these bytes.
pub(crate) fn found_in(bytes: &[u8]) -> Vec<&'static str> {
    let is_there = |marker: &&str| bytes.windows(marker.len()).any(|part| part == marker.as_bytes());
    [CLIENT_ID, CLIENT_SECRET, SCOPE, TOKEN].into_iter().filter(is_there).collect()
}

/// The text of a scope.
pub(crate) fn scope(number: usize) -> String {
    format!("{SCOPE}.{number}")
}

/// The number in the text of a scope.
pub(crate) fn number(scope: &str) -> Option<usize> {
    scope.strip_prefix(SCOPE)?.strip_prefix('.')?.parse().ok()
}

/// The text of a token: its scope, when it was issued on the boot clock, and a number that makes it unique.
pub(crate) fn token(scope: usize, issued: u64, number: usize) -> String {
    format!("{TOKEN}.{scope}.{issued}.{number}")
}

/// The scope of a token and when it was issued.
pub(crate) fn read_token(token: &str) -> Option<(usize, u64)> {
    let mut fields = token.strip_prefix(TOKEN)?.strip_prefix('.')?.split('.');
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}
