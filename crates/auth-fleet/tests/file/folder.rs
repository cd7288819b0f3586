//! The folder of a `FileStore`: who may use it, what is in it, and what happens when it goes wrong.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use auth_fleet::{FileStore, Generation, Lease, Published, Seen, Store, StoreErrorKind};
use rustix::fs::{FlockOperation, flock};

use crate::support::{
    HOUR, Process, eventually, granted, keys, listen, name, new_folder, open, owner, say, task, tree,
};

async fn publish(store: &FileStore, number: u32, lifetime: Duration) -> Generation {
    let name = name(number);
    let seen = store.get(&name).await.unwrap().map_or(Seen::Nothing, |entry| Seen::Entry(entry.generation));
    let grant = granted(store, &name, seen, HOUR).await;
    assert_eq!(store.publish(&name, grant, b"sealed", lifetime).await.unwrap(), Published::Stored);
    grant.generation
}

fn refused(folder: &Path) -> String {
    let error = FileStore::open(folder, keys()).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Configuration, "{error}");
    error.to_string()
}

#[tokio::test]
async fn only_the_user_can_access_what_the_store_creates() {
    let (temporary, _) = new_folder();
    let folder = temporary.path().join("created/with/those/above/");
    let store = open(&folder);
    for number in 0..100 {
        publish(&store, number, HOUR).await;
    }
    for path in tree(temporary.path()) {
        let metadata = fs::symlink_metadata(&path).unwrap();
        let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(metadata.permissions().mode() & 0o7777, expected, "{}", path.display());
    }
}

#[test]
fn a_folder_that_others_may_access_is_refused() {
    let (_temporary, folder) = new_folder();
    fs::create_dir(&folder).unwrap();
    for (mode, is_refused) in
        [(0o700, false), (0o1700, false), (0o750, true), (0o701, true), (0o720, true), (0o777, true)]
    {
        fs::set_permissions(&folder, Permissions::from_mode(mode)).unwrap();
        if is_refused {
            let text = refused(&folder);
            assert!(text.contains(&format!("mode {mode:04o}")) && text.contains("chmod 700"), "{text}");
        } else {
            FileStore::open(&folder, keys()).unwrap();
        }
    }
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let text = if rustix::process::geteuid().is_root() {
        let (_temporary, folder) = new_folder();
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
        chown(&folder, Some(12_345), None).unwrap();
        refused(&folder)
    } else {
        refused(Path::new("/"))
    };
    assert!(text.contains("belongs to user") && text.contains("folder of its own"), "{text}");
}

#[test]
fn a_path_that_is_not_a_folder_is_refused() {
    let (temporary, folder) = new_folder();
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    let (link, dangling, file) =
        (temporary.path().join("link"), temporary.path().join("dangling"), temporary.path().join("file"));
    symlink(&folder, &link).unwrap();
    symlink("nowhere", &dangling).unwrap();
    fs::write(&file, "").unwrap();
    for (path, problem) in [
        (link.clone(), "is a symbolic link"),
        (link.join(""), "is a symbolic link"),
        (dangling, "is a symbolic link"),
        (file, "is not a folder"),
    ] {
        let text = refused(&path);
        assert!(text.contains(problem), "{}: {text}", path.display());
    }
    assert!(tree(&folder).is_empty(), "nothing was created");
}

/// Runs a test again as the root of a user namespace, with mounts of its own.
fn in_namespaces(test: &str, folder: &Path, more: &[&str]) -> Option<Process> {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "--fork"]).args(more);
    let probe = Command::new(command.get_program()).args(command.get_args()).arg("true").output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there are no namespaces");
        return None;
    }
    command.arg(std::env::current_exe().unwrap());
    Some(Process::start_with(command, test, folder))
}

fn mount(arguments: &[&str], folder: &Path) {
    assert!(Command::new("mount").args(arguments).arg(folder).status().unwrap().success());
}

#[tokio::test]
async fn a_full_disk_is_said_to_be_full_until_there_is_space() {
    if let Some(folder) = task() {
        mount(&["-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs"], &folder);
        let store = open(&folder);
        let kept = publish(&store, 1, HOUR).await;
        let grant = granted(&store, &name(2), Seen::Nothing, HOUR).await;
        let filler = folder.join("filler");
        fs::write(&filler, vec![0; 1 << 21]).unwrap_err();
        let error = store.publish(&name(2), grant, b"sealed", HOUR).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Full, "{error}");
        assert_eq!(store.get(&name(1)).await.unwrap().unwrap().generation, kept, "what is there can be read");
        assert!(!tree(&folder).iter().any(|path| path.file_name().unwrap().to_str().unwrap().starts_with("new-")));
        fs::remove_file(filler).unwrap();
        assert_eq!(store.publish(&name(2), grant, b"sealed", HOUR).await.unwrap(), Published::Stored);
        return say("done");
    }
    let (_temporary, folder) = new_folder();
    fs::create_dir(&folder).unwrap();
    let Some(mut process) = in_namespaces("folder::a_full_disk_is_said_to_be_full_until_there_is_space", &folder, &[])
    else {
        return;
    };
    assert_eq!(process.hear().as_deref(), Some("done"));
    process.end();
}

#[tokio::test]
async fn a_read_only_file_system_is_said_to_be_read_only() {
    if let Some(folder) = task() {
        mount(&["-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs"], &folder);
        let store = open(&folder);
        publish(&store, 1, HOUR).await;
        drop(store);
        mount(&["-o", "remount,ro"], &folder);
        let error = FileStore::open(&folder, keys()).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::ReadOnly, "{error}");
        return say("done");
    }
    let (_temporary, folder) = new_folder();
    fs::create_dir(&folder).unwrap();
    let Some(mut process) = in_namespaces("folder::a_read_only_file_system_is_said_to_be_read_only", &folder, &[])
    else {
        return;
    };
    assert_eq!(process.hear().as_deref(), Some("done"));
    process.end();
}

#[test]
fn a_folder_in_which_the_user_may_create_nothing_is_refused() {
    const NOBODY: u32 = 65_534;
    let test = "folder::a_folder_in_which_the_user_may_create_nothing_is_refused";
    let check = |folder: &Path| {
        let error = FileStore::open(folder, keys()).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Denied, "{error}");
        let error = FileStore::open(folder.join("another"), keys()).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Denied, "{error}");
    };
    if let Some(folder) = task() {
        check(&folder);
        return say("done");
    }
    let (temporary, folder) = new_folder();
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o500)).unwrap();
    if !rustix::process::geteuid().is_root() {
        return check(&folder);
    }
    // Root may do everything, so another user has to try.
    for path in [temporary.path(), &folder] {
        chown(path, Some(NOBODY), None).unwrap();
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--clear-groups", "--inh-caps=-all", "--"]).arg(std::env::current_exe().unwrap());
    let probe = Command::new(command.get_program()).args(command.get_args()).arg("--list").output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return eprintln!("skipped: another user cannot run this test");
    }
    let mut process = Process::start_with(command, test, &folder);
    assert_eq!(process.hear().as_deref(), Some("done"));
    process.end();
}

#[tokio::test]
async fn a_process_with_another_clock_shares_nothing_and_disturbs_nothing() {
    if let Some(folder) = task() {
        let store = open(&folder);
        assert!(store.get(&name(1)).await.unwrap().is_none(), "its age cannot be told");
        publish(&store, 1, HOUR).await;
        say("published");
        listen();
        assert!(store.get(&name(1)).await.unwrap().is_some());
        return say("done");
    }
    let (_temporary, folder) = new_folder();
    let store = open(&folder);
    let generation = publish(&store, 1, HOUR).await;
    let test = "folder::a_process_with_another_clock_shares_nothing_and_disturbs_nothing";
    let Some(mut process) = in_namespaces(test, &folder, &["--time", "--boottime", "7200"]) else { return };
    assert_eq!(process.hear().as_deref(), Some("published"));
    assert_eq!(store.get(&name(1)).await.unwrap().unwrap().generation, generation);
    // The entries of a clock that is in use are not removed.
    open(&folder);
    process.tell("go on");
    assert_eq!(process.hear().as_deref(), Some("done"));
    process.end();
}

#[tokio::test]
async fn what_an_earlier_run_of_the_system_left_is_removed() {
    let (_temporary, folder) = new_folder();
    let store = open(&folder);
    publish(&store, 1, HOUR).await;
    let [current] = &fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()[..] else {
        panic!("one folder for this run")
    };
    let earlier = folder.join("boot-00000000-0000-0000-0000-000000000000-1");
    assert!(Command::new("cp").arg("-r").args([current, &earlier]).status().unwrap().success());
    fs::write(folder.join("of another program"), "").unwrap();
    open(&folder);
    assert!(!earlier.exists());
    assert!(folder.join("of another program").exists());
    assert!(store.get(&name(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_folder_that_is_removed_or_replaced_while_it_is_used_is_created_again() {
    let (temporary, folder) = new_folder();
    let (one, other) = (open(&folder), open(&folder));
    let mut generation = publish(&one, 1, HOUR).await;
    for round in 0..3 {
        if round == 1 {
            fs::rename(&folder, temporary.path().join("moved away")).unwrap();
        } else {
            fs::remove_dir_all(&folder).unwrap();
        }
        assert!(other.get(&name(1)).await.unwrap().is_none(), "round {round}");
        let later = publish(&one, 1, HOUR).await;
        assert!(later > generation, "round {round}: {later:?} after {generation:?}");
        generation = later;
        assert_eq!(other.get(&name(1)).await.unwrap().unwrap().generation, generation, "they meet again");
        let grant = granted(&one, &name(2), Seen::Nothing, HOUR).await;
        let lease = other.lease(&name(2), owner(), Seen::Nothing, HOUR).await.unwrap();
        assert!(matches!(lease, Lease::Held(_)), "round {round}: {lease:?}");
        one.release(&name(2), grant.owner).await.unwrap();
    }
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "a file").unwrap();
    let error = one.get(&name(1)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Configuration, "{error}");
}

#[tokio::test]
async fn a_lease_is_held_although_a_program_that_cleans_up_has_removed_files() {
    let (_temporary, folder) = new_folder();
    let (one, other) = (open(&folder), open(&folder));
    publish(&one, 1, HOUR).await;
    // Nobody uses files that were not changed for long, such a program supposes.
    for path in tree(&folder).iter().filter(|path| path.is_file()) {
        fs::remove_file(path).unwrap();
    }
    for round in 0..100 {
        let name = name(round + 2);
        let leases = tokio::join!(
            one.lease(&name, owner(), Seen::Nothing, HOUR),
            other.lease(&name, owner(), Seen::Nothing, HOUR),
        );
        let leases = [leases.0.unwrap(), leases.1.unwrap()];
        assert_eq!(leases.iter().filter(|lease| matches!(lease, Lease::Granted(_))).count(), 1, "{leases:?}");
    }
}

#[tokio::test]
async fn bytes_that_are_not_an_entry_are_absent_and_overwritten() {
    let (_temporary, folder) = new_folder();
    let store = open(&folder);
    let mut generation = publish(&store, 1, HOUR).await;
    let path = tree(&folder).into_iter().find(|path| path.ends_with(name(1).to_string())).unwrap();
    let whole = fs::read(&path).unwrap();
    let mut changed = whole.clone();
    changed[20] ^= 1;
    for (case, bytes) in [
        ("empty", Vec::new()),
        ("a half", whole[..whole.len() / 2].to_vec()),
        ("a changed bit", changed),
        ("too long", vec![0; 1 << 21]),
    ] {
        fs::write(&path, bytes).unwrap();
        assert!(store.get(&name(1)).await.unwrap().is_none(), "{case}");
        let later = publish(&store, 1, HOUR).await;
        assert!(later > generation, "{case}");
        generation = later;
    }
    fs::remove_file(&path).unwrap();
    symlink("/etc/passwd", &path).unwrap();
    assert!(store.get(&name(1)).await.unwrap().is_none());
    publish(&store, 1, HOUR).await;
    assert!(fs::symlink_metadata(&path).unwrap().is_file(), "the link was replaced, not its target");
}

#[tokio::test]
async fn expired_entries_are_removed_by_and_by() {
    let (_temporary, folder) = new_folder();
    let store = open(&folder);
    let mut most = 0;
    for number in 0..4_000 {
        let lifetime = if number % 100 == 0 { HOUR } else { Duration::from_millis(20) };
        publish(&store, number, lifetime).await;
        if number % 500 == 0 {
            most = most.max(tree(&folder).len());
        }
    }
    assert!(most < 2_000, "{most} files");
    for number in (0..4_000).step_by(100) {
        assert!(store.get(&name(number)).await.unwrap().is_some(), "{number}");
    }
}

#[tokio::test]
async fn thousands_of_leases_need_no_more_files() {
    let (_temporary, folder) = new_folder();
    let (store, other) = (open(&folder), open(&folder));
    let descriptors = || {
        let targets = fs::read_dir("/proc/self/fd").unwrap().flatten().filter_map(|fd| fs::read_link(fd.path()).ok());
        targets.filter(|target| target.starts_with(&folder)).count()
    };
    let before = descriptors();
    for number in 0..3_000 {
        granted(&store, &name(number), Seen::Nothing, HOUR).await;
    }
    assert_eq!(descriptors(), before);
    assert_eq!(before, 2 * 4, "two stores");
    let lease = other.lease(&name(2_999), owner(), Seen::Nothing, HOUR).await.unwrap();
    assert!(matches!(lease, Lease::Held(_)), "{lease:?}");
    drop(store);
    granted(&other, &name(2_999), Seen::Nothing, HOUR).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_was_stopped_with_a_lock_hinders_no_reader_and_no_one_for_long() {
    let (_temporary, folder) = new_folder();
    let store = open(&folder);
    let generation = publish(&store, 1, HOUR).await;
    let seen = Seen::Entry(generation);
    let lock = tree(&folder).into_iter().find(|path| path.ends_with("lock")).unwrap();
    let lock = fs::File::open(lock).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    assert_eq!(store.get(&name(1)).await.unwrap().unwrap().generation, generation);
    let (name, other) = (name(1), name(2));
    let given_up = store.lease(&name, owner(), seen, HOUR);
    tokio::time::timeout(Duration::from_millis(20), given_up).await.unwrap_err();
    flock(&lock, FlockOperation::Unlock).unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let grant = granted(&store, &name, seen, HOUR).await;
    store.release(&name, grant.owner).await.unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    let error = store.lease(&name, owner(), seen, HOUR).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Timeout, "{error}");
    granted(&store, &other, Seen::Nothing, HOUR).await;
    flock(&lock, FlockOperation::Unlock).unwrap();
    granted(&store, &name, seen, HOUR).await;
}

#[tokio::test]
async fn the_files_of_a_store_that_was_closed_do_not_remain() {
    let (_temporary, folder) = new_folder();
    let store = open(&folder);
    let processes = || tree(&folder).iter().filter(|path| path.parent().unwrap().ends_with("processes")).count();
    assert_eq!(processes(), 1);
    let grant = granted(&store, &name(1), Seen::Nothing, HOUR).await;
    let files = tree(&folder).len();
    store.release(&name(1), grant.owner).await.unwrap();
    assert_eq!(tree(&folder).len(), files - 1, "a file without an entry and a lease");
    drop(store);
    eventually("the file of the process is still there", async || processes() == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_is_opened_while_others_clean_up() {
    let (_temporary, folder) = new_folder();
    let writers: Vec<_> = (0..3)
        .map(|number| {
            let store = open(&folder);
            tokio::spawn(async move {
                loop {
                    let grant = granted(&store, &name(number), Seen::Nothing, HOUR).await;
                    store.release(&name(number), grant.owner).await.unwrap();
                }
            })
        })
        .collect();
    let openers = (0..4).map(|_| {
        let folder = folder.clone();
        tokio::task::spawn_blocking(move || (0..1_000).for_each(|_| drop(open(&folder))))
    });
    for opener in openers.collect::<Vec<_>>() {
        opener.await.unwrap();
    }
    for writer in writers {
        assert!(!writer.is_finished());
        writer.abort();
    }
}
