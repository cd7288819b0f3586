//! Durations as users write them.

use std::time::Duration;

/// Parses a whole number with the unit `s`, `m` or `h`; without a unit, it is seconds.
pub(crate) fn parse(text: &str) -> Result<Duration, &'static str> {
    const FORM: &str = "must be a whole number with the unit s, m or h, such as 90s, 10m or 1h";
    let (number, unit) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 60 * 60),
        _ => (text, 1),
    };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = number.parse().ok().filter(|_| is_number).ok_or(FORM)?;
    Ok(Duration::from_secs(u64::from(number) * unit))
}

/// Parses a duration of 1 second or more, for a limit that nothing would keep otherwise.
pub(crate) fn parse_positive(text: &str) -> Result<Duration, &'static str> {
    parse(text).and_then(|duration| if duration.is_zero() { Err("must be at least 1s") } else { Ok(duration) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        for (text, seconds) in [("0", 0), ("90", 90), ("90s", 90), ("10m", 600), ("2h", 7_200)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "s", "-1s", "+1s", "1.5h", "10 m", "1d", "99999999999", "\u{661}s"] {
            assert!(parse(text).is_err(), "{text}");
        }
        for (text, accepted) in [("0", false), ("0s", false), ("0h", false), ("1", true), ("1s", true), ("x", false)] {
            assert_eq!(parse_positive(text).is_ok(), accepted, "{text}");
        }
    }
}
