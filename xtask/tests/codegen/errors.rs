//! Errors of documents and files: each has its own cause and a remedy for it.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::copy::{Copy, Said, command};
use crate::deadlines::{output, within};
use crate::specs::PETS;

/// Remedies of other causes.
const WRONG: [&str; 9] = [
    "has to be a UTF-8 text file",
    "make the file and its folder writable",
    "remove the cause",
    "no `openapi` version",
    "by an overlay",
    "`format: password`",
    "is not inside a git repository",
    "neither a commit nor a file",
    "panicked",
];

/// Asserts status 1, a message with the first texts, a remedy with the second, and nothing of another cause.
#[track_caller]
fn assert_error(said: &Said, message: &[&str], remedy: &str, allowed: &[&str]) {
    assert_eq!(said.code, Some(1), "stdout: {}\nstderr: {}", said.stdout, said.stderr);
    let text = &said.stderr;
    let (errors, remedies): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| !line.contains("= remedy: "));
    for part in message {
        assert!(errors.join("\n").contains(part), "no {part:?} in {text}");
    }
    assert!(remedies.iter().any(|line| line.contains(remedy)), "no {remedy:?} in the remedies of {text}");
    for part in WRONG.iter().filter(|part| !allowed.contains(part)) {
        assert!(!text.contains(part), "{part:?} in {text}");
    }
}

fn spec(copy: &Copy, file: &str, out: &str) -> Said {
    let [file, out] = [file, out].map(|it| copy.path(it).display().to_string());
    copy.run(&["codegen", "--spec", &file, "--out", &out])
}

/// A document whose only operation is this one.
fn with_operation(operation: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{ title: T, version: '1' }}\npaths:\n  '/a/{{apiKey}}':\n    get: {{ operationId: a, {operation} }}\n"
    )
}

#[test]
fn the_error_names_the_format_of_a_file_that_is_not_a_document() {
    let copy = Copy::with_document(PETS);
    copy.write("empty.yaml", "\n");
    copy.write("page.yaml", "<!DOCTYPE html>\n<p>Not Found</p>\n");
    copy.write("swagger.json", r#"{"swagger": "1.1", "info": {}, "paths": {}}"#);
    copy.write("old.yaml", "swaggerVersion: '1.2'\n");
    copy.write("overlay.yaml", "overlay: 1.1.0\nactions: []\n");
    copy.write("schema.json", r#"{"$schema": "https://json-schema.org/draft/2020-12/schema"}"#);
    copy.write("nothing.yaml", "info: {}\n");
    copy.write("new.yaml", &PETS.replace("3.0.3", "3.2.0"));
    copy.write("deep.yaml", &format!("a: {}{}", "[".repeat(200), "]".repeat(200)));
    copy.write("yaml.json", PETS);
    let bytes: [(&str, &[u8]); 3] =
        [("utf16.yaml", b"\xff\xfea\0:\0"), ("packed.yaml", b"\x1f\x8b\x08\0"), ("latin.yaml", b"a: 1\nb: \xe9\n")];
    for (file, bytes) in bytes {
        fs::write(copy.path(file), bytes).expect("written");
    }
    for (file, message, remedy) in [
        ("missing.yaml", "missing.yaml", "check the name and the folder"),
        #[cfg(unix)]
        ("specs", "Is a directory", "name a file: this is a folder"),
        #[cfg(unix)]
        ("empty.yaml/x.yaml", "Not a directory", "a part of it is a file"),
        ("utf16.yaml", "it is UTF-16 text", "`iconv -f UTF-16 -t UTF-8"),
        ("packed.yaml", "it is a gzip archive", "`gunzip`"),
        ("latin.yaml", "latin.yaml:2", "save it as UTF-8"),
        ("empty.yaml", "the file is empty", "restore the file"),
        ("page.yaml", "an HTML or XML page", "name the document itself"),
        ("swagger.json", "Swagger 1.1 is not supported", "Swagger 2.0 or of OpenAPI 3"),
        ("swagger.json", "swagger.json:1 (#/swagger)", ""),
        ("old.yaml", "this is a Swagger 1 document", "`npx swagger2openapi"),
        ("overlay.yaml", "this is an OpenAPI overlay", "`--overlay FILE`"),
        ("schema.json", "this is a JSON Schema", "name an OpenAPI document"),
        ("nothing.yaml", "does not state its version of OpenAPI", "add `openapi: 3.1.0`"),
        ("new.yaml", "OpenAPI 3.2.0 is not supported", "in version 3.1 or 3.0"),
        ("deep.yaml", "nested more than 128 deep", "`components`"),
        ("yaml.json", "not valid JSON", "rename it to end with `.yaml`"),
    ] {
        assert_error(&spec(&copy, file, "out"), &[message], remedy, &[]);
    }
    copy.write("pets.yaml", PETS);
    let [file, out, overlay] = ["pets.yaml", "out", "pets.yaml"].map(|it| copy.path(it).display().to_string());
    let said = copy.run(&["codegen", "--spec", &file, "--out", &out, "--overlay", &overlay]);
    assert_error(
        &said,
        &["the file is an OpenAPI document, not an overlay", "pets.yaml:2"],
        "begins with `overlay: 1.1.0`",
        &[],
    );
}

#[cfg(unix)]
#[test]
fn a_file_above_the_limit_is_not_read_to_its_end() {
    let copy = Copy::with_document(PETS);
    let file = fs::File::create(copy.path("large.yaml")).expect("a file");
    file.set_len((64 << 20) + 1).expect("a file with a hole");
    let large = copy.path("large.yaml").display().to_string();
    let mut input = command(&copy.path(""), &["codegen", "--spec", "-", "--name", "large", "--out", "out"]);
    input.stdin(fs::File::open(&large).expect("the file"));
    let input = within("the program has come to an end", move || input.output());
    for said in [
        spec(&copy, "large.yaml", "out"),
        Said::of(input.expect("the program runs")),
        copy.run(&["specs", "update", "pets", "--from", &large]),
        copy.run(&["diff", &large, &large]),
    ] {
        assert_error(&said, &["cannot read the document: it is larger than 64 MiB"], "name another file", &[]);
    }
}

#[test]
fn the_error_says_what_is_in_the_place_of_a_folder() {
    use std::os::unix::fs::symlink;

    let copy = Copy::with_document(PETS);
    copy.write("file", "mine");
    symlink(copy.path("file"), copy.path("link")).expect("a link");
    symlink(copy.path("nowhere"), copy.path("dangling")).expect("a link");
    symlink(copy.path("loop"), copy.path("loop")).expect("a link");
    for (out, message, remedy) in [
        ("file", "file is a file and not a folder", "name another folder with `--out DIR`"),
        ("file/crate", "file is a file and not a folder", "name another folder with `--out DIR`"),
        ("link", "link is a link to a file and not a folder", "name another folder with `--out DIR`"),
        ("dangling", "dangling is a broken symbolic link", "remove the link, or name another folder"),
        ("dangling/crate", "dangling is a broken symbolic link", "remove the link, or name another folder"),
        ("loop", "loop is a broken symbolic link", "remove the link, or name another folder"),
        ("specs", "none of them was generated from this document", "name a new or empty folder with `--out DIR`"),
    ] {
        assert_error(&spec(&copy, "specs/pets.yaml", out), &[message], remedy, &[]);
    }
    assert_eq!(copy.read("file"), "mine");
    let said = Said::of(output(&mut command(&copy.path("nowhere"), &["codegen"])));
    assert_error(&said, &["there is no folder"], "`--root DIR`", &[]);
    let said = Said::of(output(&mut command(&copy.path("file"), &["codegen"])));
    assert_error(&said, &["is a file and not a folder"], "`--root DIR`", &[]);
}

#[test]
fn references_that_cannot_be_followed_are_one_error_with_a_remedy() {
    let copy = Copy::with_document(PETS);
    let paths = (1..=30).map(|n| format!("  /p{n}: {{ $ref: 'paths/p{n}.yaml' }}\n")).collect::<String>();
    copy.write("many.yaml", &format!("openapi: 3.0.3\ninfo: {{ title: T, version: '1' }}\npaths:\n{paths}"));
    let said = spec(&copy, "many.yaml", "out");
    let parts = ["cannot follow the references to 30 files", "`paths/p1.yaml` in many.yaml:4", " and 27 more"];
    assert_error(&said, &parts, "`npx @redocly/cli bundle FILE -o NEW`", &[]);
    assert_eq!(said.stderr.matches("error: ").count(), 1, "{}", said.stderr);
    copy.edit("many.yaml", "paths/p1.yaml", "../p1.yaml");
    copy.write("many.yaml", &copy.read("many.yaml").replace("'paths/", "'https://a.example/"));
    let said = spec(&copy, "many.yaml", "out");
    let parts = ["30 references lead out of the folder of the document", "`../p1.yaml` in line 4", " and 27 more"];
    assert_error(&said, &parts, "`npx @redocly/cli bundle FILE -o NEW`", &[]);
    assert_eq!(said.stderr.matches("error: ").count(), 1, "{}", said.stderr);
}

#[test]
fn a_key_in_a_path_has_the_remedy_for_paths() {
    let parameter = |schema: &str| {
        let parameters = format!("parameters: [{{ name: apiKey, in: path, required: true, {schema} }}]");
        with_operation(&format!("{parameters}, responses: {{ '204': {{ description: d }} }}"))
    };
    for (schema, message, remedy) in [
        ("schema: { type: string }", "the path parameter `apiKey` is a credential", "ask the vendor for another way"),
        (
            "schema: { type: array, items: { type: string } }",
            "the path parameter `apiKey` is a credential",
            "ask the vendor for another way",
        ),
    ] {
        let said = Copy::with_document(&parameter(schema)).run(&["codegen"]);
        assert_error(&said, &[message], remedy, &[]);
        assert!(!said.stderr.contains("has no operations"), "{}", said.stderr);
    }
    let said = Copy::with_document(&parameter("schema: { type: string, format: password }")).run(&["codegen"]);
    assert_error(&said, &["`format: password` is not supported yet"], "remove the format", &["`format: password`"]);
}

#[test]
fn a_full_disk_is_reported() {
    for at in ["1", "2", "3..", "5"] {
        let copy = Copy::with_document(PETS);
        let said = copy.run_with(&["codegen"], &[("XTASK_FAULT", &format!("full@{at}"))]);
        assert_error(&said, &["no storage space", "nothing has been changed"], "free some space on the disk", &[]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn limits_of_the_process_are_named_with_the_command_that_raises_them() {
    use std::process::Command;

    let copy = Copy::with_document(PETS);
    let [file, out] = ["specs/pets.yaml", "out"].map(|it| copy.path(it).display().to_string());
    let limited = |limit: &str, args: &[&str]| {
        let program = command(&copy.path(""), args);
        let words = std::iter::once(program.get_program()).chain(program.get_args());
        let mut shell = Command::new("sh");
        Said::of(output(shell.args(["-c", &format!("{limit}; exec \"$0\" \"$@\"")]).args(words)))
    };
    // Standard streams, the lock of the workspace, and not one more.
    let said = limited("ulimit -n 4", &["codegen", "--spec", &file, "--out", &out]);
    assert_error(&said, &["cannot read the document: Too many open files", "pets.yaml"], "`ulimit -n`", &[]);
    // The signal would end the process before it can say anything.
    let said = limited("trap '' XFSZ; ulimit -f 0", &["codegen", "--spec", &file, "--out", &out]);
    assert_error(&said, &["File too large", "nothing has been changed"], "`ulimit -f`", &[]);
    let said = limited("exec >/dev/full", &["overlay", "pets"]);
    assert_error(&said, &["cannot write to standard output: No space left"], "free some space on the disk", &[]);
    let said = limited("exec >/dev/full", &["codegen"]);
    assert_error(&said, &["cannot write to standard output: No space left"], "free some space on the disk", &[]);
}

/// The address of a server that answers each connection with these bytes and closes it. An answer of HTTP has to say so, as the
/// client might send its next request before it sees that the connection was closed.
fn answering(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    address.to_string()
}

#[test]
fn each_failure_of_the_network_has_its_message() {
    let copy = Copy::with_document(PETS);
    let [plain, missing, sealed, broken, closed, elsewhere] = [
        &b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"[..],
        b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"",
        b"HTTP/1.1 302 Found\r\nconnection: close\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
    ]
    .map(answering);
    // Nothing listens on the local port of a connection, and no other test can get it while the connection is open.
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let connection = TcpStream::connect(server.local_addr().expect("an address")).expect("a connection");
    let refused = connection.local_addr().expect("an address");
    for (url, message, remedy) in [
        (format!("https://{plain}/a.yaml"), "the server does not speak TLS at this port", "check the port"),
        (format!("http://{missing}/a.yaml"), "the server answered with status 404", "check the address"),
        (format!("http://{sealed}/a.yaml"), "the server answered with status 403", "the server requires credentials"),
        (
            format!("http://{broken}/a.yaml"),
            "the server does not speak HTTP at this port",
            "check the host and the port",
        ),
        (format!("http://{closed}/a.yaml"), "the server closed the connection", "whether the server speaks TLS on it"),
        (format!("http://{elsewhere}/a.yaml"), "the server redirects too often", "name the final address"),
        (format!("http://{refused}/a.yaml"), "the server refused the connection", "whether the server runs"),
    ] {
        let said = copy.run(&["specs", "update", "pets", "--from", &url]);
        assert_error(&said, &["cannot fetch the document: ", message, &url], remedy, &[]);
    }
    let nowhere = copy.path("nowhere").display().to_string();
    let said = copy.run_with(
        &["specs", "update", "pets", "--from", &format!("https://{plain}/a.yaml")],
        &[("SSL_CERT_FILE", &nowhere), ("SSL_CERT_DIR", &nowhere)],
    );
    if cfg!(all(unix, not(target_vendor = "apple"))) {
        assert_error(&said, &["no root certificates were found"], "install the package `ca-certificates`", &[]);
    }
}

#[test]
fn a_failure_of_git_is_reported_in_its_own_words() {
    let git = |copy: &Copy, args: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.arg("-C").arg(copy.path("")).args(["-c", "user.name=a", "-c", "user.email=a@b.c"]).args(args);
        assert!(output(&mut git).status.success(), "{args:?}");
    };
    let copy = Copy::with_document(PETS);
    git(&copy, &["init", "-q"]);
    assert_error(&copy.run(&["diff", "pets"]), &["the repository has no commit yet"], "commit the document first", &[]);
    git(&copy, &["add", "specs"]);
    git(&copy, &["commit", "-q", "-m", "a"]);
    copy.run(&["diff", "pets"]).passed();
    assert_error(
        &copy.run(&["diff", "pets", "--against", "v9"]),
        &["`v9` is neither a commit nor a file"],
        "--against REF|FILE",
        &["neither a commit nor a file"],
    );
    let said = copy.run_with(&["diff", "pets"], &[("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")]);
    let words = ["detected dubious ownership in repository at"];
    assert_error(&said, &words, "run `git config --global --add safe.directory", &[]);
    let nothing = copy.path("empty-folder").display().to_string();
    fs::create_dir(&nothing).expect("made");
    let said = copy.run_with(&["diff", "pets"], &[("PATH", &nothing)]);
    assert_error(&said, &["cannot start `git`"], "install `git`, or add its folder to PATH; or name", &[]);

    git(&copy, &["commit", "-q", "--allow-empty", "-m", "b"]);
    let clone = Copy::with_document(PETS);
    let from = format!("file://{}", copy.path("").display());
    git(&clone, &["clone", "-q", "--depth", "1", &from, &clone.path("clone").display().to_string()]);
    let said = Said::of(output(&mut command(&clone.path("clone"), &["diff", "pets", "--against", "v9"])));
    assert_error(&said, &["`v9` is neither a file nor a commit of this repository"], "--unshallow", &[]);
}

#[test]
fn codegen_reports_why_changes_are_not_known() {
    let copy = Copy::with_document(PETS);
    let said = copy.run(&["codegen"]).passed();
    assert!(
        said.stdout.contains("not known, ") && said.stdout.contains("is not inside a git repository"),
        "{}",
        said.stdout
    );
}

#[cfg(target_os = "linux")]
#[test]
fn each_file_that_cannot_be_used_is_reported_with_its_cause() {
    use std::os::unix::fs::symlink;

    let copy = Copy::with_document(PETS);
    copy.write("old.yaml", PETS);
    let against = copy.path("old.yaml").display().to_string();
    let report = |name: &str| copy.path(name).display().to_string();
    symlink("/dev/full", copy.path("full.json")).expect("a link");
    fs::create_dir(copy.path("folder.json")).expect("made");
    for (name, message, remedy) in [
        ("full.json", "cannot write the report: No space left", "free some space on the disk"),
        ("folder.json", "cannot write the report: Is a directory", "move away the file or folder of this name"),
        ("nowhere/a.json", "cannot write the report: No such file", "one of its folders does not exist"),
    ] {
        let said = copy.run(&["diff", "pets", "--against", &against, "--report", &report(name)]);
        assert_error(&said, &[message, name], remedy, &[]);
    }
    let documents = &["documents", "old.yaml"];
    let said = Said::of(output(command(&copy.path(""), documents).current_dir(copy.path(""))));
    assert_error(&said, &["cannot write the document: ", "old.yaml"], "move away the file or folder of this name", &[]);
    copy.run(&["codegen"]).passed();
    let said = copy.run_with(&["demo"], &[("CARGO", &report("nowhere/cargo"))]);
    assert_error(&said, &["cannot start `cargo`: No such file"], "install `cargo`", &[]);
    let missing = copy.path("gone.yaml").display().to_string();
    assert_error(
        &copy.run(&["diff", &missing, &against]),
        &["cannot read the document"],
        "`cargo xtask diff OLD NEW`",
        &[],
    );
    for (file, args, message, remedy) in [
        (
            "specs/pets.approved.yaml",
            &["diff", "pets", "--against", &against][..],
            "cannot read the approvals",
            "this is a folder",
        ),
        ("specs/pets.overlay.yaml", &["codegen"], "cannot read the file", "this is a folder"),
        ("specs/versions.toml", &["codegen"], "cannot read the versions of the crates", "this is a folder"),
    ] {
        fs::create_dir(copy.path(file)).expect("made");
        assert_error(&copy.run(args), &[message, file], remedy, &[]);
        fs::remove_dir(copy.path(file)).expect("removed");
    }
    fs::remove_file(copy.path("specs/pets.yaml")).expect("removed");
    fs::create_dir(copy.path("specs/pets.yaml")).expect("made");
    assert_error(&copy.run(&["specs", "verify"]), &["specs/pets.yaml"], "name a file: this is a folder", &[]);
    fs::remove_file(copy.path("specs/README.md")).expect("removed");
    symlink(copy.path("specs/README.md"), copy.path("specs/README.md")).expect("a link");
    assert_error(&copy.run(&["specs", "verify"]), &["cannot read the record"], "replace the symbolic link", &[]);
}
