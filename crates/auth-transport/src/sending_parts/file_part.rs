//! Files in multipart bodies.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

/// A file in a multipart body: its content, its name and its media type.
///
/// The content is bytes or a stream. A stream is sent once; clones of the part share it, and another request that contains it is
/// an error. The transport's timeout covers the whole request, so a large file may need
/// [`with_timeout`](crate::Transport::with_timeout). A request with a stream is not repeated after a 401.
///
/// ```
/// use auth_transport::FilePart;
///
/// let picture = FilePart::new(vec![0x89, b'P', b'N', b'G']).with_file_name("cat.png").with_content_type("image/png");
/// let report = FilePart::from("a,b\n1,2\n").with_file_name("report.csv");
/// ```
#[derive(Clone)]
pub struct FilePart {
    content: Content,
    pub(super) file_name: Option<Cow<'static, str>>,
    pub(super) content_type: Option<Cow<'static, str>>,
}

#[derive(Clone)]
enum Content {
    Bytes(Bytes),
    /// `None` once it has been sent.
    Stream(Arc<Mutex<Option<reqwest::Body>>>),
}

impl FilePart {
    /// A file with these bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self::of(Content::Bytes(bytes.into()))
    }

    /// A file with the content of a stream, for example `reqwest::Body::wrap_stream(stream)`. It is sent as it is read.
    #[must_use]
    pub fn stream(body: impl Into<reqwest::Body>) -> Self {
        Self::of(Content::Stream(Arc::new(Mutex::new(Some(body.into())))))
    }

    const fn of(content: Content) -> Self {
        Self { content, file_name: None, content_type: None }
    }

    /// Sets the name of the file; without one, it is the name of the member, because many servers take a part without a file name
    /// for a text.
    #[must_use]
    pub fn with_file_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets the media type; without one, it is that of the document, or `application/octet-stream`.
    #[must_use]
    pub fn with_content_type(mut self, kind: impl Into<Cow<'static, str>>) -> Self {
        self.content_type = Some(kind.into());
        self
    }

    /// The content; `None` for a stream that has been sent.
    pub(super) fn take(&self) -> Option<Piece> {
        match &self.content {
            Content::Bytes(bytes) => Some(Piece::Bytes(bytes.clone())),
            Content::Stream(body) => body.lock().unwrap_or_else(PoisonError::into_inner).take().map(Piece::Stream),
        }
    }
}

/// A piece of a body.
pub(super) enum Piece {
    Bytes(Bytes),
    Stream(reqwest::Body),
}

impl fmt::Debug for FilePart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("FilePart");
        debug.field("file_name", &self.file_name).field("content_type", &self.content_type);
        match &self.content {
            Content::Bytes(bytes) => debug.field("bytes", &bytes.len()).finish(),
            Content::Stream(_) => debug.finish_non_exhaustive(),
        }
    }
}

/// Streams are equal if they are the same stream.
impl PartialEq for FilePart {
    fn eq(&self, other: &Self) -> bool {
        let is_same = match (&self.content, &other.content) {
            (Content::Bytes(one), Content::Bytes(other)) => one == other,
            (Content::Stream(one), Content::Stream(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        is_same && self.file_name == other.file_name && self.content_type == other.content_type
    }
}

macro_rules! from {
    ($($kind:ty),*) => {
        $(impl From<$kind> for FilePart {
            fn from(bytes: $kind) -> Self {
                Self::new(bytes)
            }
        })*
    };
}

from!(Bytes, Vec<u8>, String, &'static [u8], &'static str);

impl From<reqwest::Body> for FilePart {
    fn from(body: reqwest::Body) -> Self {
        Self::stream(body)
    }
}

thread_local! {
    /// The files of the body that this thread serializes.
    static FILES: RefCell<Option<Files>> = const { RefCell::new(None) };
}

/// The files of a body, each with a text that stands for it in the JSON of the body.
pub(super) struct Files {
    /// A random text, so that no other text of the body can stand for a file.
    mark: String,
    files: Vec<FilePart>,
}

impl Files {
    /// Runs `serialize`, and returns the files that it serialized.
    pub(super) fn of<T>(serialize: impl FnOnce() -> T) -> (T, Self) {
        /// Restores the files of an enclosing body, also after a panic.
        struct Restore(Option<Files>);
        impl Drop for Restore {
            fn drop(&mut self) {
                FILES.replace(self.0.take());
            }
        }
        let files = Self { mark: random(), files: vec![] };
        let mut restore = Restore(FILES.replace(Some(files)));
        let result = serialize();
        let files = FILES.replace(restore.0.take()).unwrap_or(Self { mark: random(), files: vec![] });
        mem::forget(restore);
        (result, files)
    }

    /// The file that a text stands for.
    pub(super) fn get(&self, text: &str) -> Option<&FilePart> {
        self.files.get(text.strip_prefix(&self.mark)?.parse::<usize>().ok()?)
    }
}

/// 128 random bits as hexadecimal digits.
pub(super) fn random() -> String {
    let word = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", word(), word())
}

/// A file is serialized only as part of a multipart body; elsewhere it is an error.
impl Serialize for FilePart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = FILES.with_borrow_mut(|files| {
            let files = files.as_mut()?;
            files.files.push(self.clone());
            Some(format!("{}{}", files.mark, files.files.len() - 1))
        });
        match text {
            Some(text) => serializer.serialize_str(&text),
            None => Err(ser::Error::custom("a file is serialized only while a multipart body is being built")),
        }
    }
}

/// Takes a text for the content of a file.
impl<'de> Deserialize<'de> for FilePart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl JsonSchema for FilePart {
    fn schema_name() -> Cow<'static, str> {
        "FilePart".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "format": "binary" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_serialized_only_into_a_multipart_body() {
        let file = FilePart::from("content").with_file_name("a.txt");
        assert!(serde_json::to_string(&file).is_err());
        let (json, files) = Files::of(|| serde_json::to_string(&[&file, &file]).unwrap());
        let texts: Vec<String> = serde_json::from_str(&json).unwrap();
        assert!(texts.iter().all(|text| files.get(text) == Some(&file)), "{json}");
        assert_eq!((files.get("0"), files.get("content")), (None, None));
        assert!(serde_json::to_string(&file).is_err());
    }

    #[test]
    fn a_stream_is_taken_once_and_bytes_as_often_as_wanted() {
        let stream = FilePart::stream("content");
        assert!(stream.clone().take().is_some() && stream.take().is_none());
        let bytes = FilePart::new("content");
        assert!(bytes.take().is_some() && bytes.take().is_some());
        assert_ne!(stream, FilePart::stream("content"));
    }

    #[test]
    fn debug_shows_no_content() {
        let debug = format!("{:?}", FilePart::from("marker").with_file_name("a.txt"));
        assert!(debug.contains("a.txt") && !debug.contains("marker"), "{debug}");
    }

    fn is_at_home_in_any_task<T: Send + Sync + Unpin + 'static>() {}

    #[test]
    fn a_file_can_be_held_anywhere() {
        is_at_home_in_any_task::<FilePart>();
    }
}
