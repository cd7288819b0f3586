//! The parts of a request that OpenAPI writes in forms of its own: styled parameters, forms and multipart bodies.
//!
//! Values are serialized to JSON text first, so that numbers and the order of members stay as their types write them. The other
//! files turn this text into pieces of a request.

mod encoding;
mod file_part;
mod form;
mod json;
mod multipart;
mod parameter;
mod style;

pub use encoding::Encoding;
pub use file_part::FilePart;
pub use form::form_body;
pub use multipart::multipart_body;
pub(crate) use parameter::add_cookie;
pub use parameter::{Parameter, query_value};
pub use style::ParameterStyle;
