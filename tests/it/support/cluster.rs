//! A PostgreSQL server of one's own, to be stopped, frozen, copied and replaced; the one that
//! `.ci/with-postgres` starts is for all tests.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A server on 127.0.0.1, gone when it is dropped.
pub struct Cluster {
    folder: TempDir,
    port: u16,
}

/// How a server is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// As a crash: nothing is written any more.
    Immediate,
    /// Its connections are ended, and what is committed is written.
    Fast,
}

/// The folder of PostgreSQL's programs, where `.ci/with-postgres` looks for it too.
fn programs() -> PathBuf {
    let folders = ["/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt"];
    let mut found: Vec<PathBuf> = folders
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .chain([PathBuf::from("/usr/local/pgsql/bin")])
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    found.extend(std::env::split_paths(&on_path).filter(|bin| bin.join("initdb").exists()));
    found.into_iter().next().expect("PostgreSQL's initdb; make tools installs it")
}

/// Who runs it: PostgreSQL refuses to run as root.
fn nobody() -> (u32, u32) {
    let passwords = std::fs::read_to_string("/etc/passwd").expect("a list of users");
    let line = passwords.lines().find(|line| line.starts_with("nobody:")).expect("nobody");
    let mut numbers = line.split(':').skip(2).map(|part| part.parse().expect("a number"));
    (numbers.next().expect("a user"), numbers.next().expect("a group"))
}

impl Cluster {
    /// A folder for one, owned by who runs it.
    fn bare() -> Self {
        let folder = tempfile::Builder::new().prefix("onevisit-cluster.").tempdir();
        let folder = folder.expect("a folder");
        let is_root = std::fs::metadata(folder.path()).expect("its owner").uid() == 0;
        if is_root {
            let (user, group) = nobody();
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).expect("given away");
        }
        let port = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = port.local_addr().expect("its number").port();
        Self { folder, port }
    }

    /// One of PostgreSQL's programs, as the user who owns the cluster.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(programs().join(name));
        let owner = std::fs::metadata(self.folder.path()).expect("its owner");
        command.uid(owner.uid()).gid(owner.gid());
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, name: &str, args: &[&dyn AsRef<OsStr>]) {
        let mut command = self.program(name);
        args.iter().for_each(|arg| {
            command.arg(arg);
        });
        // the server keeps what its starter's output goes to: a file, for a pipe would never end
        let output = self.folder.path().join("output");
        let file = std::fs::File::create(&output).expect("a file");
        let status = command.stdout(file.try_clone().expect("twice")).stderr(file).status();
        let output = std::fs::read_to_string(output).unwrap_or_default();
        assert!(status.expect("it runs").success(), "{name}: {output}");
    }

    /// Its data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// An empty one, started.
    pub fn new() -> Self {
        let cluster = Self::bare();
        let data = cluster.data();
        cluster.run(
            "initdb",
            &[&"-D", &data, &"-U", &"onevisit", &"-A", &"trust", &"-E", &"UTF8", &"--no-sync"],
        );
        cluster.start();
        cluster
    }

    /// A copy of a stopped one's data, started.
    pub fn copy_of(data: &Path) -> Self {
        let cluster = Self::bare();
        let own = cluster.data();
        let copied = Command::new("cp").arg("-a").arg(data).arg(&own).status().expect("cp runs");
        assert!(copied.success(), "{} is copied", data.display());
        let owner = std::fs::metadata(cluster.folder.path()).expect("its owner");
        let owner = format!("{}:{}", owner.uid(), owner.gid());
        let given = Command::new("chown").args(["-R", &owner]).arg(&own).status();
        assert!(given.expect("chown runs").success());
        cluster.start();
        cluster
    }

    /// A standby that follows `primary`, started.
    pub fn standby_of(primary: &Self) -> Self {
        let cluster = Self::bare();
        let from = format!("host=127.0.0.1 port={} user=onevisit", primary.port);
        let data = cluster.data();
        cluster.run(
            "pg_basebackup",
            &[&"-D", &data, &"-d", &from, &"-R", &"-c", &"fast", &"--no-sync"],
        );
        cluster.start();
        cluster
    }

    /// Starts it and waits until it answers.
    pub fn start(&self) {
        let home = self.folder.path().display().to_string();
        // as .ci/with-postgres has it: what a test keeps may be lost with the machine
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={home} \
             -c fsync=off -c full_page_writes=off -c max_connections=200",
            self.port
        );
        let log = self.folder.path().join("log");
        self.run("pg_ctl", &[&"-D", &self.data(), &"-w", &"-l", &log, &"-o", &options, &"start"]);
    }

    /// Stops it and waits until it has ended.
    pub fn stop(&self, how: Stop) {
        let how = match how {
            Stop::Immediate => "immediate",
            Stop::Fast => "fast",
        };
        self.run("pg_ctl", &[&"-D", &self.data(), &"-w", &"-m", &how, &"stop"]);
    }

    /// Makes a standby the one that is written to.
    pub fn promote(&self) {
        self.run("pg_ctl", &[&"-D", &self.data(), &"-w", &"promote"]);
    }

    /// Its processes.
    fn processes(&self) -> Vec<String> {
        let first = std::fs::read_to_string(self.data().join("postmaster.pid"));
        let first = first.expect("it runs").lines().next().expect("a number").trim().to_owned();
        let children = Command::new("pgrep").args(["-P", &first]).output().expect("pgrep runs");
        let children = String::from_utf8(children.stdout).expect("numbers");
        std::iter::once(first).chain(children.split_whitespace().map(str::to_owned)).collect()
    }

    fn signal(&self, signal: &str) {
        // one that has ended since it was listed is none of our concern
        let _ =
            Command::new("kill").arg(signal).args(self.processes()).status().expect("kill runs");
    }

    /// Stops all its processes where they are; connections stay, and nothing answers.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Host and port.
    pub fn place(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://onevisit@{}/{database}", self.place())
    }

    /// Runs statements as its administrator, in a database.
    pub fn execute(&self, database: &str, statements: &[&str]) {
        let mut connection = PgConnection::establish(&self.url(database)).expect("it answers");
        for statement in statements {
            let done = connection.batch_execute(statement);
            done.unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
    }

    /// Answers commits only when a standby has them too, and waits until one follows.
    pub fn follow_closely(&self) {
        let set = "ALTER SYSTEM SET synchronous_standby_names = '*'";
        self.execute("postgres", &[set, "SELECT pg_reload_conf()"]);
        let mut connection = PgConnection::establish(&self.url("postgres")).expect("it answers");
        let deadline = Instant::now() + Duration::from_secs(30);
        let query = "DO $$ BEGIN ASSERT (SELECT COUNT(*) FROM pg_stat_replication
            WHERE sync_state = 'sync') = 1; END $$";
        while connection.batch_execute(query).is_err() {
            assert!(Instant::now() < deadline, "a standby follows");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whether transactions begin as reading ones, as after a fail-over to a server that is read.
    pub fn read_only(&self, is_read_only: bool) {
        let set = match is_read_only {
            true => "ALTER SYSTEM SET default_transaction_read_only = on",
            false => "ALTER SYSTEM RESET default_transaction_read_only",
        };
        self.execute("postgres", &[set, "SELECT pg_reload_conf()"]);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.data().join("postmaster.pid").exists() {
            return;
        }
        self.thaw();
        let mut command = self.program("pg_ctl");
        command.arg("-D").arg(self.data()).args(["-w", "-m", "immediate", "stop"]);
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}
