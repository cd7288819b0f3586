//! The result of comparing JSON with a shape.

/// How a value compares with a shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fit {
    /// The parts that have another type or another value than the schema allows.
    pub(super) deviations: usize,
    /// The members that the schema does not describe.
    pub(super) dropped: usize,
    /// Whether an object has members that its schema forbids.
    pub(super) has_forbidden: bool,
    /// Whether this is an object, and its schema describes none of its members.
    pub(super) keeps_nothing: bool,
}

impl Fit {
    /// Whether the schema allows the value.
    pub(super) fn is_valid(self) -> bool {
        self.deviations == 0 && !self.has_forbidden
    }

    /// The sort key of the members of a union: first those that allow the value and keep a part of it, then the fewest losses.
    pub(super) fn rank(self) -> (bool, usize, bool) {
        (!self.is_valid() || self.keeps_nothing, self.deviations + self.dropped, self.keeps_nothing)
    }

    /// Adds the comparison of a part.
    pub(super) fn add(&mut self, part: Option<Self>) {
        match part {
            Some(part) => {
                self.deviations += part.deviations;
                self.dropped += part.dropped;
                self.has_forbidden |= part.has_forbidden;
            }
            None => self.deviations += 1,
        }
    }
}
