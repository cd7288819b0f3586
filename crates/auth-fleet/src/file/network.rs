//! File systems that other hosts write to as well.

use std::os::fd::BorrowedFd;

use rustix::io::Errno;

/// The name of the network file system that this folder is on; nothing if the folder is on a local one.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn network_file_system(folder: BorrowedFd<'_>) -> Result<Option<String>, Errno> {
    let kind = rustix::fs::fstatfs(folder)?.f_type;
    let device = rustix::fs::fstat(folder)?.st_dev;
    let device = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "all numbers have 32 bits")]
    let kind = kind as u32;
    Ok(by_number(kind, || mounted_as(&std::fs::read_to_string("/proc/self/mountinfo").ok()?, &device)))
}

#[cfg(target_vendor = "apple")]
pub(super) fn network_file_system(folder: BorrowedFd<'_>) -> Result<Option<String>, Errno> {
    const MNT_LOCAL: u32 = 0x1000;
    let is_local = rustix::fs::fstatfs(folder)?.f_flags & MNT_LOCAL != 0;
    Ok((!is_local).then(|| "a file system of another host".to_owned()))
}

/// The network file systems of Linux, by the number that `statfs` returns: statfs(2), and the sources of those outside of the
/// kernel.
#[cfg_attr(target_vendor = "apple", allow(dead_code))]
const NETWORK: [(u32, &str); 21] = [
    (0x0000_564c, "NCP"),
    (0x0000_6969, "NFS"),
    (0x0000_517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x0102_1997, "9p"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x00c3_6400, "Ceph"),
    (0x7375_7245, "Coda"),
    (0x0116_1970, "GFS2"),
    (0x7461_636f, "OCFS2"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x1983_0326, "BeeGFS"),
    (0x2003_0528, "OrangeFS"),
    (0xaad7_aaea, "PanFS"),
    (0xa501_fcf5, "VxFS"),
    (0x013f_b7cd, "StorNext"),
    (0x786f_4256, "VirtualBox shared folder"),
    (0xbacb_acbc, "VMware shared folder"),
];

#[cfg_attr(target_vendor = "apple", allow(dead_code))]
const FUSE: u32 = 0x6573_5546;

/// File systems in user space that store files in other folders or on a device of this host. All others may be network file
/// systems, such as `fuse.sshfs`.
#[cfg_attr(target_vendor = "apple", allow(dead_code))]
const LOCAL_FUSE: [&str; 9] = [
    "fuse.bindfs",
    "fuse.encfs",
    "fuse.fuse-overlayfs",
    "fuse.gocryptfs",
    "fuse.mergerfs",
    "fuse.ntfs-3g",
    "fuse.securefs",
    "fuse.unionfs",
    "fuseblk",
];

#[cfg_attr(target_vendor = "apple", allow(dead_code))]
fn by_number(kind: u32, mounted_as: impl FnOnce() -> Option<String>) -> Option<String> {
    if kind == FUSE {
        let name = mounted_as().unwrap_or_else(|| "fuse".to_owned());
        return (!LOCAL_FUSE.contains(&name.as_str())).then_some(name);
    }
    NETWORK.iter().find(|(number, _)| *number == kind).map(|(_, name)| (*name).to_owned())
}

/// The type of the file system that is mounted from a device, in the format of proc_pid_mountinfo(5).
#[cfg_attr(target_vendor = "apple", allow(dead_code))]
fn mounted_as(mounts: &str, device: &str) -> Option<String> {
    let line = mounts.lines().find(|line| line.split(' ').nth(2) == Some(device))?;
    let (_, file_system) = line.split_once(" - ")?;
    file_system.split(' ').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_told_from_local_ones() {
        for (case, kind, mounted_as, network) in [
            ("ext4", 0xef53, None, None),
            ("tmpfs", 0x0102_1994, None, None),
            ("btrfs", 0x9123_683e, None, None),
            ("overlay", 0x794c_7630, None, None),
            ("NFS", 0x6969, None, Some("NFS")),
            ("CIFS", 0xff53_4d42, None, Some("CIFS")),
            ("9p", 0x0102_1997, None, Some("9p")),
            ("Ceph", 0x00c3_6400, None, Some("Ceph")),
            ("a local one in user space", FUSE, Some("fuse.gocryptfs"), None),
            ("a network one in user space", FUSE, Some("fuse.sshfs"), Some("fuse.sshfs")),
            ("an unknown one in user space", FUSE, Some("fuse"), Some("fuse")),
            ("one that is not listed", FUSE, None, Some("fuse")),
        ] {
            let found = by_number(kind, || mounted_as.map(str::to_owned));
            assert_eq!(found.as_deref(), network, "{case}");
        }
    }

    #[test]
    fn the_type_of_a_mounted_file_system_is_found_by_its_device() {
        let mounts = "22 27 0:21 / /proc rw,relatime - proc proc rw\n\
                      36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - fuse.sshfs user@host:/ rw,errors=continue\n";
        assert_eq!(mounted_as(mounts, "98:0").as_deref(), Some("fuse.sshfs"));
        assert_eq!(mounted_as(mounts, "0:21").as_deref(), Some("proc"));
        assert_eq!(mounted_as(mounts, "0:2"), None);
        assert_eq!(mounted_as("", "0:2"), None);
    }
}
