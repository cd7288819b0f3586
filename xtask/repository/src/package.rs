//! The package of a crate, as `cargo publish` uploads it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use diagnostics::{Problem, Result};
use flate2::read::GzDecoder;
use serde_json::Value;
use tar::Archive;

use crate::workspace::Workspace;
use crate::{command, files, metadata};

/// Packages a crate in the target folder.
///
/// # Errors
///
/// Fails if cargo cannot package the crate, or if the package cannot be read.
pub fn pack(workspace: &Workspace, name: &str) -> Result<()> {
    let mut command = command::cargo(workspace);
    command.args(["package", "--quiet", "--no-verify", "--exclude-lockfile", "--allow-dirty", "--locked"]);
    command::run(command.args(["-p", name]))
}

/// Returns the files of a crate's package, by their path in it.
///
/// # Errors
///
/// Fails if the workspace has no published crate of this name, or if it cannot be packaged.
pub fn files(workspace: &Workspace, name: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let metadata = metadata::read(workspace)?;
    let package = metadata::published(&metadata).into_iter().find(|package| metadata::name(package) == name);
    let package = package.ok_or_else(|| {
        Problem::new(format!("the workspace has no crate `{name}`"))
            .file(workspace.root().display().to_string())
            .remedy("name the root of the generator's workspace with `--root DIR`")
    })?;
    pack(workspace, name)?;
    let target = Path::new(metadata["target_directory"].as_str().unwrap_or("target"));
    let file = target.join("package").join(format!("{}.crate", stem(package)));
    let shown = file.display().to_string();
    Ok(read(&file).map_err(|error| files::cannot_read(&format!("the package of {name}"), shown, &error))?)
}

fn read(file: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut archive = Archive::new(GzDecoder::new(File::open(file)?));
    let mut files = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        // All files are in a folder with the name of the package.
        let path = entry.path()?.iter().skip(1).map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.push((path, bytes));
    }
    Ok(files)
}

/// The name of the package's file and folder: `auth-core-0.1.0`.
pub fn stem(package: &Value) -> String {
    format!("{}-{}", metadata::name(package), package["version"].as_str().unwrap_or_default())
}

/// Unpacks a package into a folder.
///
/// # Errors
///
/// Fails if the package cannot be read or a file cannot be written.
pub fn unpack(file: &Path, folder: &Path) -> io::Result<()> {
    let mut archive = Archive::new(GzDecoder::new(File::open(file)?));
    // All files in packages have the same date in 2006; cargo would take the build of an earlier package for current.
    archive.set_preserve_mtime(false);
    archive.unpack(folder)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn an_unpacked_package_has_its_files_with_new_dates() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a-0.1.0.crate");
        let mut archive = tar::Builder::new(GzEncoder::new(File::create(&file).expect("created"), Compression::fast()));
        let mut header = tar::Header::new_gnu();
        header.set_size(2);
        header.set_mtime(1_153_704_088);
        archive.append_data(&mut header, "a-0.1.0/src/lib.rs", &b"//"[..]).expect("added");
        archive.into_inner().and_then(GzEncoder::finish).expect("written");
        unpack(&file, &folder.path().join("out")).expect("unpacked");
        let source = folder.path().join("out/a-0.1.0/src/lib.rs");
        assert_eq!(fs::read(&source).expect("it is there"), b"//");
        let modified = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).expect("a time");
        assert!(modified(&source) >= modified(&folder.path().join("out")), "the file is as new as its folder");
    }
}
