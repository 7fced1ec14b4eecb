//! Scripts that may lie beside the project: another checker, other solvers, other records. The
//! suite does without them.

use std::path::Path;
use std::process::{Command, Stdio};

const FOLDER: &str = "../shared/tools";

/// The script run by `python3`; the error says what is missing.
pub fn python(script: &str) -> Result<Command, String> {
    python_of("python3", script)
}

/// The same with a Python of one's own.
pub fn python_of(python: &str, script: &str) -> Result<Command, String> {
    let path = Path::new(FOLDER).join(script);
    if !path.is_file() {
        return Err(format!("{} is not here", path.display()));
    }
    if !can(python, &["--version"]) {
        return Err("Python is not here".into());
    }
    let mut command = Command::new(python);
    command.arg(path);
    Ok(command)
}

/// Whether Python does this without complaint.
pub fn can(python: &str, args: &[&str]) -> bool {
    let mut command = Command::new(python);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
