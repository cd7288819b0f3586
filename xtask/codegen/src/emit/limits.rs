//! The documentation of the client's limits, and the methods that change them.

use diagnostics::text::{Markdown, Rust, fill};

use super::input::Input;

/// The limits of calls, as a paragraph for documentation; `link` is how it refers to a method of the client.
pub(super) fn paragraph(input: &Input<'_>, link: impl Fn(&'static str) -> Markdown) -> Markdown {
    let of = |tokens: bool| input.generated.methods.iter().any(|it| it.operation.requests_tokens == tokens);
    let [api, token] = [("60 seconds", "16 MiB"), ("30 seconds", "256 KiB")];
    let mut text = match (of(true), of(false)) {
        (true, true) => fill!(
            Markdown,
            "A call takes at most {} and reads a body of at most {}; a request for a token takes at most {} and reads at most \
             {}.",
            api.0,
            api.1,
            token.0,
            token.1
        ),
        (tokens, _) => {
            let (time, size) = if tokens { token } else { api };
            fill!(Markdown, "A call takes at most {} and reads a body of at most {}.", time, size)
        }
    };
    let names = Markdown::join(["with_timeout", "with_body_limit"].map(&link), " and ");
    text.push(fill!(
        Markdown,
        " {} change that, for a client or for one call: `client.with_timeout(..)` gives another client over the same \
         transport.",
        names
    ));
    if input.has_streams() {
        text.push(fill!(
            Markdown,
            " A `ByteStream` is passed on as it arrives: it has no size limit, the time limit of the call covers only the head of the \
             response, and the stream ends with an error after 60 seconds without a byte ({}).",
            link("with_idle_timeout")
        ));
    }
    text
}

/// The methods that change them.
pub(super) fn methods(input: &Input<'_>) -> Vec<Rust> {
    let streams = input.has_streams();
    let time = if streams { "a whole call, or for the head of a response with a stream" } else { "a whole call" };
    let mut items = vec![
        method("time limit for ", time, "with_timeout", "timeout: std::time::Duration", "timeout"),
        method("limit for the size of a body, in bytes", "", "with_body_limit", "bytes: usize", "bytes"),
    ];
    if streams {
        items.push(method(
            "time limit between two reads of a stream",
            "",
            "with_idle_timeout",
            "timeout: std::time::Duration",
            "timeout",
        ));
    }
    items
}

fn method(
    what: &'static str,
    more: &'static str,
    name: &'static str,
    argument: &'static str,
    passed: &'static str,
) -> Rust {
    fill!(
        Rust,
        r#"    /// Returns the client with another {}{}. Both share the transport, so this is cheap enough for a single call.
    #[must_use]
    pub fn {}(&self, {}) -> Self {{
        Self {{ transport: self.transport.clone().{}({}), ..self.clone() }}
    }}
"#,
        what,
        more,
        name,
        argument,
        name,
        passed
    )
}
