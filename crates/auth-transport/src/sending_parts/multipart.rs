//! Multipart bodies (RFC 7578, RFC 2046 section 5.1).

use std::collections::VecDeque;
use std::error::Error;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use hyper::body::Body as _;
use serde::Serialize;

use super::encoding::in_order;
use super::file_part::{FilePart, Files, Piece, random};
use super::json::{Shape, invalid, json, text};
use super::style::delimited;
use super::{Encoding, ParameterStyle};
use crate::refusal::STREAM_SENT;

/// Gives a request a multipart body of this media type, such as `multipart/form-data`. Generated methods call it.
///
/// Each member of `body` is a part: a [`FilePart`] is a file, an object is JSON, each item of a list is a part of its own, and
/// anything else is text, unless `encodings` says otherwise. The parts are in the order of `encodings`. Without streams, the whole body
/// is in memory, so the request can be repeated after a 401.
///
/// # Errors
/// An invalid request if `body` cannot be serialized or is not an object, if a stream in it has been sent already, or if a media type
/// contains a character that no header may contain.
#[allow(clippy::result_large_err, reason = "generated methods return the generator's own error")]
pub fn multipart_body<E>(
    request: reqwest::RequestBuilder,
    media_type: &str,
    body: &(impl Serialize + ?Sized),
    encodings: &[Encoding],
) -> Result<reqwest::RequestBuilder, progenitor_client::Error<E>> {
    let (json, files) = Files::of(|| json(body));
    let parts = parts(&json?, &files, encodings).ok_or_else(|| invalid("a multipart body is not an object"))?;
    let boundary = random();
    let content_type = HeaderValue::try_from(format!("{media_type}; boundary={boundary}"))?;
    let pieces = pieces(parts, &boundary)?;
    let request = request.header(CONTENT_TYPE, content_type);
    if pieces.iter().all(|piece| matches!(piece, Piece::Bytes(_))) {
        let mut all = vec![];
        pieces.iter().for_each(|piece| match piece {
            Piece::Bytes(bytes) => all.extend_from_slice(bytes),
            Piece::Stream(_) => {}
        });
        return Ok(request.body(all));
    }
    let request = match pieces.iter().map(length).sum::<Option<u64>>() {
        Some(length) => request.header(CONTENT_LENGTH, length),
        None => request,
    };
    Ok(request.body(reqwest::Body::wrap_stream(Chain(pieces.into()))))
}

/// One part: its name, its media type unless it is a plain text, and its content.
#[derive(Debug, PartialEq)]
struct Part<'files> {
    name: String,
    content_type: Option<String>,
    content: PartContent<'files>,
}

#[derive(Debug, PartialEq)]
enum PartContent<'files> {
    Text(String),
    File(&'files FilePart),
}

/// The parts of a body; `None` if it is not an object.
fn parts<'files>(json: &str, files: &'files Files, encodings: &[Encoding]) -> Option<Vec<Part<'files>>> {
    let Shape::Object(members) = Shape::of(json) else { return None };
    let mut parts = vec![];
    for (name, json, encoding) in in_order(members, encodings) {
        let own_type = encoding.and_then(|encoding| encoding.content_type);
        let mut add = |content_type: Option<&str>, content| {
            parts.push(Part { name: name.clone(), content_type: content_type.map(str::to_owned), content });
        };
        if encoding.is_some_and(|encoding| encoding.is_json()) {
            if json != "null" {
                add(own_type, PartContent::Text(json.to_owned()));
            }
            continue;
        }
        let style = encoding.and_then(|encoding| encoding.style);
        let is_joined = |(style, explode): &_| !explode || matches!(style, ParameterStyle::Delimited(_));
        if let (Some((style, explode)), Shape::List(_)) = (style.filter(is_joined), Shape::of(json)) {
            delimited(style, explode, json).into_iter().for_each(|text| add(own_type, PartContent::Text(text)));
            continue;
        }
        let values = match Shape::of(json) {
            Shape::List(items) => items,
            _ => vec![json],
        };
        for value in values {
            match Shape::of(value) {
                Shape::Null => {}
                Shape::Scalar(text) => match files.get(&text) {
                    Some(file) => add(own_type, PartContent::File(file)),
                    None => add(own_type, PartContent::Text(text)),
                },
                Shape::List(_) | Shape::Object(_) => {
                    let json = text(value).map(PartContent::Text);
                    json.into_iter().for_each(|json| add(own_type.or(Some("application/json")), json));
                }
            }
        }
    }
    Some(parts)
}

/// The body with its boundaries and the headers of its parts.
#[allow(clippy::result_large_err, reason = "generated methods return the generator's own error")]
fn pieces<E>(parts: Vec<Part<'_>>, boundary: &str) -> Result<Vec<Piece>, progenitor_client::Error<E>> {
    let mut pieces = vec![];
    let mut before = String::new();
    for Part { name, content_type, content } in parts {
        before.push_str(&format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(&name)));
        let (content_type, piece) = match content {
            PartContent::Text(text) => (content_type, Piece::Bytes(text.into())),
            PartContent::File(file) => {
                let file_name = file.file_name.as_deref().unwrap_or(&name);
                before.push_str(&format!("; filename=\"{}\"", quoted(file_name)));
                let own = file.content_type.as_deref().map(str::to_owned).or(content_type);
                let piece = file.take().ok_or_else(|| invalid(STREAM_SENT))?;
                (own.or_else(|| Some("application/octet-stream".to_owned())), piece)
            }
        };
        if let Some(kind) = content_type {
            HeaderValue::from_str(&kind)?;
            before.push_str(&format!("\r\nContent-Type: {kind}"));
        }
        before.push_str("\r\n\r\n");
        pieces.extend([Piece::Bytes(before.into()), piece]);
        before = "\r\n".to_owned();
    }
    before.push_str(&format!("--{boundary}--\r\n"));
    pieces.push(Piece::Bytes(before.into()));
    Ok(pieces)
}

/// A text between quotes, encoded as browsers encode it (WHATWG HTML, "multipart/form-data encoding algorithm").
fn quoted(text: &str) -> String {
    text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The length of a piece, if it is known.
fn length(piece: &Piece) -> Option<u64> {
    match piece {
        Piece::Bytes(bytes) => Some(bytes.len() as u64),
        Piece::Stream(body) => body.size_hint().exact(),
    }
}

/// The pieces of a body one after another.
struct Chain(VecDeque<Piece>);

impl Stream for Chain {
    type Item = Result<Bytes, Box<dyn Error + Send + Sync>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let pieces = &mut self.get_mut().0;
        loop {
            let frame = match pieces.front_mut() {
                None => return Poll::Ready(None),
                Some(Piece::Bytes(bytes)) if bytes.is_empty() => None,
                Some(Piece::Bytes(bytes)) => Some(Ok(mem::take(bytes))),
                Some(Piece::Stream(body)) => ready!(Pin::new(body).poll_frame(context))
                    .map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default())),
            };
            match frame {
                None => drop(pieces.pop_front()),
                Some(Ok(bytes)) if bytes.is_empty() => {}
                Some(frame) => return Poll::Ready(Some(frame.map_err(Into::into))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ParameterStyle::Form;

    const NO_FILES: fn() -> Files = || Files::of(|| ()).1;

    fn body(json: &str, encodings: &[Encoding]) -> String {
        let files = NO_FILES();
        let pieces = pieces::<()>(parts(json, &files, encodings).unwrap(), "X").unwrap();
        let text = |piece: &Piece| match piece {
            Piece::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            Piece::Stream(_) => panic!("no stream"),
        };
        pieces.iter().map(text).collect()
    }

    #[test]
    fn each_member_is_a_part_as_its_type_and_its_encoding_say() {
        let json = r#"{"a":"x","list":[1,{"b":2}],"none":null,"object":{"c":[3]}}"#;
        let part = |name: &str, kind: &str, text: &str| {
            let kind = if kind.is_empty() { String::new() } else { format!("\r\nContent-Type: {kind}") };
            format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"{kind}\r\n\r\n{text}\r\n")
        };
        let of = |parts: &[String]| format!("{}--X--\r\n", parts.concat());
        let object = part("object", "application/json", r#"{"c":[3]}"#);
        assert_eq!(
            body(json, &[Encoding::of("object")]),
            of(&[
                object.clone(),
                part("a", "", "x"),
                part("list", "", "1"),
                part("list", "application/json", r#"{"b":2}"#)
            ])
        );
        assert_eq!(
            body(
                json,
                &[
                    Encoding::of("a").with_content_type("text/csv"),
                    Encoding::of("list").with_content_type("application/json"),
                    Encoding::of("object").with_content_type("application/vnd.c+json"),
                ]
            ),
            of(&[
                part("a", "text/csv", "x"),
                part("list", "application/json", r#"[1,{"b":2}]"#),
                part("object", "application/vnd.c+json", r#"{"c":[3]}"#),
            ])
        );
        assert_eq!(
            body(r#"{"list":["a","b c"]}"#, &[Encoding::of("list").with_style(Form, false)]),
            of(&[part("list", "", "a,b c")])
        );
        assert_eq!(body("{}", &[]), "--X--\r\n");
    }

    #[test]
    fn names_cannot_leave_their_quotes() {
        let sent = body(r#"{"a\"\r\nX: y":"z"}"#, &[]);
        assert!(sent.contains("name=\"a%22%0D%0AX: y\"\r\n\r\nz"), "{sent}");
    }

    #[test]
    fn a_file_has_a_name_and_a_media_type() {
        let file = FilePart::from("content");
        let named = file.clone().with_file_name("ä\".txt").with_content_type("text/plain");
        let (json, files) =
            Files::of(|| serde_json::to_string(&std::collections::BTreeMap::from([("a", [&file, &named])])).unwrap());
        let pieces = |encodings: &[Encoding]| -> Vec<String> {
            let pieces = pieces::<()>(parts(&json, &files, encodings).unwrap(), "X").unwrap();
            pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                    Piece::Stream(_) => panic!("no stream"),
                })
                .collect()
        };
        let sent = pieces(&[]);
        assert!(
            sent[0].ends_with("name=\"a\"; filename=\"a\"\r\nContent-Type: application/octet-stream\r\n\r\n"),
            "{sent:?}"
        );
        assert!(sent[2].ends_with("name=\"a\"; filename=\"ä%22.txt\"\r\nContent-Type: text/plain\r\n\r\n"), "{sent:?}");
        assert_eq!(sent[1], "content");
        let sent = pieces(&[Encoding::of("a").with_content_type("image/png")]);
        assert!(
            sent[0].ends_with("Content-Type: image/png\r\n\r\n")
                && sent[2].ends_with("Content-Type: text/plain\r\n\r\n"),
            "{sent:?}"
        );
    }

    #[test]
    fn a_media_type_cannot_start_another_header() {
        let file = FilePart::from("content").with_content_type("text/plain\r\nX: y");
        let (json, files) =
            Files::of(|| serde_json::to_string(&std::collections::BTreeMap::from([("a", &file)])).unwrap());
        assert!(pieces::<()>(parts(&json, &files, &[]).unwrap(), "X").is_err());
    }

    #[test]
    fn a_body_without_streams_can_be_repeated_and_one_with_a_stream_knows_its_length() {
        #[allow(clippy::result_large_err, reason = "generated methods return the generator's own error")]
        let request = |file: &FilePart| {
            let body = std::collections::BTreeMap::from([("file", file)]);
            multipart_body::<()>(client().post("http://127.0.0.1/"), "multipart/form-data", &body, &[])
        };
        let built = request(&FilePart::from("content")).unwrap().build().unwrap();
        assert!(built.try_clone().is_some());
        let kind = built.headers()[CONTENT_TYPE].to_str().unwrap();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let bytes = built.body().unwrap().as_bytes().unwrap();
        assert!(bytes.starts_with(format!("--{boundary}\r\n").as_bytes()));
        let stream = FilePart::stream("content");
        let streamed = request(&stream).unwrap().build().unwrap();
        assert!(streamed.try_clone().is_none());
        assert_eq!(streamed.headers()[CONTENT_LENGTH].to_str().unwrap(), bytes.len().to_string());
        let error = request(&stream).unwrap_err().to_string();
        assert!(error.contains("was sent already"), "{error}");
    }

    fn client() -> reqwest::Client {
        crate::Transport::to(&crate::BaseUrl::parse("http://127.0.0.1").unwrap()).unwrap().client().clone()
    }
}
