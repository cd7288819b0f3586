//! What the client says about its limits, and the methods that change them.

use super::Input;

/// The limits of calls, as a paragraph for documentation; `link` is how it refers to a method of the client.
pub(super) fn paragraph(input: &Input<'_>, link: impl Fn(&str) -> String) -> String {
    let of = |tokens: bool| input.generated.methods.iter().any(|it| it.operation.requests_tokens == tokens);
    let [api, token] = [("60 seconds", "16 MiB"), ("30 seconds", "256 KiB")];
    let mut text = match (of(true), of(false)) {
        (true, true) => format!(
            "A call takes at most {} and reads a body of at most {}; a request for a token takes at most {} and reads at most \
             {}.",
            api.0, api.1, token.0, token.1
        ),
        (tokens, _) => {
            let (time, size) = if tokens { token } else { api };
            format!("A call takes at most {time} and reads a body of at most {size}.")
        }
    };
    let names = ["with_timeout", "with_body_limit"].map(&link).join(" and ");
    text.push_str(&format!(
        " {names} change that, for a client or for one call: `client.with_timeout(..)` gives another client over the same \
         transport."
    ));
    if input.has_streams() {
        text.push_str(&format!(
            " A `ByteStream` is handed on as it comes: it has no limit of size, the time of the call ends with the head of the \
             answer, and the stream ends with an error after 60 seconds without a byte ({}).",
            link("with_idle_timeout")
        ));
    }
    text
}

/// The methods that change them.
pub(super) fn methods(input: &Input<'_>) -> Vec<String> {
    let streams = input.has_streams();
    let time = if streams { "a whole call, or for the head of an answer with a stream" } else { "a whole call" };
    let mut items = vec![
        method(&format!("time for {time}"), "with_timeout", "timeout: std::time::Duration", "timeout"),
        method("limit for the size of a body, in bytes", "with_body_limit", "bytes: usize", "bytes"),
    ];
    if streams {
        items.push(method(
            "time between two reads of a stream",
            "with_idle_timeout",
            "timeout: std::time::Duration",
            "timeout",
        ));
    }
    items
}

fn method(what: &str, name: &str, argument: &str, passed: &str) -> String {
    format!(
        r#"    /// The same client with another {what}. It shares the transport, so one can be made for a single call.
    #[must_use]
    pub fn {name}(&self, {argument}) -> Self {{
        Self {{ transport: self.transport.clone().{name}({passed}), ..self.clone() }}
    }}
"#
    )
}
