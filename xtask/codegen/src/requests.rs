//! What the generated code has to do to a request that progenitor does not know of.
//!
//! Adapting puts a parameter or a body into a form that progenitor accepts and notes here what it really is; patching replaces
//! the code that sends it. The types are those of `auth-transport`.

use serde_json::Value;

/// Where a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Query,
    Path,
    Header,
    Cookie,
}

impl Place {
    /// The place that the keyword `in` names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "query" => Some(Self::Query),
            "path" => Some(Self::Path),
            "header" => Some(Self::Header),
            "cookie" => Some(Self::Cookie),
            _ => None,
        }
    }
}

/// The extension with the place of a parameter that is another than progenitor is told.
pub(crate) const OWN_PLACE: &str = "x-own-place";

/// The extension of a parameter or an encoding that names the `collectionFormat` of Swagger for a list and the lists in it, the
/// outer one first, if no style of OpenAPI 3 has these delimiters.
pub(crate) const COLLECTION_FORMATS: &str = "x-collection-formats";

/// A style of OpenAPI, or JSON, or delimiters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Form,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
    Simple,
    Label,
    Matrix,
    Json,
    /// The delimiters of a list and the lists in it, the outer one first.
    Delimited(Vec<&'static str>),
}

impl Style {
    /// The style that the extension of a parameter or an encoding describes.
    pub(crate) fn of_formats(object: &Value) -> Option<Self> {
        let formats = object.get(COLLECTION_FORMATS)?.as_array()?;
        let delimiter = |format: &Value| match format.as_str()? {
            "csv" | "multi" => Some(","),
            "ssv" => Some(" "),
            "pipes" => Some("|"),
            "tsv" => Some("\t"),
            _ => None,
        };
        formats.iter().map(delimiter).collect::<Option<_>>().map(Self::Delimited)
    }

    /// The style that the keyword `style` names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "form" => Some(Self::Form),
            "spaceDelimited" => Some(Self::SpaceDelimited),
            "pipeDelimited" => Some(Self::PipeDelimited),
            "deepObject" => Some(Self::DeepObject),
            "simple" => Some(Self::Simple),
            "label" => Some(Self::Label),
            "matrix" => Some(Self::Matrix),
            _ => None,
        }
    }

    /// The style of a place without the keyword.
    pub(crate) fn of_place(place: Place) -> Self {
        match place {
            Place::Query | Place::Cookie => Self::Form,
            Place::Path | Place::Header => Self::Simple,
        }
    }

    /// Whether OpenAPI defines the style for parameters in this place.
    pub(crate) fn is_for(&self, place: Place) -> bool {
        match self {
            Self::Json | Self::Delimited(_) => true,
            Self::Form => matches!(place, Place::Query | Place::Cookie),
            Self::SpaceDelimited | Self::PipeDelimited | Self::DeepObject => place == Place::Query,
            Self::Simple => matches!(place, Place::Path | Place::Header),
            Self::Label | Self::Matrix => place == Place::Path,
        }
    }

    /// Its variant of `auth_transport::ParameterStyle`.
    pub(crate) fn variant(&self) -> &'static str {
        match self {
            Self::Form => "Form",
            Self::SpaceDelimited => "SpaceDelimited",
            Self::PipeDelimited => "PipeDelimited",
            Self::DeepObject => "DeepObject",
            Self::Simple => "Simple",
            Self::Label => "Label",
            Self::Matrix => "Matrix",
            Self::Json => "Json",
            Self::Delimited(_) => "Delimited",
        }
    }
}

/// A parameter that `auth_transport::Parameter` writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Styled {
    pub(crate) place: Place,
    /// Its name on the wire.
    pub(crate) name: String,
    pub(crate) style: Style,
    pub(crate) explode: bool,
    /// Whether reserved characters are not encoded.
    pub(crate) reserved: bool,
}

/// The encoding of one member of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) content_type: Option<String>,
    /// The style, and whether it is exploded.
    pub(crate) style: Option<(Style, bool)>,
}

/// A body that `auth-transport` encodes, with the encodings of its members in the order of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BodyForm {
    /// A form with lists or objects.
    Form(Vec<Member>),
    /// Parts, with the media type of the whole.
    Multipart(String, Vec<Member>),
}
