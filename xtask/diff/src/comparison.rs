//! Compares two versions of a document, and the code that they generate.

use codegen::Home;

use super::affected::judge;
use super::document::compare;
use super::finding::Finding;
use super::generated::Code;
use super::level::Level;
use super::revision::Revision;

/// What changed, judged by the code of both crates; and why it is not, where one of them cannot be generated.
pub fn findings(old: &Revision, new: &Revision, home: &Home) -> (Vec<Finding>, Option<String>) {
    let mut findings = compare(&old.value, &new.value);
    if findings.iter().all(|finding| finding.api() == Level::Documentation) {
        return (findings, None);
    }
    let code = |version: &Revision| {
        let file = &version.document.file;
        Code::of(&version.value, home).map_err(|_| format!("no crate can be generated from {file}"))
    };
    match code(old).and_then(|before| Ok((before, code(new)?))) {
        Ok((before, after)) => {
            judge(&mut findings, (&old.value, &before), (&new.value, &after));
            (findings, None)
        }
        Err(reason) => (findings, Some(reason)),
    }
}
