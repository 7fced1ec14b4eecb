//! Other programs, run to their end, with their memory watched.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The program that is measured.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_onevisit");

/// Time between two looks at a program.
const TICK: Duration = Duration::from_millis(20);

/// How a program ended.
pub struct Ended {
    pub is_success: bool,
    pub seconds: f64,
    /// Most memory it held at once, where the system reports it.
    pub memory_mib: Option<u64>,
}

/// Runs a command, its standard output to a file, and ends it when its time is up.
pub fn run(command: &mut Command, out: &Path, limit: Duration) -> Result<Ended, String> {
    let file = File::create(out).map_err(|error| error.to_string())?;
    let started = Instant::now();
    let spawned = command.stdin(Stdio::null()).stdout(file).spawn();
    let mut child = spawned.map_err(|error| format!("it cannot be started: {error}"))?;
    let mut memory_kib = None;
    loop {
        // the last look is at most a tick before the end
        memory_kib = peak_kib(&child).or(memory_kib);
        let ended = child.try_wait().map_err(|error| error.to_string())?;
        let seconds = started.elapsed().as_secs_f64();
        if let Some(status) = ended {
            let memory_mib = memory_kib.map(|kib: u64| kib.div_ceil(1024));
            return Ok(Ended { is_success: status.success(), seconds, memory_mib });
        }
        if started.elapsed() > limit {
            // it may have ended meanwhile, which is as good
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("it was ended after {} s", limit.as_secs()));
        }
        sleep(TICK);
    }
}

/// The high-water mark of a program's memory; `None` once it has ended, and where there is no
/// `/proc`.
fn peak_kib(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
