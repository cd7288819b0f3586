//! What a schema says about the JSON of its values.

/// What a schema says about the JSON of its values, without formats, lengths and limits.
#[derive(Debug)]
pub struct Shape {
    /// The JSON types that a value may have, as bits.
    pub(super) types: u8,
    /// The JSON texts of the listed values; empty if there is no list.
    pub(super) values: &'static [&'static str],
    /// The members of an object.
    pub(super) properties: &'static [Property],
    pub(super) others: Others,
    /// The elements of a list.
    pub(super) items: Option<&'static Self>,
    /// The members of a union, of which a value is one; empty if this is not a union.
    pub(super) one_of: &'static [&'static Self],
    pub(super) tag: Option<Tag>,
}

/// A member of an object.
#[derive(Debug)]
pub struct Property {
    pub(super) name: &'static str,
    pub(super) is_required: bool,
    pub(super) shape: &'static Shape,
}

/// The members of an object that are not listed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Others {
    /// The schema says nothing about them.
    Dropped,
    /// The schema forbids them.
    Forbidden,
    /// The schema allows them; they have this shape, if any.
    Kept(Option<&'static Shape>),
}

/// The discriminator of a union.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    pub(super) property: &'static str,
    /// The values of the property, each with the index of the member that it selects.
    pub(super) values: &'static [(&'static str, usize)],
    /// The member that values of the property which select none are of as well, if no other member keeps more.
    pub(super) base: Option<usize>,
}

pub(super) const NULLS: u8 = 1;
pub(super) const BOOLEANS: u8 = 2;
pub(super) const INTEGERS: u8 = 4;
pub(super) const NUMBERS: u8 = 8;
pub(super) const STRINGS: u8 = 16;
pub(super) const ARRAYS: u8 = 32;
pub(super) const OBJECTS: u8 = 64;
const EVERYTHING: u8 = 127;

/// Any JSON.
pub static ANY: Shape = Shape { others: Others::Kept(None), ..Shape::of(EVERYTHING) };
/// `null`.
pub static NULL: Shape = Shape::of(NULLS);
/// `true` and `false`.
pub static BOOLEAN: Shape = Shape::of(BOOLEANS);
/// Numbers without a fraction.
pub static INTEGER: Shape = Shape::of(INTEGERS);
/// Numbers.
pub static NUMBER: Shape = Shape::of(INTEGERS | NUMBERS);
/// Texts.
pub static STRING: Shape = Shape::of(STRINGS);

/// A member that may be absent.
#[must_use]
pub const fn optional(name: &'static str, shape: &'static Shape) -> Property {
    Property { name, is_required: false, shape }
}

/// A member that every object has.
#[must_use]
pub const fn required(name: &'static str, shape: &'static Shape) -> Property {
    Property { name, is_required: true, shape }
}

impl Shape {
    const fn of(types: u8) -> Self {
        Self { types, values: &[], properties: &[], others: Others::Dropped, items: None, one_of: &[], tag: None }
    }

    /// One of the values with these JSON texts.
    #[must_use]
    pub const fn listed(values: &'static [&'static str]) -> Self {
        Self { values, ..Self::of(EVERYTHING) }
    }

    /// A list.
    #[must_use]
    pub const fn list(items: &'static Self) -> Self {
        Self { items: Some(items), ..Self::of(ARRAYS) }
    }

    /// An object with these members, in alphabetical order; its schema does not describe others.
    #[must_use]
    pub const fn object(properties: &'static [Property]) -> Self {
        Self { properties, ..Self::of(OBJECTS) }
    }

    /// An object that has no members but these.
    #[must_use]
    pub const fn closed(properties: &'static [Property]) -> Self {
        Self { properties, others: Others::Forbidden, ..Self::of(OBJECTS) }
    }

    /// An object whose schema allows all other members as well, which have this shape.
    #[must_use]
    pub const fn open(properties: &'static [Property], others: &'static Self) -> Self {
        Self { properties, others: Others::Kept(Some(others)), ..Self::of(OBJECTS) }
    }

    /// A union of these members.
    #[must_use]
    pub const fn one_of(members: &'static [&'static Self]) -> Self {
        Self { one_of: members, ..Self::of(EVERYTHING) }
    }

    /// A union with a discriminator: the name of a property, and its values with the index of the member that each selects.
    #[must_use]
    pub const fn tagged(
        members: &'static [&'static Self],
        property: &'static str,
        values: &'static [(&'static str, usize)],
    ) -> Self {
        Self { tag: Some(Tag { property, values, base: None }), ..Self::one_of(members) }
    }

    /// The same with the index of the member that all others extend. Other values of the property select none, so that the member
    /// is read that keeps the most.
    #[must_use]
    pub const fn with_base(mut self, base: usize) -> Self {
        if let Some(tag) = &mut self.tag {
            tag.base = Some(base);
        }
        self
    }
}
