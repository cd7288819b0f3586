//! An OpenAPI document in two layers: as published by the vendor, and after its overlay.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

use crate::RunError;
use crate::schemas::Schemas;

/// One of the two layers of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Layer {
    /// As published by the vendor.
    Published,
    /// After its overlay.
    Overlaid,
}

/// The documents of both vendors, and one for servers without a document, which only RFC 6749 describes.
#[derive(Clone, Debug)]
pub struct Documents {
    pub(crate) lean: ContractDocument,
    pub(crate) leanix: ContractDocument,
    pub(crate) oauth2: ContractDocument,
}

impl Documents {
    /// Reads the documents from the folder that `cargo xtask documents DIR` wrote.
    ///
    /// # Errors
    /// [`RunError::Document`] names the file.
    pub fn read(folder: &Path) -> Result<Self, RunError> {
        let read = |name| ContractDocument::read(folder, name);
        Ok(Self { lean: read("lean-auth")?, leanix: read("leanix-auth")?, oauth2: ContractDocument::oauth2()? })
    }

    /// The document of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&ContractDocument> {
        [&self.lean, &self.leanix, &self.oauth2].into_iter().find(|document| document.name == name)
    }
}

/// An OpenAPI 3.1 document, the same document after its overlay, and the lines of its nodes.
///
/// `cargo xtask` writes these as JSON; see [`ContractDocument::read`].
#[derive(Clone, Debug)]
pub struct ContractDocument {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) sha256: String,
    pub(crate) overlay: Option<String>,
    published: Arc<Schemas>,
    overlaid: Arc<Schemas>,
    lines: HashMap<String, usize>,
}

/// A document as `cargo xtask` writes it.
#[derive(Deserialize)]
struct Written {
    name: String,
    file: String,
    sha256: String,
    overlay: Option<String>,
    published: Value,
    overlaid: Value,
    lines: HashMap<String, usize>,
}

impl From<Written> for ContractDocument {
    fn from(written: Written) -> Self {
        let Written { name, file, sha256, overlay, published, overlaid, lines } = written;
        let [published, overlaid] = [published, overlaid].map(|root| Arc::new(Schemas::new(root)));
        Self { name, file, sha256, overlay, published, overlaid, lines }
    }
}

impl ContractDocument {
    /// Reads the document of this name from a folder of JSON files.
    ///
    /// # Errors
    /// [`RunError::Document`] names the file.
    pub fn read(folder: &Path, name: &str) -> Result<Self, RunError> {
        let file = folder.join(format!("{name}.json"));
        let failed = |problem: String| RunError::Document { file: file.display().to_string(), problem };
        let text = fs::read_to_string(&file).map_err(|error| failed(error.to_string()))?;
        let written = serde_json::from_str::<Written>(&text);
        written.map(Self::from).map_err(|error| failed(error.to_string()))
    }

    /// The document of a token endpoint that only RFC 6749 describes.
    ///
    /// # Errors
    /// [`RunError::Document`] if the document in this crate is invalid.
    pub(crate) fn oauth2() -> Result<Self, RunError> {
        const TEXT: &str = include_str!("../documents/oauth2.json");
        let file = "documents/oauth2.json";
        let failed = |error: serde_json::Error| RunError::Document { file: file.into(), problem: error.to_string() };
        let published: Value = serde_json::from_str(TEXT).map_err(failed)?;
        let lines = HashMap::new();
        let (name, file) = ("oauth2".to_owned(), format!("crates/auth-contract/{file}"));
        let overlaid = published.clone();
        Ok(Written { name, file, sha256: String::new(), overlay: None, published, overlaid, lines }.into())
    }

    /// The document of a token endpoint at one address, which becomes its only server and its only path.
    pub(crate) fn at(&self, url: &Url) -> Self {
        let mut root = self.value(Layer::Published).clone();
        root["servers"] = json!([{ "url": url.origin().ascii_serialization() }]);
        if let Some(paths) = root["paths"].as_object_mut() {
            let item = paths.values_mut().next().map(Value::take).unwrap_or_default();
            *paths = Map::from_iter([(url.path().to_owned(), item)]);
        }
        let schemas = Arc::new(Schemas::new(root));
        Self { published: Arc::clone(&schemas), overlaid: schemas, ..self.clone() }
    }

    /// The content of a layer.
    pub(crate) fn value(&self, layer: Layer) -> &Value {
        self.schemas(layer).root()
    }

    /// A layer with its schemas.
    pub(crate) fn schemas(&self, layer: Layer) -> &Schemas {
        match layer {
            Layer::Published => &self.published,
            Layer::Overlaid => &self.overlaid,
        }
    }

    /// The line of a node of the published document, or of its nearest ancestor there.
    pub(crate) fn line(&self, pointer: &str) -> Option<usize> {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.lines.get(pointer) {
                return Some(*line);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }

    /// True if one of the document's servers, with any values of its variables, has the address `base_url`.
    pub(crate) fn serves(&self, base_url: &str) -> bool {
        (0..self.value(Layer::Published)["servers"].as_array().map_or(0, Vec::len))
            .any(|index| self.serves_at(index, base_url))
    }

    /// True if this server of the document has the address `base_url`.
    pub(crate) fn serves_at(&self, index: usize, base_url: &str) -> bool {
        let url = self.value(Layer::Published)["servers"][index]["url"].as_str();
        url.is_some_and(|url| fits(url.trim_end_matches('/'), base_url))
    }
}

/// True if `text` matches `template`, where `{variable}` matches any text without slash and dot.
fn fits(template: &str, text: &str) -> bool {
    match template.split_once('{') {
        None => template == text,
        Some((before, rest)) => {
            let Some((text, after)) = text.strip_prefix(before).zip(rest.split_once('}').map(|(_, after)| after))
            else {
                return false;
            };
            let end = text.find(['/', '.']).unwrap_or(text.len());
            end > 0 && fits(after, &text[end..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_with_variables_is_every_server_that_they_allow() {
        let template = "https://{subdomain}.leanix.net";
        for (text, wanted) in [
            ("https://app.leanix.net", true),
            ("https://demo-eu.leanix.net", true),
            ("https://.leanix.net", false),
            ("https://a.b.leanix.net", false),
            ("https://app.leanix.net.evil.com", false),
            ("http://app.leanix.net", false),
        ] {
            assert_eq!(fits(template, text), wanted, "{text}");
        }
        assert!(fits("https://auth.leantech.me", "https://auth.leantech.me"));
    }
}
