//! How the members of a form or a multipart body are encoded.

use super::ParameterStyle;

/// The encoding of one member of a body, as in OpenAPI's Encoding Object. Generated methods use it.
#[derive(Clone, Copy, Debug)]
pub struct Encoding {
    pub(super) name: &'static str,
    pub(super) content_type: Option<&'static str>,
    pub(super) style: Option<(ParameterStyle, bool)>,
}

impl Encoding {
    /// The default encoding of the member with this name.
    #[must_use]
    pub const fn of(name: &'static str) -> Self {
        Self { name, content_type: None, style: None }
    }

    /// Sets the media type of the member.
    #[must_use]
    pub const fn with_content_type(mut self, content_type: &'static str) -> Self {
        self.content_type = Some(content_type);
        self
    }

    /// Writes the member in this style, exploded or not.
    #[must_use]
    pub const fn with_style(mut self, style: ParameterStyle, explode: bool) -> Self {
        self.style = Some((style, explode));
        self
    }

    /// Whether the media type is JSON under whatever name.
    pub(super) fn is_json(&self) -> bool {
        let essence = self.content_type.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
    }
}

/// The members of a body with their encodings, in the order of `encodings`; members without one come last.
pub(super) fn in_order<'json>(
    mut members: Vec<(String, &'json str)>,
    encodings: &[Encoding],
) -> Vec<(String, &'json str, Option<Encoding>)> {
    let position = |name: &str| encodings.iter().position(|encoding| encoding.name == name);
    members.sort_by_key(|(name, _)| position(name).unwrap_or(usize::MAX));
    let with = |(name, json): (String, _)| {
        let encoding = position(&name).map(|at| encodings[at]);
        (name, json, encoding)
    };
    members.into_iter().map(with).collect()
}
