//! The licences of the workspace, and the files of a crate that have no mark.

use diagnostics::text::{Toml, fill};
use openapi::sha256;

use crate::home::Home;
use crate::mark;

/// The licences of the workspace, which have to be in every package of it.
pub(super) const LICENSES: [(&str, &str); 2] = [
    ("LICENSE-APACHE", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../LICENSE-APACHE"))),
    ("LICENSE-MIT", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../LICENSE-MIT"))),
];

/// The lines of a manifest's header that list the files that have no mark of their own.
pub(super) fn unmarked(home: &Home) -> Toml {
    let files = match home {
        Home::Workspace => LICENSES.map(|(path, text)| (path.to_owned(), sha256(text.as_bytes()))).to_vec(),
        Home::Alone(alone) => alone.unmarked.clone(),
    };
    let lines = files.iter().map(|(path, sum)| Toml::comment(&mark::unmarked(path, sum)));
    Toml::join(lines.map(|line| fill!(Toml, "# {}\n", line)), "")
}
