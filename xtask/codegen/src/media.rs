//! Media types.

/// JSON's media type.
pub(crate) const JSON: &str = "application/json";
/// What token requests are sent as, among others (RFC 6749 section 4.4.2).
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const BINARY: &str = "application/octet-stream";
pub(crate) const TEXT: &str = "text/plain";

/// The part of a media type before its parameters, in small letters.
pub(crate) fn essence(name: &str) -> String {
    name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a media type is JSON under whatever name.
pub fn is_json(name: &str) -> bool {
    let name = essence(name);
    name == JSON || name == "text/json" || name.starts_with("application/") && name.ends_with("+json")
}

/// How much a media type is to be preferred, the best first.
pub fn rank(name: &str) -> usize {
    let plain = essence(name);
    match plain.as_str() {
        JSON => 0,
        _ if is_json(name) => 1,
        FORM => 2,
        BINARY => 3,
        "*/*" | "application/*" => 4,
        _ if plain.starts_with("text/") => 5,
        _ if plain.starts_with("multipart/") => 9,
        _ => 6,
    }
}
