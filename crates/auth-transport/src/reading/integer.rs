//! Integers in every form of JSON: `1`, `1.0` and `10e-1` are the same number.

use serde::de::{Error, Visitor};

/// Passes an integer on as the smallest type that holds it, which is what visitors of integers accept.
pub(super) fn visit<'de, V: Visitor<'de>, E: Error>(value: i128, visitor: V) -> Result<V::Value, E> {
    if let Ok(value) = u64::try_from(value) {
        visitor.visit_u64(value)
    } else if let Ok(value) = i64::try_from(value) {
        visitor.visit_i64(value)
    } else {
        visitor.visit_i128(value)
    }
}

/// The exact value of a JSON number, if it is an integer.
pub(super) fn exact(number: &str) -> Option<i128> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (number, 0),
    };
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if digits.bytes().all(|byte| byte == b'0') {
        return Some(0);
    }
    let zeros = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let digits = match usize::try_from(zeros) {
        // No integer type has more digits.
        Ok(zeros) if zeros <= 39 => digits + &"0".repeat(zeros),
        Ok(_) => return None,
        Err(_) => {
            let cut = usize::try_from(zeros.unsigned_abs()).ok()?;
            let kept = digits.len().checked_sub(cut)?;
            let (kept, dropped) = digits.split_at(kept);
            dropped.bytes().all(|byte| byte == b'0').then(|| kept.to_owned())?
        }
    };
    format!("{sign}{digits}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_exact_in_every_form() {
        for (number, value) in [
            ("0", Some(0)),
            ("-0.0", Some(0)),
            ("0e99999", Some(0)),
            ("1.0", Some(1)),
            ("-1.00", Some(-1)),
            ("1e2", Some(100)),
            ("1.5E1", Some(15)),
            ("12.50e+1", Some(125)),
            ("10e-1", Some(1)),
            ("1200e-2", Some(12)),
            ("9007199254740993.0", Some(9_007_199_254_740_993)),
            ("1e18", Some(1_000_000_000_000_000_000)),
            ("1.5", None),
            ("1e-1", None),
            ("15e-1", None),
            ("1e99", None),
            ("1e9999999999", None),
            ("", None),
            ("-", None),
            ("null", None),
            ("\"1\"", None),
        ] {
            assert_eq!(exact(number), value, "{number}");
        }
    }
}
