//! What a store does against the contract.

use std::fmt;

/// A sentence of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sentence {
    Atomic,
    StoreTime,
    Remaining,
    OneOwner,
    LeaseEnds,
    Rising,
    Fenced,
    OwnRelease,
    Waits,
    Sealed,
}

impl Sentence {
    /// Its number and its words.
    fn text(self) -> (u8, &'static str) {
        match self {
            Self::Atomic => (1, "every operation is atomic"),
            Self::StoreTime => (2, "time is that of the store"),
            Self::Remaining => (
                3,
                "`get` returns the entry with its remaining time to live, which is never longer than it is; an entry whose \
                 lifetime is over is absent",
            ),
            Self::OneOwner => (
                4,
                "`lease` grants a lease to one owner at a time, to no one if the entry is not the one that the owner has seen, \
                 and to the owner of the lease the same lease again",
            ),
            Self::LeaseEnds => {
                (5, "a lease ends when its owner releases it, when its owner publishes, or when its duration is over")
            }
            Self::Rising => (
                6,
                "the generation of a grant is greater than that of every earlier grant and entry of the name, also after the \
                 store has lost them",
            ),
            Self::Fenced => (
                7,
                "`publish` stores an entry if the stored one has no greater generation, whether the lease lives or not; the \
                 lifetime is counted from the grant, and if it is over, nothing is stored",
            ),
            Self::OwnRelease => (8, "`release` ends the lease only of its own owner"),
            Self::Waits => (9, "`wait` returns soon after an entry was published or a lease was released"),
            Self::Sealed => (10, "values are sealed: the store keeps them as they are"),
        }
    }
}

/// A case in which a store broke a sentence of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub(super) sentence: Sentence,
    pub(super) case: &'static str,
    pub(super) found: String,
}

impl Violation {
    /// The number of the sentence in the documentation of [`Store`](crate::Store), from 1.
    #[must_use]
    pub fn sentence(&self) -> u8 {
        self.sentence.text().0
    }

    /// The name of the case, which says what should hold.
    #[must_use]
    pub fn case(&self) -> &'static str {
        self.case
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, words) = self.sentence.text();
        write!(formatter, "sentence {number} ({words}): {}: {}", self.case, self.found)
    }
}

/// The violations of a store. It has at least one.
#[derive(Clone, PartialEq, Eq)]
pub struct Violations(pub(super) Vec<Violation>);

impl Violations {
    /// The violations in the order of the sentences.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the store breaks its contract")?;
        self.0.iter().try_for_each(|violation| write!(formatter, "\n- {violation}"))
    }
}

/// As `Display`, since `unwrap` in a test shows this.
impl fmt::Debug for Violations {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Violations {}
