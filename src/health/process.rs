//! What the system says of this process.

use rustix::time::{ClockId, clock_gettime};

/// Memory that is in use, in bytes; none where the system does not say it cheaply.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    resident_in(&status)
}

fn resident_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The time that processors have worked for it since it began, in seconds.
pub fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes_and_absent_when_it_is_not_said() {
        assert_eq!(resident_in("VmHWM:\t  30 kB\nVmRSS:\t    20480 kB\nRssAnon: 1 kB\n"), Some(20_971_520));
        assert_eq!(resident_in("VmHWM:\t  30 kB\n"), None);
    }

    #[test]
    fn work_takes_time() {
        let before = cpu_seconds();
        assert!(before > 0.0 && cpu_seconds() >= before);
    }
}
