//! A broker that a test may take away and bring back: its own node, killed and started again, or, in front of the one named in the environment, a way to it that is cut.

use std::net::SocketAddr;

use lienthong_simulators::broker::{ANOTHER, Broker};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Whatever can be taken away.
pub(super) enum Mortal {
    Node(Box<Broker>),
    Way(Way),
}

/// A port of our own that leads to somebody else's broker.
pub(super) struct Way {
    url: String,
    here: SocketAddr,
    there: SocketAddr,
    serving: Option<JoinHandle<()>>,
}

impl Mortal {
    pub(super) async fn start() -> Self {
        match std::env::var(ANOTHER) {
            Ok(url) => Self::Way(Way::to(&url).await),
            Err(_) => Self::Node(Box::new(Broker::start().await.unwrap())),
        }
    }

    pub(super) fn url(&self) -> String {
        match self {
            Self::Node(broker) => broker.url(),
            Self::Way(way) => way.url.clone(),
        }
    }

    /// At once and without a word.
    pub(super) async fn kill(&mut self) {
        match self {
            Self::Node(broker) => broker.kill().unwrap(),
            Self::Way(way) => way.cut().await,
        }
    }

    /// In order, where that is in our hands.
    pub(super) async fn stop(&mut self) {
        match self {
            Self::Node(broker) => broker.stop().await.unwrap(),
            Self::Way(way) => way.cut().await,
        }
    }

    /// There again, with all it had.
    pub(super) async fn restart(&mut self) {
        match self {
            Self::Node(broker) => broker.restart().await.unwrap(),
            Self::Way(way) => way.serve().await,
        }
    }
}

impl Way {
    async fn to(url: &str) -> Self {
        let at = url.rfind('@').map_or_else(|| url.find("://").unwrap() + 3, |at| at + 1);
        let (before, rest) = url.split_at(at);
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        assert!(url.starts_with("amqp://"), "{ANOTHER} names a broker without encryption");
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:5672") };
        let there = tokio::net::lookup_host(&host).await.unwrap().next().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let mut way = Self { url: format!("{before}{free}{path}"), here: free, there, serving: None };
        way.serve().await;
        way
    }

    async fn serve(&mut self) {
        self.cut().await;
        let listener = TcpListener::bind(self.here).await.unwrap();
        let there = self.there;
        self.serving = Some(tokio::spawn(async move {
            // Its connections end with it.
            let mut ways = tokio::task::JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                ways.spawn(async move {
                    let mut far = TcpStream::connect(there).await?;
                    tokio::io::copy_bidirectional(&mut near, &mut far).await
                });
            }
        }));
    }

    async fn cut(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            let _ended = serving.await;
        }
    }
}
