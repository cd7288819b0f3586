//! What a generated method returns on success.

use syn::{GenericArgument, PathArguments, ReturnType, Type};

/// `T` of `Result<ResponseValue<T>, _>`.
pub(super) fn value(output: &mut ReturnType) -> Option<&mut Type> {
    let ReturnType::Type(_, output) = output else { return None };
    first(first(output, "Result")?, "ResponseValue")
}

/// The first type in the angle brackets of this one.
pub(super) fn first<'a>(kind: &'a mut Type, name: &str) -> Option<&'a mut Type> {
    let Type::Path(path) = kind else { return None };
    let last = path.path.segments.last_mut().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &mut last.arguments else { return None };
    arguments.args.iter_mut().find_map(|argument| match argument {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    })
}

/// Whether the last part of a type's path has this name.
pub(super) fn is_named(kind: &Type, name: &str) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// Whether this is the type of a stream, whoever's it is.
pub(super) fn is_stream(kind: &Type) -> bool {
    is_named(kind, "ByteStream")
}
