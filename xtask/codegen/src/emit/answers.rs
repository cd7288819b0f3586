//! The documentation of how the client reads answers, and the method for its observers.

use diagnostics::text::Markdown;

use super::input::Input;

/// What the client does with answers that deviate, as a section of the documentation; empty if nothing can.
pub(super) fn section(input: &Input<'_>, is_tolerant: bool) -> Markdown {
    let has_api = input.generated.methods.iter().any(|method| !method.operation.requests_tokens);
    if !has_api {
        return Markdown::default();
    }
    let mut text = Markdown::from("\n# Answers\n\n");
    text.push(if is_tolerant {
        "Members of answers are [`auth_transport::Received`]: each dereferences to an `Option` of its value, and \
         `required()?` is the value or an error. A member that does not fit its documented type, or is `null` against the document, \
         does not fail the answer: `raw()` has its text, and it is written back unchanged.\n\n"
    } else {
        "An answer with a member that does not fit its documented type is an [`Error::Payload`], which names place and kind.\n\n"
    });
    text.push(
        "[`Client::with_drift_observer`] reports what answers say other than their document, such as undocumented members, by \
         operation, place and kind.\n",
    );
    text
}

/// The method for observers.
pub(super) const WITH_DRIFT_OBSERVER: &str = r#"    /// Returns the client with another observer of what answers say other than their document. The observer gets operation, place and kind of each difference, at most once a minute, and no value.
    #[must_use]
    pub fn with_drift_observer(mut self, observer: impl DriftObserver) -> Self {
        self.transport = self.transport.with_drift_observer(observer);
        self
    }
"#;
