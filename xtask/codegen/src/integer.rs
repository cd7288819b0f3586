//! The type that the generator takes for an integer.

/// What a schema says of an integer; an exclusive limit is the next integer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Integer<'a> {
    /// Its `format`.
    pub format: Option<&'a str>,
    /// Its least value.
    pub min: Option<f64>,
    /// Its greatest value.
    pub max: Option<f64>,
    /// Whether it has `multipleOf`.
    pub is_multiple: bool,
}

/// A type of Rust: its name, that of the type without zero, its least and its greatest value.
type Known = (&'static str, &'static str, f64, f64);

/// The types by their formats, in the order of the generator.
#[allow(clippy::cast_precision_loss, reason = "the generator compares such limits as floats, too")]
const TYPES: [(&str, Known); 10] = [
    ("uint64", ("u64", "NonZeroU64", 0.0, u64::MAX as f64)),
    ("int64", ("i64", "NonZeroU64", i64::MIN as f64, i64::MAX as f64)),
    ("uint32", ("u32", "NonZeroU32", 0.0, u32::MAX as f64)),
    ("uint", ("u32", "NonZeroU32", 0.0, u32::MAX as f64)),
    ("int32", ("i32", "NonZeroU32", i32::MIN as f64, i32::MAX as f64)),
    ("int", ("i32", "NonZeroU32", i32::MIN as f64, i32::MAX as f64)),
    ("uint16", ("u16", "NonZeroU16", 0.0, u16::MAX as f64)),
    ("int16", ("i16", "NonZeroU16", i16::MIN as f64, i16::MAX as f64)),
    ("uint8", ("u8", "NonZeroU8", 0.0, u8::MAX as f64)),
    ("int8", ("i8", "NonZeroU8", i8::MIN as f64, i8::MAX as f64)),
];

fn same(one: f64, other: f64) -> bool {
    (one - other).abs() <= f64::EPSILON
}

impl Integer<'_> {
    /// The name of the type.
    #[must_use]
    pub fn rust_type(self) -> &'static str {
        self.chosen().0
    }

    /// The least and the greatest value of the type.
    pub(crate) fn range(self) -> (f64, f64) {
        let (_, low, high) = self.chosen();
        (low, high)
    }

    /// Whether one limit would make the generator limit the other side as well: `maximum: 255` alone is no `u8`.
    pub(crate) fn is_one_sided(self) -> bool {
        let named = TYPES.iter().any(|(format, _)| self.format == Some(format));
        match (self.min, self.max) {
            _ if named => false,
            (None, Some(max)) => TYPES.iter().any(|(_, (_, _, _, high))| same(*high, max)),
            (Some(min), None) => !same(min, 0.0) && TYPES.iter().any(|(_, (_, _, low, _))| same(*low, min)),
            _ => false,
        }
    }

    fn chosen(self) -> (&'static str, f64, f64) {
        let Self { format, mut min, mut max, is_multiple } = self;
        // Without zero, the type of a signed format is unsigned.
        let limited = |(name, nonzero, low, high): Known, min: Option<f64>| {
            if min != Some(1.0) {
                return (name, low, high);
            }
            let unsigned = TYPES.iter().find(|(_, known)| known.1 == nonzero && known.0.starts_with('u'));
            (nonzero, 1.0, unsigned.map_or(high, |(_, known)| known.3))
        };
        if let Some((_, known)) = TYPES.iter().find(|(name, _)| format == Some(name)) {
            let (low, high) = (known.2, known.3);
            if !is_multiple && min.is_none_or(|min| min >= low) && max.is_none_or(|max| max <= high) {
                return limited(*known, min);
            }
            min = min.or(Some(low));
            max = max.or(Some(high));
        }
        let found = TYPES.iter().map(|(_, known)| *known).find(|(_, _, low, high)| match (min, max) {
            (Some(1.0), _) => true,
            (Some(min), Some(max)) => same(*low, min) && same(*high, max),
            (Some(min), None) => same(min, 0.0) && same(*low, min),
            _ => false,
        });
        found.map_or(("i64", TYPES[1].1.2, TYPES[1].1.3), |known| limited(known, min))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_an_integer_select_its_type() {
        let of = |format: Option<&'static str>, min: Option<f64>, max: Option<f64>| Integer {
            format,
            min,
            max,
            is_multiple: false,
        };
        for (integer, name, low) in [
            (of(None, None, None), "i64", -9_223_372_036_854_775_808.0),
            (of(None, Some(0.0), None), "u64", 0.0),
            (of(None, Some(1.0), None), "NonZeroU64", 1.0),
            (of(None, Some(1.0), Some(10.0)), "NonZeroU64", 1.0),
            (of(None, Some(0.0), Some(255.0)), "u8", 0.0),
            (of(None, Some(0.0), Some(200.0)), "i64", -9_223_372_036_854_775_808.0),
            (of(None, None, Some(255.0)), "i64", -9_223_372_036_854_775_808.0),
            (of(None, Some(5.0), None), "i64", -9_223_372_036_854_775_808.0),
            (of(Some("int32"), Some(0.0), None), "i32", -2_147_483_648.0),
            (of(Some("int32"), Some(1.0), None), "NonZeroU32", 1.0),
            (of(Some("int32"), Some(0.0), Some(4_294_967_295.0)), "u32", 0.0),
            (Integer { is_multiple: true, ..of(Some("int32"), None, None) }, "i32", -2_147_483_648.0),
            (Integer { is_multiple: true, ..of(Some("int64"), Some(0.0), None) }, "i64", -9_223_372_036_854_775_808.0),
        ] {
            assert_eq!((integer.rust_type(), integer.range().0), (name, low), "{integer:?}");
        }
        for (integer, is_one_sided) in [
            (of(None, None, Some(255.0)), true),
            (of(None, None, Some(100.0)), false),
            (of(None, Some(-128.0), None), true),
            (of(None, Some(0.0), None), false),
            (of(None, Some(0.0), Some(255.0)), false),
            (of(Some("int64"), None, Some(255.0)), false),
        ] {
            assert_eq!(integer.is_one_sided(), is_one_sided, "{integer:?}");
        }
    }
}
