//! Unions: reports which members the generated code cannot tell apart.

use openapi::pointer::child;
use openapi::work::step;
use serde_json::Value;

use crate::rule::Adapted;
use crate::shape::{Object, Others, Shape, Shapes, Union};

/// How many members of a union are compared, each with each.
const MAX_COMPARED: usize = 64;

/// How deep members of members are compared; below that, values of both are possible.
const DEPTH: usize = 6;

/// Notes the shapes of all unions, and reports those of which two members may be equal.
pub(super) fn apply(value: &Value, done: &mut Adapted) {
    let shapes = Shapes::read(value, &done.properties, &done.closed);
    for (name, shape) in &shapes.named {
        let Shape::Union(union) = shape else { continue };
        let own = child("/components/schemas", name);
        let place = done.places.get(name).cloned().unwrap_or(own);
        for note in ambiguities(&shapes, union) {
            done.lost("alternatives", &place, note);
        }
    }
    done.shapes = shapes;
}

/// What is lost because members are not told apart.
fn ambiguities(shapes: &Shapes, union: &Union) -> Vec<String> {
    let count = union.members.len().min(MAX_COMPARED);
    let pairs = (0..count).flat_map(|one| (one + 1..count).map(move |other| (one, other)));
    let pairs = pairs.filter(|(one, other)| !are_tagged(union, *one, *other)).collect::<Vec<_>>();
    let name = |index: usize| match &union.members[index] {
        Shape::Named(name) => format!("`{name}`"),
        _ => format!("alternative {}", index + 1),
    };
    let found = |is: &dyn Fn(&Shape, &Shape) -> bool, what: &dyn Fn(String, String) -> String| {
        let mut found = pairs.iter().filter(|(one, other)| {
            step(1);
            is(&union.members[*one], &union.members[*other])
        });
        let (one, other) = found.next()?;
        let more = match found.count() {
            0 => String::new(),
            1 => "; so does one more pair of alternatives".to_owned(),
            more => format!("; so do {more} more pairs of alternatives"),
        };
        Some(what(name(*one), name(*other)) + &more)
    };
    let alike =
        found(&|one, other| are_alike(shapes, one, other, DEPTH) && !are_plain(shapes, one, other), &|one, other| {
            format!("some values fit {one} and {other} equally, and are read as {one}")
        });
    let both = found(&|one, other| union.is_any && is_split(shapes, one, other), &|one, other| {
        format!("a value that fits both {one} and {other} keeps the members of one only")
    });
    let rest = (union.members.len() > count && union.tag.is_none())
        .then(|| format!("alternatives after the first {MAX_COMPARED} were not compared: some values may fit several"));
    [alike, both, rest].into_iter().flatten().collect()
}

/// Whether different values of a discriminator select these members.
fn are_tagged(union: &Union, one: usize, other: usize) -> bool {
    let Some(tag) = &union.tag else { return false };
    let (one, other) = (&tag.values[one], &tag.values[other]);
    !one.is_empty() && !other.is_empty() && !one.iter().any(|value| other.contains(value))
}

/// Whether the value is the same whichever is read: both have no members or elements, or one is any JSON.
fn are_plain(shapes: &Shapes, one: &Shape, other: &Shape) -> bool {
    let (one, other) = (shapes.resolve(one), shapes.resolve(other));
    let has_parts = |shape: &Shape| matches!(shape, Shape::List(_) | Shape::Object(_) | Shape::Union(_));
    [one, other].contains(&&Shape::Any) || !has_parts(one) && !has_parts(other)
}

/// Whether some value fits both, and loses as much as either.
fn are_alike(shapes: &Shapes, one: &Shape, other: &Shape, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return true };
    step(1);
    match (shapes.resolve(one), shapes.resolve(other)) {
        (Shape::Any, _) | (_, Shape::Any) => true,
        (Shape::Union(union), shape) | (shape, Shape::Union(union)) => {
            union.members.iter().any(|member| are_alike(shapes, member, shape, depth))
        }
        (Shape::Listed(one), Shape::Listed(other)) => one.iter().any(|value| other.contains(value)),
        (Shape::Listed(values), shape) | (shape, Shape::Listed(values)) => {
            values.iter().any(|value| is_of(value, shape))
        }
        (Shape::List(one), Shape::List(other)) => are_alike(shapes, one, other, depth),
        (Shape::Object(one), Shape::Object(other)) => {
            let alike = |one: &Object, other: &Object| {
                one.properties.iter().filter(|(_, (is_required, _))| *is_required).all(|(name, (_, shape))| {
                    step(1);
                    member(other, name).is_some_and(|other| are_alike(shapes, shape, other, depth))
                })
            };
            alike(one, other) && alike(other, one)
        }
        (Shape::Integer | Shape::Number, Shape::Integer | Shape::Number) => true,
        (one, other) => one == other,
    }
}

/// The shape of a member of an object, if its type has it.
fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Shape> {
    match (object.properties.get(name), &object.others) {
        (Some((_, shape)), _) => Some(shape),
        (None, Others::Kept(shape)) => Some(shape),
        (None, _) => None,
    }
}

/// Whether a JSON text is of a shape without parts.
fn is_of(value: &str, shape: &Shape) -> bool {
    match value.as_bytes().first() {
        Some(b'"') => *shape == Shape::String,
        Some(b't' | b'f') => *shape == Shape::Boolean,
        Some(b'n') => *shape == Shape::Null,
        Some(b'{' | b'[') => false,
        _ => matches!(shape, Shape::Integer | Shape::Number),
    }
}

/// Whether an object can be both, and each type drops members of the other.
fn is_split(shapes: &Shapes, one: &Shape, other: &Shape) -> bool {
    let (Shape::Object(one), Shape::Object(other)) = (shapes.resolve(one), shapes.resolve(other)) else { return false };
    let excludes = |one: &Object, other: &Object| {
        one.properties.iter().filter(|(_, (is_required, _))| *is_required).any(|(name, (_, shape))| {
            step(1);
            match (other.properties.get(name), &other.others) {
                (Some((_, other)), _) => !are_alike(shapes, shape, other, DEPTH),
                (None, others) => *others == Others::Forbidden,
            }
        })
    };
    let drops = |one: &Object, other: &Object| {
        one.others == Others::Dropped && other.properties.keys().any(|name| !one.properties.contains_key(name))
    };
    !excludes(one, other) && !excludes(other, one) && drops(one, other) && drops(other, one)
}
