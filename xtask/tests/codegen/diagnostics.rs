//! The output of errors.

use crate::copy::Copy;

fn spoilt() -> Copy {
    let copy = Copy::new();
    copy.edit("specs/lean-auth.overlay.yaml", "properties.expires_in", "properties.expires_at");
    copy
}

#[test]
fn a_piped_error_shows_its_line_as_plain_text() {
    let said = spoilt().run(&["codegen"]);
    assert_eq!(
        said.stderr,
        "error: the action's target matches nothing in specs/lean-auth.yaml
  --> specs/lean-auth.overlay.yaml:41 ($.components.schemas.TokenResponse.properties.expires_at)
   |
40 |       format: password
41 |   - target: $.components.schemas.TokenResponse.properties.expires_at
   |     ^^^^^^
42 |     description: >
   |
   = remedy: correct the target if the document has changed, or remove the action
"
    );
}

#[test]
fn colours_can_be_forced_and_disabled() {
    let copy = spoilt();
    let forced = copy.run_with(&["codegen"], &[("CLICOLOR_FORCE", "1")]).stderr;
    assert!(forced.contains("\u{1b}["), "{forced}");
    for unwanted in [&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")][..], &[]] {
        let text = copy.run_with(&["codegen"], unwanted).stderr;
        assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text}");
    }
}

#[test]
fn timings_are_printed_even_if_a_document_is_refused() {
    let timed = |copy: &Copy| copy.run(&["codegen", "--check", "--timings"]).stdout;
    let head = |text: &str| text.lines().find(|line| line.starts_with("milliseconds")).map(str::to_owned);
    let columns = |text: &str| head(text).expect("a table").split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let stages = ["load", "bundle", "overlay", "upgrade", "lower", "adapt", "progenitor", "lint", "patch", "emit"];
    let all = [&["milliseconds", "KB"][..], &stages, &["write", "total"]].concat();
    assert_eq!(columns(&timed(&Copy::new())), all);
    let refused = [&["milliseconds", "KB"][..], &stages, &["total"]].concat();
    assert_eq!(columns(&timed(&spoilt())), refused);
    assert_eq!(head(&Copy::new().run(&["codegen", "--check"]).stdout), None);
}
