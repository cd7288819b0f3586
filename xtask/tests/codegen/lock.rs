//! Commands that write at the same time.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::thread;

use crate::copy::{Copy, Said, command};
use crate::deadlines::within;
use crate::specs::PETS;

fn workspace() -> Copy {
    let copy = Copy::with_full_record(PETS);
    copy.write(
        "Cargo.toml",
        "[workspace.package]
version = \"0.3.0\"

[workspace.dependencies]
",
    );
    copy.write("new.yaml", PETS);
    copy
}

#[test]
fn six_documents_that_are_added_at_once_are_all_recorded() {
    let copy = workspace();
    let from = copy.path("new.yaml").display().to_string();
    let names = ["a", "b", "c", "d", "e", "f"].map(|letter| format!("shop-{letter}"));
    let (copy, from) = (&copy, &from);
    thread::scope(|scope| {
        let running = names.each_ref().map(|name| scope.spawn(move || copy.run(&["new", name, "--from", from])));
        for run in running {
            run.join().expect("it ends").passed();
        }
    });
    let (manifest, record) = (copy.read("Cargo.toml"), copy.read("specs/README.md"));
    for name in &names {
        assert!(manifest.contains(&format!("\n{name} = {{ path = ")), "no {name} in {manifest}");
        assert!(record.contains(&format!("| `{name}.yaml` |")), "no {name} in {record}");
    }
    copy.run(&["codegen", "--check"]).failed(&["not as generated: crates/pets\n"]);
}

#[test]
fn a_waiting_command_names_the_one_that_it_waits_for() {
    let copy = workspace();
    fs::create_dir_all(copy.path(".xtask")).expect("created");
    let from = copy.path("new.yaml").display().to_string();
    for arguments in [
        &["codegen"][..],
        &["new", "shop", "--from", &from],
        &["specs", "update", "pets", "--from", &from],
        &["codegen", "--spec", &from, "--out", &copy.path("out").display().to_string()],
    ] {
        let lock = File::create(copy.path(".xtask/lock")).expect("created");
        lock.lock().expect("locked");
        copy.write(".xtask/holder", "`cargo xtask new pets` (process 123)");
        let before = copy.files();
        let mut waiting = command(&copy.path(""), arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command can be started");
        let mut said = BufReader::new(waiting.stderr.take().expect("standard error"));
        let (line, mut said) = within("the command says that it waits", move || {
            let mut line = String::new();
            said.read_line(&mut line).expect("a line");
            (line, said)
        });
        assert_eq!(line, "waiting for `cargo xtask new pets` (process 123), which writes to this workspace\n");
        assert_eq!(copy.files(), before, "{arguments:?}");
        drop(lock);
        let (rest, ended) = within("the command has come to an end", move || {
            let mut rest = String::new();
            said.read_to_string(&mut rest).expect("readable");
            (rest, waiting.wait_with_output().expect("its output"))
        });
        Said::of(ended).passed();
        assert!(!copy.path(".xtask/holder").exists(), "{rest}");
    }
}

#[test]
fn commands_that_write_nothing_do_not_wait() {
    let copy = workspace();
    copy.run(&["codegen"]).passed();
    fs::remove_dir_all(copy.path(".xtask")).expect("removed");
    let from = copy.path("new.yaml").display().to_string();
    for arguments in [
        &["codegen", "--check"][..],
        &["specs", "verify"],
        &["overlay", "pets"],
        &["specs", "update", "pets", "--from", &from, "--dry-run"],
    ] {
        copy.run(arguments).passed();
        assert!(!copy.path(".xtask").exists(), "{arguments:?}");
    }
}
