//! The sources and the dependencies of a standalone crate.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::copy::{Copy, Said, command, files, repository, run_in};
use crate::deadlines::{output, within};
use crate::program::{lasting, run_tests};
use crate::specs::{PETS, serve};

/// The crate of a document beside a workspace.
fn pets() -> Copy {
    let copy = Copy::with_document(PETS);
    copy.write("api/pets.yaml", PETS);
    copy
}

/// Generates from `--spec` and other arguments, in the root of the workspace.
fn generate(copy: &Copy, arguments: &[&str]) -> Said {
    let mut command = command(&copy.path(""), &[&["codegen", "--spec"], arguments].concat());
    Said::of(output(command.current_dir(copy.path(""))))
}

fn from_input(copy: &Copy, text: &str, arguments: &[&str]) -> Said {
    let mut command = command(&copy.path(""), &[&["codegen", "--spec", "-"], arguments].concat());
    let mut child = command
        .current_dir(copy.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be started");
    // A command that fails may not read it.
    let _ = child.stdin.take().expect("its input").write_all(text.as_bytes());
    Said::of(within("the command has come to an end", || child.wait_with_output()).expect("its output"))
}

/// The line of a manifest that begins so.
fn line<'a>(manifest: &'a str, begin: &str) -> &'a str {
    manifest.lines().find_map(|line| line.strip_prefix(begin)).unwrap_or_else(|| panic!("no {begin} in {manifest}"))
}

/// The command on record.
fn recorded(copy: &Copy, out: &str) -> String {
    line(&copy.read(&format!("{out}/Cargo.toml")), "# command, in the workspace of the generator: ").to_owned()
}

/// Runs a command on record, as a shell in the root of the workspace does.
#[cfg(unix)]
fn run_recorded(copy: &Copy, command: &str) -> Said {
    let arguments = command.strip_prefix("cargo xtask ").expect("a command of this program");
    let program = format!("'{}' --root . {arguments}", env!("CARGO_BIN_EXE_xtask"));
    let mut shell = Command::new("sh");
    Said::of(output(shell.args(["-c", &program]).current_dir(copy.path(""))))
}

#[test]
fn a_document_may_be_a_file_an_address_or_standard_input() {
    let copy = pets();
    generate(&copy, &["api/pets.yaml", "--out", "of-file"]).passed();
    let url = serve("200 OK", PETS.to_owned());
    generate(&copy, &[&url, "--out", "of-address", "--name", "pets"]).passed();
    from_input(&copy, PETS, &["--out", "of-input", "--name", "pets"]).passed();
    let json = serde_json::json!({ "openapi": "3.0.3", "info": { "title": "Pets", "version": "1" }, "paths": {} });
    from_input(&copy, &json.to_string(), &["--out", "of-json", "--name", "pets"]).passed();
    let code = |out: &str| {
        let text = copy.read(&format!("{out}/src/generated.rs"));
        text.lines().filter(|line| !line.starts_with("// ")).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(code("of-file"), code("of-address"));
    assert_eq!(code("of-file"), code("of-input"));
    for (out, name) in [("of-file", "pets.yaml"), ("of-address", "openapi.yaml"), ("of-input", "standard input")] {
        assert!(copy.read(&format!("{out}/src/lib.rs")).contains(&format!("// document: {name} (sha256 ")), "{out}");
    }
    assert!(recorded(&copy, "of-address").contains(&format!("--spec {url} --out of-address")));
    assert!(recorded(&copy, "of-input").contains("--spec - --out of-input --name pets"));
}

#[test]
fn an_overlay_may_have_an_address_as_well() {
    let copy = pets();
    let overlay = "overlay: 1.0.0\ninfo: { title: x, version: '1' }\nactions:\n\
                   - { target: $.info, description: x, update: { title: Cats } }\n";
    let url = serve("200 OK", overlay.to_owned());
    generate(&copy, &["api/pets.yaml", "--out", "out", "--overlay", &url]).passed();
    assert!(copy.read("out/src/lib.rs").contains("//! Client for Cats."));
    assert!(recorded(&copy, "out").ends_with(&format!("--overlay {url}")));
}

#[test]
fn a_document_that_cannot_be_fetched_or_named_is_refused() {
    let copy = pets();
    let url = serve("404 Not Found", String::new());
    generate(&copy, &[&url, "--out", "out"]).failed(&["404", &url]);
    generate(&copy, &["http://a.example/x.yaml", "--out", "out"]).failed(&["`http://` is not supported"]);
    from_input(&copy, PETS, &["--out", "out"]).failed(&["standard input has no name", "--name NAME"]);
    from_input(&copy, "openapi: [", &["--out", "out", "--name", "a"]).failed(&["--> standard input:1"]);
    assert!(!copy.path("out").exists());
}

#[test]
fn check_reports_whether_a_crate_is_current() {
    let copy = pets();
    let check = ["api/pets.yaml", "--out", "out", "--check"];
    let missing = generate(&copy, &check);
    assert!(missing.stdout.contains("out/Cargo.toml is missing"), "{}", missing.stdout);
    missing.failed(&["not as generated: out", "without `--check`"]);
    assert!(!copy.path("out").exists());
    generate(&copy, &check[..3]).passed();
    let before = copy.files();
    let said = generate(&copy, &check).passed();
    assert_eq!(said.stdout, "pets: 1 operation, 0 left out, 0 losses; files: current\n");
    assert_eq!(copy.files(), before);
    copy.edit("out/src/lib.rs", "Client for", "Server for");
    let before = copy.files();
    let stale = generate(&copy, &check);
    assert!(stale.stdout.contains("-//! Server for Pets.\n+//! Client for Pets."), "{}", stale.stdout);
    stale.failed(&["not as generated: out"]);
    assert_eq!(copy.files(), before);
}

#[test]
fn a_crate_without_paths_is_current_in_any_folder() {
    let copy = pets();
    let rest = ["--auth-transport", "version", "--name", "pets"];
    generate(&copy, &[&["api/pets.yaml", "--out", "a/b/out"], &rest[..]].concat()).passed();
    fs::rename(copy.path("a/b/out"), copy.path("moved")).expect("moved");
    fs::rename(copy.path("api"), copy.path("elsewhere")).expect("moved");
    generate(&copy, &[&["elsewhere/pets.yaml", "--out", "moved", "--check"], &rest[..]].concat()).passed();
}

#[cfg(unix)]
#[test]
fn the_command_on_record_generates_the_crate_again() {
    let copy = pets();
    copy.write("it's an api/Pet $HOME.yaml", PETS);
    copy.write("it's an api/over lay.yaml", "overlay: 1.0.0\ninfo: { title: x, version: '1' }\nactions:\n- { target: $.info, description: x, update: { title: Cats } }\n");
    for (arguments, out) in [
        (&["api/pets.yaml", "--out", "out"][..], "out"),
        (&["it's an api/Pet $HOME.yaml", "--out", "it's out", "--overlay", "it's an api/over lay.yaml"], "it's out"),
        (&["api/pets.yaml", "--out", "of/version", "--name", "my-pets", "--auth-transport", "version"], "of/version"),
        (&["api/pets.yaml", "--out", "g", "--auth-transport", "git+https://a.example/b.git#12ab"], "g"),
    ] {
        generate(&copy, arguments).passed();
        let (command, before) = (recorded(&copy, out), files(&copy.path(out)));
        fs::remove_dir_all(copy.path(out)).expect("removed");
        run_recorded(&copy, &command).passed();
        assert_eq!(files(&copy.path(out)), before, "{command}");
    }
    // Wherever the shell is, the paths are those from the root.
    let mut other = command(&copy.path(""), &["codegen", "--spec", "pets.yaml", "--out", "../out"]);
    Said::of(output(other.current_dir(copy.path("api")))).passed();
    assert_eq!(recorded(&copy, "out"), "cargo xtask codegen --spec api/pets.yaml --out out --name pets");
}

#[test]
fn the_crate_depends_on_auth_transport_as_the_option_says() {
    let copy = pets();
    for (choice, dependency) in [
        ("path", ", path = \"../crates/auth-transport\""),
        ("version", ""),
        ("git+https://a.example/b.git", ", git = \"https://a.example/b.git\""),
        ("git+ssh://git@a.example/b#12ab", ", git = \"ssh://git@a.example/b\", rev = \"12ab\""),
    ] {
        generate(&copy, &["api/pets.yaml", "--out", "out", "--auth-transport", choice]).passed();
        let dependency = format!("{{ version = \"0.1.0\"{dependency}, default-features = false }}");
        assert_eq!(line(&copy.read("out/Cargo.toml"), "auth-transport = "), dependency, "{choice}");
    }
    let said = generate(&copy, &["api/pets.yaml", "--out", "out", "--auth-transport", "somewhere"]);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("use `path`, `version`, `copy` or `git+URL#REVISION`"), "{}", said.stderr);
}

#[test]
fn a_crate_in_a_folder_of_a_workspace_is_a_package_of_it() {
    let copy = pets();
    copy.write(
        "app/Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\nexclude = [\"crates/apart\"]\n",
    );
    for (out, is_member) in [("app/crates/pets", true), ("app/crates/apart", false), ("app/other", false)] {
        generate(&copy, &["api/pets.yaml", "--out", out, "--auth-transport", "version"]).passed();
        assert_eq!(!copy.read(&format!("{out}/Cargo.toml")).contains("[workspace]"), is_member, "{out}");
        generate(&copy, &["api/pets.yaml", "--out", out, "--auth-transport", "version", "--check"]).passed();
        let manifest = copy.path(out).join("Cargo.toml");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]).arg(manifest);
        let said = Said::of(output(&mut cargo)).passed();
        let root = if is_member { copy.path("app") } else { copy.path(out) };
        let root = format!("\"workspace_root\":\"{}\"", root.display());
        assert!(said.stdout.contains(&root), "{root} in {}", said.stdout);
    }
}

#[test]
fn a_folder_among_the_crates_of_the_workspace_is_refused() {
    let copy = pets();
    copy.write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n");
    let before = copy.files();
    let said = generate(&copy, &["api/pets.yaml", "--out", "crates/mine"]);
    said.failed(&["crates/mine is a folder for crates of this workspace", "cargo xtask new NAME"]);
    assert_eq!(copy.files(), before);
}

#[test]
fn a_crate_with_a_copy_of_auth_transport_needs_nothing_else() {
    let folder = lasting("with-a-copy");
    let _ = fs::remove_dir_all(folder.join("pets"));
    let document = put(&folder.join("pets.yaml"), PETS);
    let out = folder.join("pets").display().to_string();
    let arguments = ["codegen", "--spec", &document, "--out", &out, "--auth-transport", "copy"];
    run_in(repository(), &arguments).passed();
    let manifest = fs::read_to_string(folder.join("pets/Cargo.toml")).expect("a manifest");
    assert_eq!(
        line(&manifest, "auth-transport = "),
        "{ version = \"0.1.0\", path = \"auth-transport\", default-features = false }"
    );
    let copied = files(&folder.join("pets/auth-transport"));
    for file in ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "src/lib.rs"] {
        assert!(copied.contains_key(file), "{file}");
    }
    let text = String::from_utf8_lossy(&copied["Cargo.toml"]);
    assert!(!text.contains("workspace = true") && !text.contains("path = \".."), "{text}");
    // A file that was copied earlier is removed, and a file of a person stays.
    let old = fs::read_to_string(folder.join("pets/auth-transport/src/lib.rs")).expect("readable");
    put(&folder.join("pets/auth-transport/src/old.rs"), &old);
    put(&folder.join("pets/auth-transport/src/mine.rs"), "// mine\n");
    let said = run_in(repository(), &arguments).passed();
    assert!(said.stdout.contains("1 removed: ") && said.stdout.contains("1 not generated, kept: "), "{}", said.stdout);
    let check = run_in(repository(), &[&arguments[..], &["--check"]].concat()).passed();
    assert!(check.stdout.contains("files: current; 1 not generated, kept: "), "{}", check.stdout);
    let tests = "//! It builds.\n\n#[test]\nfn it_is_a_client() {\n    \
                 assert!(pets::Client::new(\"http://127.0.0.1:1\").is_ok());\n}\n";
    run_tests(&folder.join("pets"), "builds", tests);
}

fn put(path: &Path, text: &str) -> String {
    crate::program::put(path, text);
    PathBuf::from(path).display().to_string()
}
