//! A private RabbitMQ of the machine's own `rabbitmq-server`: own ports, own data folder, nothing shared with a broker that runs already. It ends with the process that started it, however that ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use tempfile::TempDir;
use tokio::time::Instant;

/// Names another broker to be used instead of a private one: `amqp://user:password@host:port/vhost`.
pub const ANOTHER: &str = "LIENTHONG_TEST_AMQP";
/// Where the server's own script stands on Debian: the one in the path changes users and insists on the machine's node.
const SCRIPT: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
/// Longest wait for a node to serve.
const START: Duration = Duration::from_secs(120);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// What a client of AMQP 0-9-1 says first.
const GREETING: &[u8] = b"AMQP\x00\x00\x09\x01";
/// Runs a program and kills it when standard input ends: when its owner says so, or is gone. Then it removes `$REMOVES`, once what
/// stood beside it is gone too.
const KEEPER: &str = r#""$@" </dev/null >/dev/null 2>&1 & pid=$!
echo "$pid"; cat >/dev/null; kill -9 "$pid"; wait "$pid" 2>/dev/null
[ -z "$REMOVES" ] || { sleep 0.5; rm -rf "$REMOVES"; }"#;

/// A running private node.
pub struct Broker {
    node: Option<Kept>,
    /// Erlang's name server of this node alone.
    _names: Kept,
    ports: Ports,
    script: PathBuf,
    folder: TempDir,
}

/// What the node and its name server listen on.
#[derive(Debug, Clone, Copy)]
struct Ports {
    amqp: u16,
    encrypted: u16,
    distribution: u16,
    names: u16,
}

/// A program under [`KEEPER`].
struct Kept {
    keeper: Child,
    /// The program's own id.
    pid: u32,
}

impl Kept {
    fn start(program: &Path, command: impl FnOnce(&mut Command)) -> anyhow::Result<Self> {
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(program);
        command(&mut keeper);
        keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = keeper.spawn().context("cannot start sh")?;
        let mut said = String::new();
        let out = keeper.stdout.take().context("the keeper has an output")?;
        BufReader::new(out).read_line(&mut said)?;
        Ok(Self { keeper, pid: said.trim().parse().context("the keeper tells the program's id")? })
    }

    /// SIGKILL to the program; returns when it is gone.
    fn kill(&mut self) -> anyhow::Result<()> {
        drop(self.keeper.stdin.take());
        self.keeper.wait()?;
        Ok(())
    }

    fn is_running(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        // Behind the name in brackets stands the state; one that ended and was not waited for is a Z.
        stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Err(error) = self.kill() {
            tracing::warn!(%error, "a program of the private broker was not ended");
        }
    }
}

impl Broker {
    /// Starts a node on a fresh data folder and waits until it serves.
    ///
    /// # Errors
    /// When the machine has no `rabbitmq-server`, or the node does not come up; the text says what to do.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(None).await
    }

    /// The same, which also speaks TLS with this certificate and key in PEM form.
    pub async fn encrypted(certificate: &str, key: &str) -> anyhow::Result<Self> {
        Self::start_with(Some((certificate, key))).await
    }

    async fn start_with(tls: Option<(&str, &str)>) -> anyhow::Result<Self> {
        let script = script()?;
        let folder = TempDir::with_prefix("lienthong-broker-")?;
        let ports = Ports { amqp: free()?, encrypted: free()?, distribution: free()?, names: free()? };
        write_configuration(folder.path(), ports, tls)?;
        let home = folder.path().to_owned();
        let names = Kept::start(&names_program(), |command| {
            command.args(["-address", "127.0.0.1", "-port", &ports.names.to_string()]);
            command.env("HOME", &home).env("REMOVES", &home);
        })?;
        let mut broker = Self { node: None, _names: names, ports, script, folder };
        broker.restart().await?;
        Ok(broker)
    }

    /// How clients reach it.
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.ports.amqp)
    }

    /// How clients reach it that verify its certificate for `localhost`.
    pub fn encrypted_url(&self) -> String {
        format!("amqps://guest:guest@localhost:{}/%2f", self.ports.encrypted)
    }

    /// SIGKILL: nothing of it runs any more, its data folder stays.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        match self.node.take() {
            Some(mut node) => node.kill(),
            None => Ok(()),
        }
    }

    /// Asks it to end in order, and waits until it has.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(node) = &self.node {
            Command::new("kill").arg("-TERM").arg(node.pid.to_string()).status()?;
            let deadline = Instant::now() + START;
            while node.is_running() && Instant::now() < deadline {
                tokio::time::sleep(LOOK).await;
            }
        }
        self.kill()
    }

    /// Starts it, again on the same data folder, and waits until it serves.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill()?;
        let (folder, ports) = (self.folder.path().to_owned(), self.ports);
        self.node = Some(Kept::start(&self.script, |command| environment(command, &folder, ports))?);
        let deadline = Instant::now() + START;
        while !serves(self.ports.amqp) {
            if !self.node.as_ref().is_some_and(Kept::is_running) || Instant::now() > deadline {
                bail!("the private RabbitMQ did not come up; its log says:\n{}", log(&folder));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}

fn script() -> anyhow::Result<PathBuf> {
    let known = PathBuf::from(SCRIPT);
    if known.exists() {
        return Ok(known);
    }
    in_path("rabbitmq-server").with_context(|| {
        format!(
            "there is no rabbitmq-server: install it (apt-get install rabbitmq-server); most tests can use the broker that {ANOTHER} names instead"
        )
    })
}

fn names_program() -> PathBuf {
    in_path("epmd").unwrap_or_else(|| PathBuf::from("/usr/lib/erlang/bin/epmd"))
}

fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join(program))
        .find(|file| file.exists())
}

/// A port nobody listens on at this moment.
fn free() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn write_configuration(folder: &Path, ports: Ports, tls: Option<(&str, &str)>) -> anyhow::Result<()> {
    let mut configuration = format!(
        "listeners.tcp.1 = 127.0.0.1:{}\nlog.console = false\nlog.file.level = warning\n\
         disk_free_limit.absolute = 50MB\nvm_memory_high_watermark.relative = 0.4\n",
        ports.amqp
    );
    if let Some((certificate, key)) = tls {
        let (to_certificate, to_key) = (folder.join("certificate.pem"), folder.join("key.pem"));
        std::fs::write(&to_certificate, certificate)?;
        std::fs::write(&to_key, key)?;
        configuration += &format!(
            "listeners.ssl.1 = 127.0.0.1:{}\nssl_options.certfile = {}\nssl_options.keyfile = {}\n\
             ssl_options.verify = verify_none\n",
            ports.encrypted,
            to_certificate.display(),
            to_key.display()
        );
    }
    std::fs::write(folder.join("rabbitmq.conf"), configuration)?;
    std::fs::write(folder.join("plugins"), "[].\n")?;
    // The machine's own environment file would name the machine's own node.
    std::fs::write(folder.join("environment"), "")?;
    Ok(())
}

fn environment(command: &mut Command, folder: &Path, ports: Ports) {
    let loopback = "-noinput -start_epmd false -kernel inet_dist_use_interface {127,0,0,1}";
    command
        .current_dir(folder)
        .env("HOME", folder)
        .env("RABBITMQ_NODENAME", format!("lienthong-{}@localhost", ports.amqp))
        .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODE_PORT", ports.amqp.to_string())
        .env("RABBITMQ_DIST_PORT", ports.distribution.to_string())
        .env("RABBITMQ_MNESIA_BASE", folder.join("data"))
        .env("RABBITMQ_LOG_BASE", folder.join("log"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("plugins"))
        .env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq.conf"))
        .env("RABBITMQ_CONF_ENV_FILE", folder.join("environment"))
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        .env("ERL_EPMD_PORT", ports.names.to_string())
        // The script then becomes the node itself, whose death is the node's.
        .env("RABBITMQ_ALLOW_INPUT", "1")
        .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", loopback);
}

/// Whether a broker answers there; one that is still starting accepts and says nothing.
fn serves(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Ok(mut stream) = TcpStream::connect_timeout(&address, LOOK) else { return false };
    let mut first = [0_u8; 1];
    stream.set_read_timeout(Some(Duration::from_secs(1))).is_ok()
        && stream.write_all(GREETING).is_ok()
        && stream.read_exact(&mut first).is_ok()
        && first == [1]
}

fn log(folder: &Path) -> String {
    let read = std::fs::read_dir(folder.join("log")).into_iter().flatten().flatten();
    let texts = read.filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
    texts.collect::<Vec<_>>().join("\n")
}
