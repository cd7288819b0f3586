//! The README of a generated crate.

use super::constructors::source;
use super::example::Example;
use super::{Input, limits};
use crate::codegen::generate::escape;

/// Writes `README.md`.
pub(super) fn readme(input: &Input<'_>, example: &Example) -> String {
    let Input { name, .. } = input;
    let named = escape(&input.named());
    let mut text = input.header("<!-- ", " -->");
    text.push_str(&format!("\n# {name}\n\nRust client for {named}. "));
    text.push_str(
        "Requests, answers and errors are typed, credentials are never shown, and every request goes through \
         `auth-transport`: https only, no redirects, timeouts, bounded answers. ",
    );
    text.push_str(if input.takes_tokens() {
        "Each request takes its access token from a source of your own, such as a cache; one that the server does not accept \
         is replaced, once.\n"
    } else {
        "It caches nothing and keeps no state.\n"
    });
    let description = escape(input.text("/info/description"));
    if !description.is_empty() {
        text.push_str(&format!("\n{description}\n"));
    }
    text.push_str(&format!("\n## Example\n\n```rust\n{}```\n", example.function(&input.module())));
    if !input.servers.is_empty() {
        text.push_str("\n## Servers\n\n| constructor | server |\n|---|---|\n");
        for server in input.servers {
            let mut arguments = server.variables.iter().map(|it| it.argument.clone()).collect::<Vec<_>>();
            arguments.extend(input.takes_tokens().then(|| source(server)));
            let arguments = arguments.join(", ");
            let title = server.title.replace('|', "\\|");
            text.push_str(&format!("| `Client::{}({arguments})` | {title}: `{}` |\n", server.function, server.url));
        }
        let more = if input.takes_tokens() { ", tokens" } else { "" };
        text.push_str(&format!("| `Client::new(base_url{more})` | any other |\n"));
    }
    let limits = limits::paragraph(input, |name| format!("`Client::{name}`"));
    text.push_str(&format!("\n## Limits\n\n{limits}\n"));
    text.push_str(&format!(
        "\n## Where it comes from\n\nThis crate is generated. To change it, change its overlay or its document and run \
         `cargo xtask codegen {name}`.\n\n{}\n",
        input.provenance()
    ));
    text
}
