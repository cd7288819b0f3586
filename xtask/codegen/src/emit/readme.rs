//! The README of a generated crate.

use diagnostics::text::{Markdown, fill};

use super::constructors::beside;
use super::example::Example;
use super::input::Input;
use super::settings::held;
use super::{features, limits};

/// What a license asks of programs beyond what the license of the crate does.
const LICENSES: &str = "\n## Licenses of dependencies\n\n`progenitor-client`, and with it `ResponseValue`, which every method \
                        returns, is licensed under MPL-2.0: if you distribute a program that contains it, you must make \
                        the source of its files available, with your changes to them.\n";

/// Writes `README.md`.
pub(super) fn readme(input: &Input<'_>, example: &Example) -> Markdown {
    let (name, named) = (Markdown::plain(input.name), Markdown::plain(&input.named()));
    let mut text = input.header("<!-- ", " -->", Markdown::comment);
    text.push(fill!(Markdown, "\n# {}\n\nRust client for {}. ", name, named));
    text.push(
        "Requests, responses and errors are typed, credentials are never printed, and every request goes through \
         `auth-transport`: https only, no redirects, timeouts, bounded responses. ",
    );
    text.push(if input.takes_tokens() {
        "Each request takes its access token from a source that you provide, such as a cache; a token that the server rejects \
         is replaced, once.\n"
    } else {
        "It caches nothing and keeps no state.\n"
    });
    let description = Markdown::description(input.text("/info/description"));
    if !description.is_empty() {
        text.push(fill!(Markdown, "\n{}\n", description));
    }
    let held = held(input);
    let example = example.function(&input.module()).example("rust");
    text.push(fill!(Markdown, "\n## Example\n\n{}\n", example));
    if !input.servers.is_empty() {
        text.push("\n## Servers\n\n| constructor | server |\n|---|---|\n");
        for server in input.servers {
            let mut arguments = server.variables.iter().map(|it| it.argument.clone()).collect::<Vec<_>>();
            arguments.extend(beside(server, &held).into_iter().map(|it| it.name));
            let call = Markdown::code(&format!("Client::{}({})", server.function, arguments.join(", ")));
            let (title, url) = (Markdown::line(&server.title), Markdown::code(&server.url));
            text.push(fill!(Markdown, "| {} | {}: {} |\n", call.in_cell(), title.in_cell(), url.in_cell()));
        }
        let names = ["base_url".to_owned()].into_iter().chain(held.iter().map(|it| it.name.clone()));
        let call = Markdown::code(&format!("Client::new({})", names.collect::<Vec<_>>().join(", ")));
        text.push(fill!(Markdown, "| {} | any other |\n", call.in_cell()));
    }
    let limits = limits::paragraph(input, |name| fill!(Markdown, "`Client::{}`", name));
    text.push(fill!(Markdown, "\n## Limits\n\n{}\n", limits));
    text.push(fill!(Markdown, "\n## Features\n\n{}", features::SECTION));
    text.push(LICENSES);
    text.push(fill!(
        Markdown,
        "\n## Source\n\nThis crate is generated. To change it, change its overlay or its document and run \
         {}.\n\n{}\n",
        Markdown::code(&format!("cargo xtask codegen {}", input.name)),
        input.provenance()
    ));
    text
}
