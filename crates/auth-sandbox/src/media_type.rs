//! The media type of a body (RFC 9110 section 8.3).

use http::{HeaderMap, header};

/// True if there is exactly one `Content-Type`, and it is this media type, alone or with `charset=utf-8`.
pub(crate) fn is_once(headers: &HeaderMap, media_type: &str) -> bool {
    let mut sent = headers.get_all(header::CONTENT_TYPE).iter();
    matches!((sent.next(), sent.next()), (Some(value), None) if is(value.as_bytes(), media_type))
}

fn is(content_type: &[u8], media_type: &str) -> bool {
    let text = String::from_utf8_lossy(content_type).to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    parts.next() == Some(media_type)
        && parts.all(|parameter| matches!(parameter, "charset=utf-8" | r#"charset="utf-8""#))
}

#[cfg(test)]
mod tests {
    use super::is;

    #[test]
    fn the_media_type_may_name_utf_8_and_nothing_else() {
        const FORM: &str = "application/x-www-form-urlencoded";
        assert!(is(b"application/x-www-form-urlencoded", FORM));
        assert!(is(b"Application/X-WWW-Form-Urlencoded; charset=UTF-8", FORM));
        for other in ["", "application/json", "application/x-www-form-urlencoded; charset=latin1", "text/plain; a"] {
            assert!(!is(other.as_bytes(), FORM), "{other}");
        }
    }
}
