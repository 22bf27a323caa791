//! What kind of file system a folder lies on.

use std::path::Path;

/// The name of the network file system that holds `dir`; none for a local one, or where it cannot be told.
#[cfg(target_os = "linux")]
pub fn remote_kind(dir: &Path) -> Option<&'static str> {
    // The field's type differs from one architecture to the next; the numbers are 32 bits wide.
    kind_of(rustix::fs::statfs(dir).ok()?.f_type as u32)
}

/// Elsewhere the numbers mean other things.
#[cfg(not(target_os = "linux"))]
pub fn remote_kind(_: &Path) -> Option<&'static str> {
    None
}

/// The name of the file system that holds `dir`, when what lies on it goes with the container or with the next start
/// of the machine.
#[cfg(target_os = "linux")]
pub fn fleeting_kind(dir: &Path) -> Option<&'static str> {
    fleeting(rustix::fs::statfs(dir).ok()?.f_type as u32)
}

/// Elsewhere the numbers mean other things.
#[cfg(not(target_os = "linux"))]
pub fn fleeting_kind(_: &Path) -> Option<&'static str> {
    None
}

#[cfg(target_os = "linux")]
const fn fleeting(magic: u32) -> Option<&'static str> {
    match magic {
        0x0102_1994 => Some("tmpfs"),
        0x8584_58f6 => Some("ramfs"),
        0x794c_7630 => Some("overlay"),
        _ => None,
    }
}

#[cfg(target_os = "linux")]
fn kind_of(magic: u32) -> Option<&'static str> {
    match magic {
        0x6969 => Some("NFS"),
        0xff53_4d42 => Some("CIFS"),
        0xfe53_4d42 => Some("SMB2"),
        0x517b => Some("SMB"),
        0x0102_1997 => Some("9p"),
        0x6573_5546 => Some("FUSE"),
        0x00c3_6400 => Some("Ceph"),
        0x5346_414f => Some("AFS"),
        _ => None,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_number() {
        assert_eq!(kind_of(0x6969), Some("NFS"));
        assert_eq!(kind_of(0x0102_1994), None, "tmpfs is local");
        assert_eq!(kind_of(0xef53), None, "ext4 is local");
        assert_eq!([0x0102_1994, 0x794c_7630].map(fleeting), [Some("tmpfs"), Some("overlay")]);
        assert_eq!([0xef53, 0x6969].map(fleeting), [None, None]);
        assert_eq!(remote_kind(Path::new("/proc")), None);
        assert_eq!(remote_kind(Path::new("/nowhere/at/all")), None);
    }
}
