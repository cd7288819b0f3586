//! Numbers of JSON, compared by value without rounding.

/// A decimal number: `0.1200e3` and `120` are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    is_negative: bool,
    /// The digits without zeros at the beginning and at the end.
    digits: String,
    /// The power of ten by which the digits are multiplied.
    exponent: i64,
}

impl Decimal {
    /// Reads a number of JSON (RFC 8259 section 6).
    pub(crate) fn of(text: &str) -> Option<Self> {
        let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (number, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let digits = significant.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { is_negative: false, digits, exponent: 0 });
        }
        let zeros = i64::try_from(significant.len() - digits.len()).ok()?;
        let exponent = power.parse::<i64>().ok()?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        Some(Self { is_negative, digits, exponent: exponent.checked_add(zeros)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_equal_by_value() {
        for (one, other, is_equal) in [
            ("1", "1.0", true),
            ("100", "1e2", true),
            ("0.1200E+3", "120", true),
            ("-0", "0.0", true),
            ("-1", "1", false),
            ("0.1", "0.10000000000000001", false),
            ("18446744073709551617", "18446744073709551616", false),
            ("1e400", "1e401", false),
        ] {
            assert_eq!(Decimal::of(one) == Decimal::of(other), is_equal, "{one} {other}");
        }
    }
}
