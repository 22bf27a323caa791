//! File systems that keep changes made elsewhere to themselves.

use std::path::Path;

/// Names the file system when it does not tell of every change, be it made by another machine or another system.
#[cfg(target_os = "linux")]
pub fn quiet_file_system(path: &Path) -> Option<&'static str> {
    let stat = rustix::fs::statfs(path).ok()?;
    // The numbers have 32 bits, and the field has more on most machines, at times with the sign drawn out.
    named(stat.f_type as u32)
}

/// Names the file system when it does not tell of every change.
#[cfg(not(target_os = "linux"))]
pub fn quiet_file_system(_: &Path) -> Option<&'static str> {
    None
}

/// The numbers are those of `statfs(2)`.
#[cfg(target_os = "linux")]
const fn named(magic: u32) -> Option<&'static str> {
    Some(match magic {
        0x0000_6969 => "NFS",
        0xFF53_4D42 => "CIFS",
        0x0000_517B => "SMB",
        0xFE53_4D42 => "SMB2",
        0x0102_1997 => "9p",
        0x6573_5546 => "FUSE",
        0x00C3_6400 => "Ceph",
        0x786F_4256 => "a VirtualBox shared folder",
        _ => return None,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_numbers() {
        assert_eq!(named(0x6969), Some("NFS"));
        // As an i64 this one is negative or not, depending on the machine.
        assert_eq!([named(0xFF53_4D42_i64 as u32), named(-11_317_950_i64 as u32)], [Some("CIFS"); 2]);
        assert_eq!(named(0xEF53), None);
    }

    #[test]
    fn a_local_file_system_tells_of_everything_and_a_missing_path_is_no_matter() {
        assert_eq!(quiet_file_system(Path::new("/proc")), None);
        assert_eq!(quiet_file_system(Path::new("/no/such/place")), None);
    }
}
