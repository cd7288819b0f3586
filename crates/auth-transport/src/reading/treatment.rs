//! How members of answers are treated.

/// How a [`Received`](crate::Received) member is treated: one of [`Plain`], [`Nullable`], [`Confidential`] and [`NullableConfidential`].
pub trait Treatment: sealed::Sealed {
    /// True if the document allows `null`, so that it is no [drift](crate::Drift).
    const NULLABLE: bool;

    /// True if text that does not fit the type is not kept, since it may hold a secret.
    const CONFIDENTIAL: bool;
}

mod sealed {
    /// Keeps the kinds of treatment in this crate.
    pub trait Sealed {}
}

macro_rules! treatments {
    ($($(#[$documentation:meta])* $name:ident: $nullable:literal, $confidential:literal;)*) => {$(
        $(#[$documentation])*
        #[derive(Debug)]
        #[non_exhaustive]
        pub struct $name;

        impl sealed::Sealed for $name {}

        impl Treatment for $name {
            const NULLABLE: bool = $nullable;
            const CONFIDENTIAL: bool = $confidential;
        }
    )*};
}

treatments! {
    /// The document does not allow `null`. Text that does not fit the type is kept.
    Plain: false, false;
    /// The document allows `null`. Text that does not fit the type is kept.
    Nullable: true, false;
    /// The document does not allow `null`. Text that does not fit the type may hold a secret and is not kept.
    Confidential: false, true;
    /// The document allows `null`. Text that does not fit the type may hold a secret and is not kept.
    NullableConfidential: true, true;
}
