//! The program: parse arguments, run, turn the outcome into an exit code.

/// Planning makes and drops millions of small lists on all threads, which the system's allocator
/// serves slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    onevisit::cli::run()
}
