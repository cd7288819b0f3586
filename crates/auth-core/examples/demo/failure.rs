//! An error with the vendor, and the call or variable that it concerns.

use std::error::Error;
use std::fmt;

/// An error of one vendor, in a call or a variable.
#[derive(Debug)]
pub(crate) struct Failure {
    provider: &'static str,
    place: String,
    cause: Box<dyn Error + Send + Sync>,
}

impl Failure {
    pub(crate) fn new(
        provider: &'static str,
        place: impl Into<String>,
        cause: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { provider, place: place.into(), cause: cause.into() }
    }

    /// Creates a failure from the error of a call or variable.
    pub(crate) fn at<E: Into<Box<dyn Error + Send + Sync>>>(
        provider: &'static str,
        place: &str,
    ) -> impl FnOnce(E) -> Self {
        move |cause| Self::new(provider, place, cause)
    }
}

impl fmt::Display for Failure {
    /// One line with all causes; a cause that the text already contains is skipped.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("{}: {}: {}", self.provider, self.place, self.cause);
        let mut source = self.cause.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !text.contains(&cause_text) {
                text.push_str(": ");
                text.push_str(&cause_text);
            }
            source = cause.source();
        }
        formatter.write_str(&text)
    }
}

impl Error for Failure {}
